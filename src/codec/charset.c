/* SPDX-License-Identifier: MIT */
#include "codec/charset.h"

#include <errno.h>
#include <string.h>

#include <iconv.h>

#define CHUNK 512u

static const char *const names[] = {
    [CHARSET_GB2312] = "GB2312",
    [CHARSET_GBK] = "GBK",
    [CHARSET_GB18030] = "GB18030",
    [CHARSET_UTF8] = "UTF-8",
};

static const struct {
    const char *name;
    enum charset charset;
} aliases[] = {
    { "GB2312", CHARSET_GB2312 },   { "GB-2312", CHARSET_GB2312 },   { "GB_2312-80", CHARSET_GB2312 },
    { "EUC-CN", CHARSET_GB2312 },   { "GBK", CHARSET_GBK },          { "CP936", CHARSET_GBK },
    { "GB18030", CHARSET_GB18030 }, { "GB-18030", CHARSET_GB18030 }, { "UTF-8", CHARSET_UTF8 },
    { "UTF8", CHARSET_UTF8 },       { "US-ASCII", CHARSET_UTF8 },    { "ASCII", CHARSET_UTF8 },
};

const char *charset_name(enum charset c)
{
    return names[c];
}

int charset_parse(struct span name)
{
    name = span_trim(name);
    for (size_t i = 0; i < sizeof(aliases) / sizeof(aliases[0]); i++)
        if (span_case_eq_str(name, aliases[i].name))
            return (int)aliases[i].charset;
    return -EINVAL;
}

/* Length of the valid character at the start (RFC 3629: no surrogates, nothing overlong), or 0. */
static size_t utf8_char(struct span s)
{
    unsigned char c = s.n ? (unsigned char)s.p[0] : 0xff;
    size_t len = c < 0x80 ? 1 : c >= 0xc2 && c < 0xe0 ? 2 : c >= 0xe0 && c < 0xf0 ? 3 : c >= 0xf0 && c < 0xf5 ? 4 : 0;

    if (!len || s.n < len)
        return 0;
    for (size_t i = 1; i < len; i++)
        if (((unsigned char)s.p[i] & 0xc0) != 0x80)
            return 0;
    unsigned char second = len > 1 ? (unsigned char)s.p[1] : 0;
    if ((c == 0xe0 && second < 0xa0) || (c == 0xed && second > 0x9f) || (c == 0xf0 && second < 0x90) ||
        (c == 0xf4 && second > 0x8f))
        return 0;
    return len;
}

bool charset_utf8_valid(struct span s)
{
    while (s.n) {
        size_t n = utf8_char(s);
        if (!n)
            return false;
        s = span_from(s, n);
    }
    return true;
}

/* The assigned cells in rows 1 to 9 of GB 2312, by the first byte. Later rows are complete, except row 55. */
static const struct {
    unsigned char row, from, to;
} symbols[] = {
    { 0xa1, 0xa1, 0xfe }, { 0xa2, 0xb1, 0xe2 }, { 0xa2, 0xe5, 0xee }, { 0xa2, 0xf1, 0xfc }, { 0xa3, 0xa1, 0xfe },
    { 0xa4, 0xa1, 0xf3 }, { 0xa5, 0xa1, 0xf6 }, { 0xa6, 0xa1, 0xb8 }, { 0xa6, 0xc1, 0xd8 }, { 0xa7, 0xa1, 0xc1 },
    { 0xa7, 0xd1, 0xf1 }, { 0xa8, 0xa1, 0xba }, { 0xa8, 0xc5, 0xe9 }, { 0xa9, 0xa4, 0xef },
};

static bool is_gb2312_pair(unsigned char a, unsigned char b)
{
    if (a >= 0xb0 && a <= 0xf7)
        return b >= 0xa1 && b <= (a == 0xd7 ? 0xf9 : 0xfe);
    for (size_t i = 0; i < sizeof(symbols) / sizeof(symbols[0]); i++)
        if (symbols[i].row == a && b >= symbols[i].from && b <= symbols[i].to)
            return true;
    return false;
}

static bool gb2312_valid(struct span s)
{
    while (s.n) {
        const unsigned char *p = (const unsigned char *)s.p;
        size_t n = p[0] < 0x80 ? 1 : s.n > 1 && is_gb2312_pair(p[0], p[1]) ? 2 : 0;
        if (!n)
            return false;
        s = span_from(s, n);
    }
    return true;
}

bool charset_utf8_in_gb(enum charset declared, struct span s)
{
    size_t of_len[5] = { 0 };

    for (struct span rest = s; rest.n;) {
        size_t n = utf8_char(rest);
        if (!n)
            return false;
        of_len[n]++;
        rest = span_from(rest, n);
    }
    if (declared == CHARSET_UTF8 || !of_len[3] || (declared == CHARSET_GB18030 && (of_len[3] < 2 || of_len[2])))
        return false;
    return !gb2312_valid(s);
}

static void copy_utf8(struct span in, struct buf *out)
{
    while (in.n) {
        size_t n = utf8_char(in);
        if (n)
            buf_put(out, in.p, n);
        else
            buf_char(out, '?');
        in = span_from(in, n ? n : 1);
    }
}

/* Whatever cannot be converted becomes '?': one for each byte of GB or character of UTF-8. */
static int convert(const char *to, const char *from, bool from_utf8, struct span in, struct buf *out)
{
    char chunk[CHUNK], *src = (char *)(uintptr_t)in.p;
    size_t left = in.n;
    iconv_t cd = iconv_open(to, from);

    if (cd == (iconv_t)-1)
        return errno == ENOMEM ? -ENOMEM : -ENOSYS;
    while (left && !out->overflow) {
        char *dst = chunk;
        size_t room = sizeof(chunk);
        /* Whether this parameter is const differs between C libraries and libiconv; void * suits both. */
        size_t bad = iconv(cd, (void *)&src, &left, &dst, &room);
        int err = bad == (size_t)-1 ? -errno : 0;

        buf_put(out, chunk, sizeof(chunk) - room);
        if (err == -EILSEQ || err == -EINVAL) {
            size_t skip = from_utf8 ? utf8_char((struct span){ src, left }) : 1;
            skip = skip ? skip : 1;
            src += skip;
            left -= skip;
            buf_char(out, '?');
            iconv(cd, NULL, NULL, NULL, NULL);
        } else if (err && err != -E2BIG) {
            break;
        }
    }
    iconv_close(cd);
    return 0;
}

static bool is_ascii(struct span s)
{
    for (size_t i = 0; i < s.n; i++)
        if ((unsigned char)s.p[i] >= 0x80)
            return false;
    return true;
}

int charset_to_utf8(enum charset from, struct span in, struct buf *out)
{
    if (from == CHARSET_UTF8 || is_ascii(in)) {
        copy_utf8(in, out);
        return 0;
    }
    return convert("UTF-8", "GB18030", false, in, out);
}

int charset_from_utf8(enum charset to, struct span in, struct buf *out)
{
    if (to == CHARSET_UTF8 || is_ascii(in)) {
        copy_utf8(in, out);
        return 0;
    }
    return convert(names[to], "UTF-8", true, in, out);
}
