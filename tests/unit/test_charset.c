/* SPDX-License-Identifier: MIT */
#include "codec/charset.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/chinese_names.h"
#include "tests/unit/support.h"

struct pair {
    enum charset cs;
    const char *bytes, *utf8;
};

/* Code points from the tables of GB 2312, GBK and GB 18030. */
static const struct pair both_ways[] = {
    { CHARSET_GB2312, "plain", "plain" },
    { CHARSET_GB2312, "\xb4\xf3\xc3\xc5", "\xe5\xa4\xa7\xe9\x97\xa8" }, /* da men, gate */
    { CHARSET_GBK, "\xe9\x46", "\xe9\x95\x95" },                        /* U+9555, not in GB 2312 */
    { CHARSET_GB18030, "\x81\x39\xee\x39", "\xe3\x90\x80" },            /* U+3400 */
    { CHARSET_GB18030, "\x94\x39\xfc\x36", "\xf0\x9f\x98\x80" },        /* U+1F600 */
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

/* { charset, input, output } */
static const struct pair from_bytes[] = {
    { CHARSET_GB2312, "\xe9\x46", "\xe9\x95\x95" }, /* all GB charsets are read as GB 18030 */
    { CHARSET_GB2312, "a\xb4", "a?" },              /* half a character at the end */
    { CHARSET_GB2312,
      "\xff"
      "a",
      "?a" },
    { CHARSET_GB2312, "\xb4\xf3\x80 \xc3\xc5", NULL }, /* 0x80: implementations differ, but none loses sync */
    { CHARSET_UTF8, "\xe5\xa4", "??" },
    { CHARSET_UTF8, "\xc0\xafx", "??x" },         /* overlong */
    { CHARSET_UTF8, "\xed\xa0\x80", "???" },      /* a surrogate */
    { CHARSET_UTF8, "\xf4\x90\x80\x80", "????" }, /* above U+10FFFF */
};

static const struct pair to_bytes[] = {
    { CHARSET_GB2312, "?", "\xe9\x95\x95" },
    { CHARSET_GB2312, "a?b",
      "a\xf0\x9f\x98\x80"
      "b" },
    { CHARSET_GBK, "a?b",
      "a\xf0\x9f\x98\x80"
      "b" },
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

/* No pair of bytes consumes the blank after it (a blank is never a trail byte), and the output is always UTF-8. */
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

static bool taken_for_utf8(enum charset declared, const char *bytes)
{
    struct span s = guard_str(bytes);
    bool is = charset_utf8_in_gb(declared, s);

    guard_str_free(s);
    return is;
}

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* No name encoded in `cs` is mistaken for UTF-8. */
static void expect_gb(const char *const *name, size_t n, enum charset cs)
{
    for (size_t i = 0; i < n; i++) {
        char mem[128];
        struct buf b;
        buf_init(&b, mem, sizeof(mem));
        assert_int_equal(charset_from_utf8(cs, span_of(name[i]), &b), 0);
        assert_null(strchr(mem, '?'));
        for (unsigned declared = CHARSET_GB2312; declared <= CHARSET_UTF8; declared++)
            if (taken_for_utf8((enum charset)declared, mem))
                fail_msg("%s in %s mistaken for UTF-8", name[i], charset_name(cs));
    }
}

static void test_gb_stays(void **state)
{
    static const char *const traps[] = {
        "\xc1\xaa\xcd\xa8", /* lian tong: also two-byte characters of UTF-8 */
        "\xd2\xbb\xb6\xfe\xc8\xfd", "plain", "", "<a>1</a>",
        "\xe5\xbb\xa3\xe8\xa5\xbf", /* three pairs of GB 2312 or two characters of UTF-8: the declaration decides */
        "\xe5\xa4\xa7\xd6",         /* not UTF-8 */
    };

    (void)state;
    expect_gb(gb2312_names, COUNT(gb2312_names), CHARSET_GB2312);
    expect_gb(gb2312_names, COUNT(gb2312_names), CHARSET_GB18030);
    expect_gb(gbk_names, COUNT(gbk_names), CHARSET_GBK);
    expect_gb(gbk_names, COUNT(gbk_names), CHARSET_GB18030);
    for (size_t i = 0; i < COUNT(traps); i++)
        for (unsigned declared = CHARSET_GB2312; declared <= CHARSET_UTF8; declared++)
            assert_false(taken_for_utf8((enum charset)declared, traps[i]));
}

static void test_utf8_is_detected(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(gb2312_names) + COUNT(gbk_names); i++) {
        const char *name = i < COUNT(gb2312_names) ? gb2312_names[i] : gbk_names[i - COUNT(gb2312_names)];
        unsigned wide = 0;
        for (const char *p = name; *p; p++)
            wide += (*p & 0xf0) == 0xe0;
        if (!taken_for_utf8(CHARSET_GB2312, name) || !taken_for_utf8(CHARSET_GBK, name))
            fail_msg("%s not detected as UTF-8", name);
        /* a single character may also be GB 18030 */
        assert_int_equal(taken_for_utf8(CHARSET_GB18030, name), wide > 1);
        assert_false(taken_for_utf8(CHARSET_UTF8, name));
    }
    /* with a two-byte character (U+00B0) */
    assert_true(taken_for_utf8(CHARSET_GB2312, "\xe5\xa4\xa7\xe9\x97\xa8 \xc2\xb0"));
    assert_false(taken_for_utf8(CHARSET_GB18030, "\xe5\xa4\xa7\xe9\x97\xa8 \xc2\xb0"));
}

/* Whether this is also GB 2312 depends on the third pair; the expected count is from another decoder (Python's). */
static void test_gb2312_cells(void **state)
{
    unsigned cells = 0;

    (void)state;
    for (unsigned a = 0x80; a < 0xc0; a++) {
        for (unsigned b = 0x80; b < 0xc0; b++) {
            const char s[] = { '\xe5', '\xbb', '\xbf', '\xe5', (char)a, (char)b, '\0' };
            cells += !taken_for_utf8(CHARSET_GB2312, s);
        }
    }
    assert_int_equal(cells, 744);
    assert_true(taken_for_utf8(CHARSET_GB2312, "\xe5\xbb\xbf\xe5\xa6\xb9"));
    assert_false(taken_for_utf8(CHARSET_GB2312, "\xe5\xbb\xbf\xe5\xa6\xb8"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_both_ways),
        cmocka_unit_test(test_one_way),
        cmocka_unit_test(test_long_and_overflow),
        cmocka_unit_test(test_every_pair),
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_gb_stays),
        cmocka_unit_test(test_utf8_is_detected),
        cmocka_unit_test(test_gb2312_cells),
    };
    return cmocka_run_group_tests_name("charset", tests, NULL, NULL);
}
