/* SPDX-License-Identifier: MIT */
/*
 * Run by tests/cross.sh in an empty chroot: a static program must convert without a single file of its libc.
 * Bytes of GB18030 from the standard's own tables (GB 18030-2005, GB 2312-80), not from a converter.
 */
#include <stdio.h>
#include <string.h>

#include <iconv.h>

static int failed;

static size_t convert(const char *to, const char *from, const char *text, size_t n, char *out, size_t size)
{
    iconv_t cd = iconv_open(to, from);
    if (cd == (iconv_t)-1) {
        printf("iconv_open(%s, %s) fails\n", to, from);
        return 0;
    }
    char in[64], *p = in, *q = out;
    size_t left = n, room = size;
    memcpy(in, text, n);
    if (iconv(cd, &p, &left, &q, &room) == (size_t)-1) {
        printf("%s to %s fails\n", from, to);
        room = size;
    }
    iconv_close(cd);
    return size - room;
}

static void both_ways(const char *charset, const char *gb, const char *utf8)
{
    char out[64];
    size_t n = convert("UTF-8", charset, gb, strlen(gb), out, sizeof out);
    if (n != strlen(utf8) || memcmp(out, utf8, n) != 0) {
        printf("%s is read wrongly: %s\n", charset, utf8);
        failed = 1;
    }
    n = convert(charset, "UTF-8", utf8, strlen(utf8), out, sizeof out);
    if (n != strlen(gb) || memcmp(out, gb, n) != 0) {
        printf("%s is written wrongly: %s\n", charset, utf8);
        failed = 1;
    }
}

int main(void)
{
    both_ways("GB2312", "\xb4\xf3\xc3\xc5", "\xe5\xa4\xa7\xe9\x97\xa8"); /* U+5927 U+95E8 */
    both_ways("GB18030", "\xb4\xf3\xc3\xc5", "\xe5\xa4\xa7\xe9\x97\xa8");
    both_ways("GB18030", "\x81\x39\xee\x39", "\xe3\x90\x80");     /* U+3400, four bytes */
    both_ways("GB18030", "\x95\x32\x82\x36", "\xf0\xa0\x80\x80"); /* U+20000 */
    both_ways("GB18030", "\x90\x30\x81\x30", "\xf0\x90\x80\x80"); /* U+10000 */
    puts(failed ? "GB18030: FAILED" : "GB18030: both ways");
    return failed;
}
