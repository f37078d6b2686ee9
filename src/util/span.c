/* SPDX-License-Identifier: MIT */
#include "util/span.h"

#include <errno.h>
#include <string.h>

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

struct span span_of(const char *s)
{
    return s ? (struct span){ s, strlen(s) } : (struct span){ "", 0 };
}

struct span span_trim(struct span s)
{
    while (s.n && is_blank(s.p[0])) {
        s.p++;
        s.n--;
    }
    while (s.n && is_blank(s.p[s.n - 1]))
        s.n--;
    return s;
}

struct span span_from(struct span s, size_t offset)
{
    if (offset >= s.n)
        offset = s.n;
    return s.p ? (struct span){ s.p + offset, s.n - offset } : s;
}

bool span_eq(struct span a, struct span b)
{
    return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

bool span_eq_str(struct span a, const char *s)
{
    return span_eq(a, span_of(s));
}

bool span_case_eq(struct span a, struct span b)
{
    if (a.n != b.n)
        return false;
    for (size_t i = 0; i < a.n; i++)
        if (lower(a.p[i]) != lower(b.p[i]))
            return false;
    return true;
}

bool span_case_eq_str(struct span a, const char *s)
{
    return span_case_eq(a, span_of(s));
}

bool span_case_prefix(struct span s, const char *prefix)
{
    struct span want = span_of(prefix);

    if (s.n < want.n)
        return false;
    s.n = want.n;
    return span_case_eq(s, want);
}

size_t span_chr(struct span s, char c)
{
    const char *hit = s.n ? memchr(s.p, c, s.n) : NULL;

    return hit ? (size_t)(hit - s.p) : s.n;
}

bool span_line(struct span *rest, struct span *line)
{
    size_t n;

    if (rest->n == 0)
        return false;
    n = span_chr(*rest, '\n');
    *line = (struct span){ rest->p, n };
    *rest = span_from(*rest, n < rest->n ? n + 1 : n);
    if (line->n && line->p[line->n - 1] == '\r')
        line->n--;
    return true;
}

int span_u64(struct span s, uint64_t max, uint64_t *out)
{
    uint64_t v = 0;

    if (s.n == 0)
        return -EBADMSG;
    for (size_t i = 0; i < s.n; i++)
        if (s.p[i] < '0' || s.p[i] > '9')
            return -EBADMSG;
    for (size_t i = 0; i < s.n; i++) {
        uint64_t digit = (uint64_t)(s.p[i] - '0');

        if (v > (UINT64_MAX - digit) / 10)
            return -ERANGE;
        v = v * 10 + digit;
        if (v > max)
            return -ERANGE;
    }
    *out = v;
    return 0;
}

bool span_copy(struct span s, char *dst, size_t size)
{
    if (size == 0)
        return false;
    if (s.n >= size) {
        dst[0] = 0;
        return false;
    }
    if (s.n)
        memcpy(dst, s.p, s.n);
    dst[s.n] = 0;
    return true;
}

void span_copy_cut(struct span s, char *dst, size_t size)
{
    size_t n = s.n;

    if (n >= size) {
        n = size - 1;
        while (n && ((unsigned char)s.p[n] & 0xC0u) == 0x80u)
            n--;
    }
    if (n)
        memcpy(dst, s.p, n);
    dst[n] = 0;
}
