/* SPDX-License-Identifier: MIT */
#include "tests/unit/support.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "util/buf.h"
#include "util/hash.h"
#include "util/heap.h"
#include "util/list.h"
#include "util/log.h"

static void test_span_cuts_and_compares(void **state)
{
    struct span s = guard_str(" \tAbc\r\n");

    (void)state;
    assert_true(span_eq_str(span_trim(s), "Abc"));
    assert_true(span_case_eq_str(span_trim(s), "aBC"));
    assert_false(span_eq_str(span_trim(s), "abc"));
    assert_true(span_case_prefix(span_trim(s), "aB"));
    assert_false(span_case_prefix(span_trim(s), "Abcd"));
    assert_int_equal(span_chr(s, 'b'), 3);
    assert_int_equal(span_chr(s, 'z'), s.n);
    assert_int_equal(span_from(s, 99).n, 0);
    assert_true(span_eq_str(span_from(s, 2), "Abc\r\n"));
    assert_int_equal(span_trim(SPAN_LIT(" \r\n\t")).n, 0);
    assert_int_equal(span_of(NULL).n, 0);
    guard_str_free(s);
}

static void test_span_lines_end_with_lf_or_crlf(void **state)
{
    struct span s = guard_str("a\r\n\nb\nlast"), rest = s, line;

    (void)state;
    assert_true(span_line(&rest, &line) && span_eq_str(line, "a"));
    assert_true(span_line(&rest, &line) && line.n == 0);
    assert_true(span_line(&rest, &line) && span_eq_str(line, "b"));
    assert_true(span_line(&rest, &line) && span_eq_str(line, "last"));
    assert_false(span_line(&rest, &line));
    guard_str_free(s);
}

static void test_span_u64_is_strict(void **state)
{
    static const struct {
        const char *text;
        uint64_t max;
        int err;
        uint64_t value;
    } cases[] = {
        { "0", 10, 0, 0 },
        { "007", 10, 0, 7 },
        { "10", 10, 0, 10 },
        { "11", 10, -ERANGE, 0 },
        { "", 10, -EBADMSG, 0 },
        { "-1", 10, -EBADMSG, 0 },
        { "+5", 10, -EBADMSG, 0 },
        { "0x10", 99, -EBADMSG, 0 },
        { " 1", 10, -EBADMSG, 0 },
        { "1 ", 10, -EBADMSG, 0 },
        { "18446744073709551615", UINT64_MAX, 0, UINT64_MAX },
        { "18446744073709551616", UINT64_MAX, -ERANGE, 0 },
        { "99999999999999999999999", UINT64_MAX, -ERANGE, 0 },
        { "99999999999999999999999x", UINT64_MAX, -EBADMSG, 0 },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct span s = guard_str(cases[i].text);
        uint64_t v = 4711;

        assert_int_equal(span_u64(s, cases[i].max, &v), cases[i].err);
        assert_true(v == (cases[i].err ? 4711 : cases[i].value));
        guard_str_free(s);
    }
}

static void test_span_copy_fits_or_is_empty(void **state)
{
    char out[4] = "xyz";

    (void)state;
    assert_true(span_copy(SPAN_LIT("abc"), out, sizeof(out)));
    assert_string_equal(out, "abc");
    assert_false(span_copy(SPAN_LIT("abcd"), out, sizeof(out)));
    assert_string_equal(out, "");
    assert_false(span_copy(SPAN_LIT("a"), out, 0));
}

static void test_span_copy_cut_keeps_characters_whole(void **state)
{
    static const struct {
        const char *text, *cut;
    } cases[] = {
        { "", "" },
        { "abcdefg", "abcdefg" },
        { "abcdefgh", "abcdefg" },
        { "abcd\u4e2d", "abcd\u4e2d" },
        { "abcde\u4e2d", "abcde" },
        { "abcdef\u4e2d", "abcdef" },
        { "abc\u4e2de\u4e2d", "abc\u4e2de" },
        { "\x80\x80\x80\x80\x80\x80\x80\x80", "" },
    };
    char out[8];

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char *text = guard_copy(cases[i].text, strlen(cases[i].text));

        span_copy_cut((struct span){ text, strlen(cases[i].text) }, out, sizeof(out));
        assert_string_equal(out, cases[i].cut);
        guard_free(text, strlen(cases[i].text));
    }
    span_copy_cut(span_of(NULL), out, sizeof(out));
    assert_string_equal(out, "");
}

