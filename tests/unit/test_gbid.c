/* SPDX-License-Identifier: MIT */
#include "codec/gbid.h"

#include <errno.h>
#include <string.h>

#include "tests/unit/support.h"

static void test_length_and_digits_are_checked(void **state)
{
    static const struct {
        const char *id;
        int want;
    } cases[] = {
        { "34020000001320000001", 0 },
        { "340200000013200000001", 1 },
        { "340200000013200000", 1 },
        { "3402000000132000001", 1 },
        { "34020000001320000", -EINVAL },
        { "3402000000132000000001", -EINVAL },
        { "", -EINVAL },
        { "3402000000132000000a", -EINVAL },
        { " 34020000001320000001", -EINVAL },
        { "34020000001320000001\n", -EINVAL },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct span s = guard_str(cases[i].id);
        assert_int_equal(gbid_check(s), cases[i].want);
        guard_str_free(s);
    }
}

static void test_type(void **state)
{
    static const struct {
        const char *id;
        unsigned want;
    } cases[] = {
        { "34020000001320000001", GBID_TYPE_IPC },
        { "34020000001310000001", GBID_TYPE_CAMERA },
        { "34020000001340000001", GBID_TYPE_ALARM_INPUT },
        { "3402000000200", GBID_TYPE_SIP_SERVER },
        { "340200000020", 0 },
        { "34020000001x20000001", 0 },
        { "", 0 },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct span s = guard_str(cases[i].id);
        assert_int_equal(gbid_type(s), cases[i].want);
        guard_str_free(s);
    }
}

static void test_domain(void **state)
{
    char out[11];

    (void)state;
    gbid_domain(SPAN_LIT("34020000001320000001"), out);
    assert_string_equal(out, "3402000000");
    struct span s = guard_str("340200000");
    gbid_domain(s, out);
    assert_string_equal(out, "");
    guard_str_free(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_length_and_digits_are_checked),
        cmocka_unit_test(test_type),
        cmocka_unit_test(test_domain),
    };
    return cmocka_run_group_tests_name("gbid", tests, NULL, NULL);
}
