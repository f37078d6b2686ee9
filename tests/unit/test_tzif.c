/* SPDX-License-Identifier: MIT */
/* Compares with the C library, over the time zones of the system. */
#include "tests/unit/support.h"

#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "util/tzif.h"

#define ZONES "/usr/share/zoneinfo"

static unsigned compared;
static const char *const rules[] = {
    "UTC0",
    "CST-8",
    "<+0330>-3:30",
    "<-03>3",
    "EST5EDT",
    "EST5EDT4,M3.2.0,M11.1.0",
    "CET-1CEST,M3.5.0,M10.5.0/3",
    "AEST-10AEDT,M10.1.0,M4.1.0/3",
    "<+1030>-10:30<+11>-11,M10.1.0,M4.1.0",
    "NZST-12NZDT,M9.5.0,M4.1.0/3",
    "IST-1GMT0,M10.5.0,M3.5.0/1",
    "<-02>2<-01>,M3.5.0/-1,M10.5.0/0",
    "EET-2EEST,M3.4.4/50,M10.4.4/50",
    "XXX3YYY,J60,J300/12:30:15",
    "XXX3YYY,59,299",
    "XXX3YYY,J59/0,J365/23",
    "WIB-7:07:12",
    "ABC+24DEF,M1.1.0/0,M12.5.6",
};

static int libc_offset(int64_t now)
{
    time_t t = (time_t)now;
    struct tm tm;

    assert_non_null(localtime_r(&t, &tm));
    return (int)tm.tm_gmtoff;
}

static void test_rules(void **state)
{
    (void)state;
    setenv("TZDIR", "/nonexistent", 1); /* EST5EDT also exists as a file */
    for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
        struct span s = guard_str(rules[i]);

        setenv("TZ", rules[i], 1);
        tzset();
        /* 1970 to 2120, at changing times of day */
        for (int64_t now = 0; now < INT64_C(4733510400); now += 86400 * 5 + 7013) {
            int got = -1;

            if (sizeof(time_t) < 8 && now > INT32_MAX)
                break;
            assert_int_equal(tzif_rule_offset(s, now, &got), 0);
            if (got != libc_offset(now))
                fail_msg("%s at %lld: %d, libc %d", rules[i], (long long)now, got, libc_offset(now));
        }
        guard_str_free(s);
    }
    unsetenv("TZDIR");
}

static void test_no_rules(void **state)
{
    static const char *const bad[] = {
        "",
        "CS-8",
        "CST",
        "CST-25",
        "CST-8:60",
        "CST-8DST,",
        "CST-8DST,M3.2.0",
        "CST-8DST,M13.1.0,M3.2.0",
        "<+08-8",
        "CST-8DST,M3.6.0,M11.1.0",
        "CST-8DST,M3.2.7,M11.1.0",
        "CST-8DST,J0,J5",
        "CST-8DST,366,5",
        "<>-8",
        "CST-8DST,M3.2.0,M11.1.0,",
        "CST-8DST,M3.2.0/168,M11.1.0",
        "CST-8DST,M3.2.0/2:,M11.1.0",
        "CST-8 ",
        "1CST-8",
        "CST-8DST,M3.2.0,M11.1.0x",
        "Asia/Shanghai",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct span s = guard_str(bad[i]);
        int got = 77;

        assert_int_equal(tzif_rule_offset(s, 1700000000, &got), -EBADMSG);
        assert_int_equal(got, 77);
        guard_str_free(s);
    }
}

static size_t slurp_zone(const char *path, char *to, size_t size)
{
    FILE *f = fopen(path, "rb");
    size_t n = f ? fread(to, 1, size, f) : 0;

    if (f)
        (void)fclose(f);
    return n;
}

