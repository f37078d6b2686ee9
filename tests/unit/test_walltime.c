/* SPDX-License-Identifier: MIT */
#include "tests/unit/support.h"

#include <errno.h>

#include "util/walltime.h"

#define BEIJING 28800

static void test_dates_are_read_in_every_form(void **state)
{
    /* expected values from another implementation (Python's datetime) */
    static const struct {
        const char *text;
        int64_t unix_ms;
    } cases[] = {
        { "2010-11-02T15:01:26.115", 1288681286115 }, /* sample of the standard, Beijing time */
        { "2023-04-19T11:29:33.703", 1681874973703 },
        { "2023-04-19T11:29:33", 1681874973000 },
        { "2023-04-19T11:29:33.7", 1681874973700 },
        { "2023-04-19T11:29:33.70399999", 1681874973703 },
        { "2023-04-19T11: 29: 33.703", 1681874973703 }, /* one platform sends blanks after ':' */
        { "2023-04-19 11:29:33", 1681874973000 },
        { "2023-4-19T11:29:33", 1681874973000 },
        { " 2023-04-19T3:29:33Z\r\n", 1681874973000 },
        { "2023-04-19T11:29:33+08:00", 1681874973000 },
        { "2023-04-19T11:29:33 +0800", 1681874973000 },
        { "2023-04-18T22:59:33-04:30", 1681874973000 },
        { "Sun, 06 Nov 1994 08:49:37 GMT", 784111777000 },
        { "Sun, 6 Nov 1994 08:49:37 +0000", 784111777000 },
        { "2000-02-29T08:00:00", 951782400000 },
        { "2038-01-19T11:14:08", 2147483648000 },
        { "1970-01-01T08:00:00", 0 },
        { "2017-01-01T07:59:60", 1483228799000 }, /* a leap second */
        { "9999-12-31T23:59:59Z", 253402300799000 },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct span s = guard_str(cases[i].text);
        int64_t got = -1;

        assert_int_equal(walltime_parse(s, BEIJING, &got), 0);
        assert_true(got == cases[i].unix_ms);
        guard_str_free(s);
    }
}

static void test_invalid_dates_are_refused(void **state)
{
    static const char *const cases[] = {
        "",
        " ",
        "2023",
        "2023-02-31T00:00:00",
        "2023-02-29T00:00:00",
        "1900-02-29T00:00:00",
        "2023-00-01T00:00:00",
        "2023-13-01T00:00:00",
        "2023-01-00T00:00:00",
        "2023-01-01T24:00:00",
        "2023-01-01T00:60:00",
        "2023-01-01T00:00:61",
        "2023-01-01",
        "2023-01-01T",
        "2023-01-01T00:00",
        "2023-01-01T00:00:00.",
        "2023-01-01T00:00:00x",
        "2023-01-01T00:00:00+8",
        "2023-01-01T00:00:00+08:0",
        "2023-01-01T00:00:00+08:60",
        "2023-01-01T00:00:00+15:00",
        "23-01-01T00:00:00",
        "2023/01/01 00:00:00",
        "Sun, 06 Foo 1994 08:49:37 GMT",
        "Sun, 06 Nov 94 08:49:37 GMT",
        "Sun, 31 Nov 1994 08:49:37 GMT",
        "Sun, 06 Nov 1994 08:49:37 CST",
        "Sun,",
        "Sun, 06 Nov 1994",
        "now",
        "2023-01-01T00:00:00Z+08:00",
        "0000-01-01T00:00:00",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct span s = guard_str(cases[i]);
        int64_t got = 42;

        if (walltime_parse(s, BEIJING, &got) != -EBADMSG)
            fail_msg("accepted \"%s\"", cases[i]);
        assert_true(got == 42);
        guard_str_free(s);
    }
}