static void test_buf_overflow_is_reported(void **state)
{
    char *mem = guard_copy("________", 8);
    struct buf b;

    (void)state;
    buf_init(&b, mem, 8);
    buf_str(&b, "abc");
    buf_printf(&b, "%d", 42);
    buf_char(&b, '!');
    assert_false(b.overflow);
    buf_span(&b, SPAN_LIT("z"));
    assert_false(b.overflow);
    assert_string_equal(mem, "abc42!z");
    buf_char(&b, 'x');
    assert_true(b.overflow);
    buf_str(&b, "");
    assert_true(span_eq_str(buf_view(&b), "abc42!z"));
    buf_reset(&b);
    assert_false(b.overflow);
    buf_printf(&b, "%s", "12345678");
    assert_true(b.overflow);
    assert_string_equal(mem, ""); /* no partial text */
    buf_str(&b, "a");
    assert_int_equal(b.len, 0); /* nothing is written after an overflow */
    guard_free(mem, 8);
}

static void test_hash_bytes_is_siphash_2_4(void **state)
{
    const uint64_t key[2] = { 0x0706050403020100u, 0x0f0e0d0c0b0a0908u };
    static const struct {
        size_t n;
        uint64_t hash;
    } vectors[] = {
        { 0, 0x726fdb47dd0e0e31u }, { 1, 0x74f839c593dc67fdu },  { 7, 0xab0200f58b01d137u },
        { 8, 0x93f5f5799a932462u }, { 15, 0xa129ca6149be45e5u },
    };
    uint8_t in[16];

    (void)state;
    for (uint8_t i = 0; i < 16; i++)
        in[i] = i;
    for (size_t i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++) {
        char *copy = guard_copy(in, vectors[i].n);

        assert_true(hash_bytes(key, copy, vectors[i].n) == vectors[i].hash);
        guard_free(copy, vectors[i].n);
    }
}

struct entry {
    struct hash_node node;
    char key[8];
};

static void test_hash_finds_entries(void **state)
{
    const uint64_t secret[2] = { 1, 2 };
    static struct entry e[500], twin;
    struct hash h;

    (void)state;
    assert_int_equal(hash_init(&h, secret), 0);
    assert_null(hash_find(&h, SPAN_LIT("k1")));
    for (unsigned i = 0; i < 500; i++) {
        struct buf b;

        buf_init(&b, e[i].key, sizeof(e[i].key));
        buf_printf(&b, "k%u", i);
        assert_int_equal(hash_insert(&h, &e[i].node, span_of(e[i].key)), 0);
    }
    assert_int_equal(h.count, 500);
    assert_true(h.nslots >= 500);
    for (unsigned i = 0; i < 500; i++)
        assert_ptr_equal(hash_find(&h, span_of(e[i].key)), &e[i].node);
    assert_int_equal(hash_insert(&h, &twin.node, SPAN_LIT("k7")), 0);
    struct hash_node *one = hash_find(&h, SPAN_LIT("k7")), *two = hash_find_next(one);

    assert_true((one == &twin.node && two == &e[7].node) || (one == &e[7].node && two == &twin.node));
    assert_null(hash_find_next(two));
    hash_remove(&h, &twin.node);
    assert_ptr_equal(hash_find(&h, SPAN_LIT("k7")), &e[7].node);
    for (unsigned i = 0; i < 500; i++)
        hash_remove(&h, &e[i].node);
    assert_int_equal(h.count, 0);
    assert_null(hash_find(&h, SPAN_LIT("k7")));
    hash_free(&h);
}

