/* SPDX-License-Identifier: MIT */
#include "codec/charset.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/support.h"

struct pair {
    enum charset cs;
    const char *bytes, *utf8;
};

/* Code points from the tables of GB 2312, GBK and GB 18030. */
static const struct pair both_ways[] = {
    { CHARSET_GB2312, "plain", "plain" },
    { CHARSET_GB2312, "\xb4\xf3\xc3\xc5", "\xe5\xa4\xa7\xe9\x97\xa8" },                 /* da men, gate */
    { CHARSET_GBK, "\xe9\x46", "\xe9\x95\x95" },                                        /* U+9555, not in GB 2312 */
    { CHARSET_GB18030, "\x81\x39\xee\x39", "\xe3\x90\x80" },                            /* U+3400 */
    { CHARSET_GB18030, "\x94\x39\xfc\x36", "\xf0\x9f\x98\x80" },                        /* U+1F600 */
    { CHARSET_UTF8, "\xe5\xa4\xa7 \xf0\x9f\x98\x80", "\xe5\xa4\xa7 \xf0\x9f\x98\x80" },
};

static void test_both_ways(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(both_ways) / sizeof(both_ways[0]); i++) {
        char mem[64];
        struct buf b;
        struct span in = guard_str(both_ways[i].bytes);
        buf_init(&b, mem, sizeof(mem));
        assert_int_equal(charset_to_utf8(both_ways[i].cs, in, &b), 0);
        assert_string_equal(mem, both_ways[i].utf8);
        guard_str_free(in);
        in = guard_str(both_ways[i].utf8);
        buf_reset(&b);
        assert_int_equal(charset_from_utf8(both_ways[i].cs, in, &b), 0);
        assert_string_equal(mem, both_ways[i].bytes);
        guard_str_free(in);
    }
}

/* { charset, what comes in, what goes out } */
static const struct pair from_bytes[] = {
    { CHARSET_GB2312, "\xe9\x46", "\xe9\x95\x95" },             /* GB kinds are all read as GB 18030 */
    { CHARSET_GB2312, "a\xb4", "a?" },                          /* half a character at the end */
    { CHARSET_GB2312, "\xff" "a", "?a" },
    { CHARSET_GB2312, "\xb4\xf3\x80 \xc3\xc5", NULL },          /* 0x80: not the same everywhere, but never lost sync */
    { CHARSET_UTF8, "\xe5\xa4", "??" },
    { CHARSET_UTF8, "\xc0\xafx", "??x" },                       /* overlong */
    { CHARSET_UTF8, "\xed\xa0\x80", "???" },                    /* a surrogate */
    { CHARSET_UTF8, "\xf4\x90\x80\x80", "????" },               /* past U+10FFFF */
};

static const struct pair to_bytes[] = {
    { CHARSET_GB2312, "?", "\xe9\x95\x95" },
    { CHARSET_GB2312, "a?b", "a\xf0\x9f\x98\x80" "b" },
    { CHARSET_GBK, "a?b", "a\xf0\x9f\x98\x80" "b" },
    { CHARSET_GB2312, "\xb4\xf3?\xc3\xc5", "\xe5\xa4\xa7\xff\xe9\x97\xa8" },
    { CHARSET_GB2312, "\xb4\xf3??", "\xe5\xa4\xa7\xe9\x97" },
    { CHARSET_UTF8, "a?", "a\xff" },
};

static void test_one_way(void **state)
{
    char mem[64];
    struct buf b;

    (void)state;
    for (size_t i = 0; i < sizeof(from_bytes) / sizeof(from_bytes[0]); i++) {
        struct span in = guard_str(from_bytes[i].bytes);
        buf_init(&b, mem, sizeof(mem));
        assert_int_equal(charset_to_utf8(from_bytes[i].cs, in, &b), 0);
        assert_true(charset_utf8_valid(buf_view(&b)));
        if (from_bytes[i].utf8)
            assert_string_equal(mem, from_bytes[i].utf8);
        else
            assert_non_null(strstr(mem, "\xe5\xa4\xa7"));
        guard_str_free(in);
    }
    for (size_t i = 0; i < sizeof(to_bytes) / sizeof(to_bytes[0]); i++) {
        struct span in = guard_str(to_bytes[i].utf8);
        buf_init(&b, mem, sizeof(mem));
        assert_int_equal(charset_from_utf8(to_bytes[i].cs, in, &b), 0);
        assert_string_equal(mem, to_bytes[i].bytes);
        guard_str_free(in);
    }
}

static void test_long_and_overflow(void **state)
{
    enum { N = 5000 };
    char *gb = malloc(2 * N), *mem = malloc(3 * N + 1);
    struct buf b;

    (void)state;
    assert_non_null(gb);
    assert_non_null(mem);
    for (int i = 0; i < N; i++)
        memcpy(gb + 2 * i, "\xb4\xf3", 2);
    buf_init(&b, mem, 3 * N + 1);
    assert_int_equal(charset_to_utf8(CHARSET_GB2312, (struct span){ gb, 2 * N }, &b), 0);
    assert_false(b.overflow);
    assert_int_equal(b.len, 3 * N);
    for (int i = 0; i < N; i++)
        assert_memory_equal(mem + 3 * i, "\xe5\xa4\xa7", 3);
    buf_init(&b, mem, 3 * N);
    assert_int_equal(charset_to_utf8(CHARSET_GB2312, (struct span){ gb, 2 * N }, &b), 0);
    assert_true(b.overflow);
    free(gb);
    free(mem);
}

/* Every pair of bytes is read without losing the blank that follows (no trail byte is one), and what comes out is UTF-8. */
static void test_every_pair(void **state)
{
    (void)state;
    for (unsigned v = 0; v < 65536; v += 7) {
        char in[3] = { (char)(v >> 8), (char)v, ' ' }, mem[32];
        struct buf b;
        buf_init(&b, mem, sizeof(mem));
        assert_int_equal(charset_to_utf8(CHARSET_GB18030, (struct span){ in, 3 }, &b), 0);
        assert_true(charset_utf8_valid(buf_view(&b)));
        assert_true(b.len >= 1 && mem[b.len - 1] == ' ');
    }
}

static void test_names(void **state)
{
    (void)state;
    assert_string_equal(charset_name(CHARSET_GB2312), "GB2312");
    assert_string_equal(charset_name(CHARSET_UTF8), "UTF-8");
    assert_int_equal(charset_parse(SPAN_LIT(" gb2312 ")), CHARSET_GB2312);
    assert_int_equal(charset_parse(SPAN_LIT("GB-2312")), CHARSET_GB2312);
    assert_int_equal(charset_parse(SPAN_LIT("gb18030")), CHARSET_GB18030);
    assert_int_equal(charset_parse(SPAN_LIT("Gbk")), CHARSET_GBK);
    assert_int_equal(charset_parse(SPAN_LIT("utf8")), CHARSET_UTF8);
    assert_int_equal(charset_parse(SPAN_LIT("UTF-16")), -EINVAL);
    assert_int_equal(charset_parse(SPAN_LIT("")), -EINVAL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_both_ways), cmocka_unit_test(test_one_way), cmocka_unit_test(test_long_and_overflow),
        cmocka_unit_test(test_every_pair), cmocka_unit_test(test_names),
    };
    return cmocka_run_group_tests_name("charset", tests, NULL, NULL);
}