static void test_queries_read_more(void **state)
{
    /* as above, from Python's datetime */
    static const struct {
        const char *text;
        int64_t unix_s, end_s;
    } cases[] = {
        { "2024-01-01T08:00:00", 1704067200, 1704067200 },
        { "2024-01-01T24:00:00", 1704124800, 1704124800 },
        { "2024-12-31T24:00:00.000", 1735660800, 1735660800 },
        { "2024-01-01T24:00", 1704124800, 1704124800 },
        { "2024-02-29 24:00:00", 1709222400, 1709222400 },
        { "2024-01-01T16:00:00Z", 1704124800, 1704124800 },
        { "2024-01-01T24:00:00+09:00", 1704121200, 1704121200 },
        { "2024-01-01T08:00", 1704067200, 1704067200 },
        { "2024-1-1 8:0", 1704067200, 1704067200 },
        { "2024-01-01T00:00Z", 1704067200, 1704067200 },
        { "2024-01-01T08:00+08:00", 1704067200, 1704067200 },
        { "2024-01-01", 1704038400, 1704124800 },
        { " 2024-01-01 ", 1704038400, 1704124800 },
        { "2024-1-1", 1704038400, 1704124800 },
        { "2024-02-29", 1709136000, 1709222400 },
        { "2024-01-01Z", 1704067200, 1704153600 },
        { "2024-01-01+08:00", 1704038400, 1704124800 },
        { "20240101", 1704038400, 1704124800 },
        { "20240101T080000", 1704067200, 1704067200 },
        { "20240101t080000.25", 1704067200, 1704067200 },
        { "20240101T080000Z", 1704096000, 1704096000 },
        { "20240101T080000+0800", 1704067200, 1704067200 },
        { "20240101080000", 1704067200, 1704067200 },
        { "20240101T0800", 1704067200, 1704067200 },
        { "202401010800", 1704067200, 1704067200 },
        { "20240101T240000", 1704124800, 1704124800 },
        { "20240101 08:00:00", 1704067200, 1704067200 },
        { "2024-01-01T080000", 1704067200, 1704067200 },
        { "Mon, 01 Jan 2024 00:00:00 GMT", 1704067200, 1704067200 },
    };
    static const char *const none[] = {
        "",
        "now",
        "2024",
        "202401",
        "2024010",
        "2024010108",
        "2024010108000",
        "202401010800001",
        "20240231T000000",
        "20240101T",
        "2024-01-01T",
        "2024-01-01T8",
        "2024-01-01T24:00:01",
        "2024-01-01T24:01",
        "2024-01-01T24:00:00.1",
        "2024-01-01T25:00:00",
        "2024-01-01T08:60",
        "2024-01-01T08:00:00:00",
        "2024-01-01T08:",
        "2024-01-01T08:00:",
        "2024-02-30",
        "2024-01-01x",
        "2024-01",
        "20240101T08:0x",
        "2024/01/01",
        "1704067200",
        "1704067200000",
        "2024-01-01T08:00:00\xe4\xb8\xad",
        "-2024-01-01",
        "2024-0101",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct span s = guard_str(cases[i].text);
        int64_t from = -1, to = -1;

        if (walltime_parse_query(s, BEIJING, false, &from) || walltime_parse_query(s, BEIJING, true, &to))
            fail_msg("refused \"%s\"", cases[i].text);
        if (from / 1000 != cases[i].unix_s || to / 1000 != cases[i].end_s)
            fail_msg("\"%s\" is %lld, %lld", cases[i].text, (long long)from, (long long)to);
        guard_str_free(s);
    }
    for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++) {
        struct span s = guard_str(none[i]);
        int64_t got = 42;

        if (walltime_parse_query(s, BEIJING, i % 2, &got) != -EBADMSG)
            fail_msg("accepted \"%s\"", none[i]);
        assert_true(got == 42);
        guard_str_free(s);
    }
}

static void test_times_are_printed_as_local(void **state)
{
    static const struct {
        int64_t ms;
        int offset;
        const char *text;
    } cases[] = {
        { 0, BEIJING, "1970-01-01T08:00:00" },
        { 0, 0, "1970-01-01T00:00:00" },
        { -1, 0, "1969-12-31T23:59:59" },
        { 1681874973703, BEIJING, "2023-04-19T11:29:33" },
        { 951782399999, 0, "2000-02-28T23:59:59" },
        { 951782400000, 0, "2000-02-29T00:00:00" },
        { 4294967296000, 0, "2106-02-07T06:28:16" },
        { 1681874973703, -16200, "2023-04-18T22:59:33" },
        { 253402300799000, 0, "9999-12-31T23:59:59" },
        { INT64_MAX, BEIJING, "9999-12-31T00:00:00" },
        { INT64_MIN, 0, "0000-01-01T00:00:00" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char out[WALLTIME_TEXT];

        walltime_print(cases[i].ms, cases[i].offset, out);
        assert_string_equal(out, cases[i].text);
    }
}

static void test_every_day_round_trips(void **state)
{
    (void)state;
    for (int64_t day = -25567; day < 60000; day += 1) { /* 1900 to 2134 */
        char out[WALLTIME_TEXT];
        int64_t back = 0, ms = day * 86400000 + 12345000;

        walltime_print(ms, -3600, out);
        if (walltime_parse(span_of(out), -3600, &back) || back != ms)
            fail_msg("day %lld is not read back", (long long)day);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_dates_are_read_in_every_form),
        cmocka_unit_test(test_invalid_dates_are_refused),
        cmocka_unit_test(test_queries_read_more),
        cmocka_unit_test(test_times_are_printed_as_local),
        cmocka_unit_test(test_every_day_round_trips),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