static void test_hash_survives_failed_growth(void **state)
{
    const uint64_t secret[2] = { 3, 4 };
    static struct entry e[100];
    struct hash h;

    (void)state;
    oom_fail_at(1);
    assert_int_equal(hash_init(&h, secret), -ENOMEM);
    assert_int_equal(hash_insert(&h, &e[0].node, SPAN_LIT("x")), -ENOMEM);
    oom_off();
    assert_int_equal(hash_init(&h, secret), 0);
    oom_fail_at(1);
    for (unsigned i = 0; i < 100; i++) {
        e[i].key[0] = (char)i;
        assert_int_equal(hash_insert(&h, &e[i].node, (struct span){ e[i].key, 1 }), 0);
    }
    oom_off();
    assert_true(oom_hit());
    for (unsigned i = 0; i < 100; i++)
        assert_ptr_equal(hash_find(&h, (struct span){ e[i].key, 1 }), &e[i].node);
    hash_free(&h);
}

static void test_heap_returns_the_earliest(void **state)
{
    static struct heap_node n[200];
    uint64_t seed = 1, last = 0;
    struct heap h;

    (void)state;
    heap_init(&h);
    assert_null(heap_top(&h));
    for (unsigned round = 0; round < 3; round++) /* inserted, moved, moved again */
        for (unsigned i = 0; i < 200; i++) {
            seed = seed * 6364136223846793005u + 1442695040888963407u;
            assert_int_equal(heap_set(&h, &n[i], seed >> 40), 0);
        }
    assert_int_equal(h.count, 200);
    for (unsigned i = 0; i < 50; i++)
        heap_remove(&h, &n[i * 3]);
    heap_remove(&h, &n[0]); /* removing twice is harmless */
    assert_int_equal(h.count, 150);
    while (heap_top(&h)) {
        struct heap_node *top = heap_top(&h);

        assert_true(top->when >= last);
        last = top->when;
        heap_remove(&h, top);
        assert_int_equal(top->pos, 0);
    }
    heap_free(&h);
}

static void test_heap_reserved_room_needs_no_memory(void **state)
{
    static struct heap_node n[20];
    struct heap h;

    (void)state;
    heap_init(&h);
    oom_fail_at(1);
    assert_int_equal(heap_set(&h, &n[0], 5), -ENOMEM);
    assert_int_equal(n[0].pos, 0);
    oom_off();
    assert_int_equal(heap_reserve(&h, 20), 0);
    oom_fail_at(1);
    for (unsigned i = 0; i < 20; i++)
        assert_int_equal(heap_set(&h, &n[i], 20 - i), 0);
    oom_off();
    assert_false(oom_hit());
    assert_ptr_equal(heap_top(&h), &n[19]);
    heap_free(&h);
    assert_int_equal(n[3].pos, 0);
}

static void test_list_keeps_its_order(void **state)
{
    struct list head, a, b, c;
    unsigned n = 0;

    (void)state;
    list_init(&head);
    assert_null(list_first(&head));
    list_append(&head, &a);
    list_append(&head, &c);
    list_insert_after(&a, &b);
    assert_ptr_equal(list_first(&head), &a);
    list_each_safe(it, &head) {
        assert_ptr_equal(it, n == 0 ? &a : n == 1 ? &b : &c);
        list_remove(it);
        n++;
    }
    assert_int_equal(n, 3);
    list_remove(&a);
    assert_true(list_empty(&head));
}

static char logged[4096];
static unsigned logged_lines;

static void sink(enum log_level level, const char *line)
{
    assert_true(level <= LOG_L_TRACE && strlen(line) < sizeof(logged));
    memcpy(logged, line, strlen(line) + 1);
    logged_lines++;
}

static void test_log_escapes_what_could_forge_a_line(void **state)
{
    (void)state;
    log_set_sink(sink);
    log_warn("name %s", "a\r\nroot: \x1b[2J\x7f");
    assert_string_equal(logged, "name a\\x0d\\x0aroot: \\x1b[2J\\x7f");
    log_warn("%s", "大门");
    assert_string_equal(logged, "大门");
    log_warn("%s", "\xc2\x9b \xb4\xf3 \xed\xa0\x80"); /* C1, GB2312, a surrogate */
    assert_string_equal(logged, "\\xc2\\x9b \\xb4\\xf3 \\xed\\xa0\\x80");
    log_warn("%s", "\xe5\xa4");
    assert_string_equal(logged, "\\xe5\\xa4");
    log_set_sink(NULL);
}

static unsigned counted;
static char counted_last[256];

static void count(enum log_level level, const char *line)
{
    (void)level;
    counted++;
    snprintf(counted_last, sizeof(counted_last), "%s", line);
}