static int compare_zone(const char *path, const struct stat *sb, int kind, struct FTW *at)
{
    static char bytes[65536];
    size_t n;

    (void)sb;
    (void)at;
    if (kind != FTW_F || strstr(path, "/right/") || strstr(path, "/posix/")) /* with leap seconds; duplicates */
        return 0;
    n = slurp_zone(path, bytes, sizeof(bytes));
    if (n < 4 || memcmp(bytes, "TZif", 4))
        return 0;
    setenv("TZ", path, 1);
    tzset();
    compared++;
    /* 1972 to 2099, at changing times of day; later years use the rule in the file. The shortest time between two
     * changes is four weeks (summer time suspended during Ramadan). */
    for (int64_t now = INT64_C(63072000); now < INT64_C(4070908800); now += 86400 * 20 + 7013) {
        int got = -1;

        if (sizeof(time_t) < 8 && now > INT32_MAX)
            break;
        assert_int_equal(tzif_offset((struct span){ bytes, n }, now, &got), 0);
        if (got != libc_offset(now))
            fail_msg("%s at %lld: %d, libc %d", path, (long long)now, got, libc_offset(now));
    }
    return 0;
}

static void test_files(void **state)
{
    (void)state;
    compared = 0;
    if (access(ZONES "/Asia/Shanghai", R_OK))
        skip_because("no tzdata");
    assert_int_equal(nftw(ZONES, compare_zone, 16, FTW_PHYS), 0);
    assert_true(compared > 0);
    setenv("TZ", "UTC0", 1);
    tzset();
}

static int guarded_file(const char *bytes, size_t n, int64_t now, int *offset_s)
{
    char *copy = guard_copy(bytes, n);
    int r = tzif_offset((struct span){ copy, n }, now, offset_s);

    guard_free(copy, n);
    return r;
}

/* A file with each byte changed, and truncated to each length: never read past the end. */
static void test_hostile_files(void **state)
{
    /* version 1 with the last two changes of Shanghai: 1991-04-13T18:00Z to +9, 1991-09-14T17:00Z to +8 */
    static const unsigned char sample[] = {
        'T',  'Z', 'i', 'f', 0, 0,    0,    0,    0,    0,    0,    0,    0,    0,    0,   0,   0, 0, 0,
        0,    0,   0,   0,   0, 0,    0,    0,    0,    0,    0,    0,    0,    0,    0,   0,   2, 0, 0,
        0,    2,   0,   0,   0, 8,    0x28, 0x07, 0x47, 0x20, 0x28, 0xd2, 0x40, 0x10, 1,   0,   0, 0, 0x70,
        0x80, 0,   0,   0,   0, 0x7e, 0x90, 1,    4,    'C',  'S',  'T',  0,    'C',  'D', 'T', 0,
    };
    char bytes[sizeof(sample)];
    int got = 1;

    (void)state;
    memcpy(bytes, sample, sizeof(sample));
    assert_int_equal(guarded_file(bytes, sizeof(bytes), 671565599, &got), 0);
    assert_int_equal(got, 28800);
    assert_int_equal(guarded_file(bytes, sizeof(bytes), 671565600, &got), 0);
    assert_int_equal(got, 32400);
    assert_int_equal(guarded_file(bytes, sizeof(bytes), 1700000000, &got), 0);
    assert_int_equal(got, 28800);
    for (size_t n = 0; n < sizeof(bytes); n++)
        assert_int_equal(guarded_file(bytes, n, 1700000000, &got), -EBADMSG);
    for (size_t i = 0; i < sizeof(bytes); i++)
        for (unsigned v = 0; v < 256; v += 5) {
            memcpy(bytes, sample, sizeof(sample));
            bytes[i] = (char)v;
            got = 1234567;
            if (!guarded_file(bytes, sizeof(bytes), 1700000000, &got))
                assert_in_range(got + 200000, 200000 - 90000, 200000 + 93600);
            else
                assert_int_equal(got, 1234567);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rules),
        cmocka_unit_test(test_no_rules),
        cmocka_unit_test(test_files),
        cmocka_unit_test(test_hostile_files),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
