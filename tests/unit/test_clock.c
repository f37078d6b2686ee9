/* SPDX-License-Identifier: MIT */
/* Setting the clock from a platform's time, on the test's own clock. */
#include "sys/clock.h"

#include "tests/unit/support.h"

#include <errno.h>
#include <string.h>

#include "util/walltime.h"

static struct {
    struct timespec now, set;
    unsigned times;
    int get_err, set_err;
} fake;

static int fake_get(struct timespec *ts)
{
    *ts = fake.now;
    return fake.get_err;
}

static int fake_set(const struct timespec *ts)
{
    if (fake.set_err)
        return fake.set_err;
    fake.set = *ts;
    fake.times++;
    return 0;
}

static const struct clock_ops ops = { fake_get, fake_set };

static int follow(const char *date, int64_t system_s)
{
    int64_t ms = 0;

    memset(&fake, 0, sizeof(fake));
    fake.now.tv_sec = (time_t)system_s;
    assert_int_equal(walltime_parse(span_of(date), 28800, &ms), 0);
    return clock_set_with(&ops, ms);
}

#define AT_2035 INT64_C(2051222400) /* 2035-01-01T08:00:00 in Beijing */

static void test_plausible_times_are_set(void **state)
{
    (void)state;
    assert_int_equal(follow("2035-01-01T08:00:00.250", 0), 0);
    assert_int_equal(fake.times, 1);
    assert_true(fake.set.tv_sec == AT_2035);
    assert_int_equal(fake.set.tv_nsec, 250000000);
    /* Backwards, and with AKStream's blanks. */
    assert_int_equal(follow("2035-01-01T08: 00: 00.000", AT_2035 + 3600), 0);
    assert_int_equal(fake.times, 1);
    assert_true(fake.set.tv_sec == AT_2035);
    /* Beyond 32 bits. */
    assert_int_equal(follow("2038-01-19T11:14:08", 0), sizeof(time_t) > 4 ? 0 : -EOVERFLOW);
    if (sizeof(time_t) > 4)
        assert_true(fake.set.tv_sec == (time_t)INT64_C(2147483648));
    /* A leap second counts as the one before it. */
    assert_int_equal(follow("2034-12-31T23:59:60", 0), 0);
    assert_true(fake.set.tv_sec == AT_2035 - 8 * 3600 - 1);
}

static void test_implausible_times_are_ignored(void **state)
{
    static const char *const dates[] = { "1970-01-01T08:00:00", "2019-12-31T23:59:59", "2023-12-31T00:00:00",
                                         "2106-02-07T14:28:16", "9999-12-31T23:59:59" };

    (void)state;
    for (size_t i = 0; i < sizeof(dates) / sizeof(dates[0]); i++) {
        assert_int_equal(follow(dates[i], AT_2035), -ERANGE);
        assert_int_equal(fake.times, 0);
    }
}

static void test_small_differences_are_ignored(void **state)
{
    (void)state;
    assert_int_equal(follow("2035-01-01T08:00:01", AT_2035), 0);
    assert_int_equal(fake.times, 0);
    assert_int_equal(follow("2035-01-01T08:00:01.001", AT_2035), 0);
    assert_int_equal(fake.times, 1);
}

static void test_errors_are_returned(void **state)
{
    (void)state;
    memset(&fake, 0, sizeof(fake));
    fake.set_err = -EPERM;
    assert_int_equal(clock_set_with(&ops, AT_2035 * 1000), -EPERM);
    fake.get_err = -EINVAL;
    assert_int_equal(clock_set_with(&ops, AT_2035 * 1000), -EINVAL);
    assert_int_equal(fake.times, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_plausible_times_are_set),
        cmocka_unit_test(test_implausible_times_are_ignored),
        cmocka_unit_test(test_small_differences_are_ignored),
        cmocka_unit_test(test_errors_are_returned),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