/* A flood is limited to 20 lines, then one per second with the number of suppressed lines. */
static void test_log_quoted_escapes_and_cuts(void **state)
{
    char out[LOG_QUOTED_SIZE], five[5];

    (void)state;
    assert_string_equal(log_quoted(out, sizeof(out), span_of("")), "\"\"");
    assert_string_equal(log_quoted(out, sizeof(out), span_of("Busy \"now\" a=b \\ end")),
                        "\"Busy \\\"now\\\" a=b \\\\ end\"");
    assert_string_equal(log_quoted(out, sizeof(out), (struct span){ "a\0b", 3 }), "\"a\"");
    assert_string_equal(log_quoted(five, sizeof(five), span_of("abcdef")), "\"ab\"");
    assert_string_equal(log_quoted(five, sizeof(five), span_of("a\"b")), "\"a\"");
}

static void test_log_gate_bounds_a_flood(void **state)
{
    struct log_gate g = { 0 };

    (void)state;
    log_set_sink(count);
    counted = 0;
    for (unsigned i = 0; i < 5000; i++)
        log_gated(&g, 1000, LOG_L_DEBUG, "%s", "below the level: counts for nothing");
    assert_int_equal(counted, 0);
    for (unsigned i = 0; i < 1000; i++)
        log_warn_gated(&g, 1000, "refused %u", i);
    assert_int_equal(counted, LOG_GATE_BURST);
    assert_string_equal(counted_last, "refused 19");
    log_warn_gated(&g, 1999, "too early");
    assert_int_equal(counted, LOG_GATE_BURST);
    log_warn_gated(&g, 2000, "on time");
    assert_string_equal(counted_last, "on time suppressed=981");
    log_info_gated(&g, 100000, "later");
    assert_string_equal(counted_last, "later");
    counted = 0;
    for (unsigned ms = 200000; ms < 300000; ms++)
        log_warn_gated(&g, ms, "a hundred seconds of it");
    assert_int_equal(counted, LOG_GATE_BURST + 99);
    log_set_sink(NULL);
}

static void test_log_levels_filter(void **state)
{
    char longest[5000];

    (void)state;
    log_set_sink(sink);
    logged_lines = 0;
    log_debug("%s", "no");
    assert_int_equal(logged_lines, 0);
    log_set_level(LOG_L_DEBUG);
    log_debug("%s", "yes");
    log_trace("%s", "no");
    assert_int_equal(logged_lines, 1);
    memset(longest, 1, sizeof(longest));
    longest[sizeof(longest) - 1] = 0;
    log_error("%s", longest);
    assert_true(strlen(logged) > 2000 && strlen(logged) < 2048);
    log_set_sink(NULL);
    log_error("%s", "nobody listens");
    assert_int_equal(logged_lines, 2);
    log_set_level(LOG_L_INFO);
    assert_int_equal(log_level_parse("WARN"), LOG_L_WARN);
    assert_int_equal(log_level_parse("loud"), -EINVAL);
    assert_int_equal(log_level_parse(NULL), -EINVAL);
    assert_string_equal(log_level_name(LOG_L_TRACE), "trace");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_span_cuts_and_compares),
        cmocka_unit_test(test_span_lines_end_with_lf_or_crlf),
        cmocka_unit_test(test_span_u64_is_strict),
        cmocka_unit_test(test_span_copy_fits_or_is_empty),
        cmocka_unit_test(test_span_copy_cut_keeps_characters_whole),
        cmocka_unit_test(test_buf_overflow_is_reported),
        cmocka_unit_test(test_hash_bytes_is_siphash_2_4),
        cmocka_unit_test(test_hash_finds_entries),
        cmocka_unit_test(test_hash_survives_failed_growth),
        cmocka_unit_test(test_heap_returns_the_earliest),
        cmocka_unit_test(test_heap_reserved_room_needs_no_memory),
        cmocka_unit_test(test_list_keeps_its_order),
        cmocka_unit_test(test_log_escapes_what_could_forge_a_line),
        cmocka_unit_test(test_log_quoted_escapes_and_cuts),
        cmocka_unit_test(test_log_gate_bounds_a_flood),
        cmocka_unit_test(test_log_levels_filter),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
