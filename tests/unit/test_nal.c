/* SPDX-License-Identifier: MIT */
#include "support.h"

#include <string.h>

#include "codec/nal.h"

#define SC4 0, 0, 0, 1
#define SC3 0, 0, 1

static void test_finds_both_start_codes(void **state)
{
    static const uint8_t data[] = { SC4, 0x67, 0x42, SC3, 0x68, 0xCE, 0, 0, SC4, 0x65, 0x88 };
    struct nal n;

    (void)state;
    assert_true(nal_next(GB_CODEC_H264, data, sizeof(data), 0, &n));
    assert_ptr_equal(n.data, data);
    assert_int_equal(n.header, 4);
    assert_int_equal(n.type, 7);
    assert_int_equal(n.len, 6);
    assert_true(nal_next(GB_CODEC_H264, data, sizeof(data), 6, &n));
    assert_ptr_equal(n.data, data + 6);
    assert_int_equal(n.header, 3);
    assert_int_equal(n.type, 8);
    assert_int_equal(n.len, 7); /* two trailing zeros belong to it, the third to the next start code */
    assert_true(nal_next(GB_CODEC_H264, data, sizeof(data), 13, &n));
    assert_int_equal(n.header, 4);
    assert_int_equal(n.type, 5);
    assert_int_equal(n.len, 6);
    assert_false(nal_next(GB_CODEC_H264, data, sizeof(data), sizeof(data), &n));
}

static void test_data_without_nal_units(void **state)
{
    static const uint8_t zeros[9] = { 0 };
    static const uint8_t bare[] = { SC4 };
    static const uint8_t empties[] = { SC3, SC3, SC4, 0x65 };
    static const uint8_t h265_cut[] = { SC3, 0x26 };
    struct nal n;

    (void)state;
    assert_false(nal_next(GB_CODEC_H264, zeros, sizeof(zeros), 0, &n));
    assert_false(nal_next(GB_CODEC_H264, bare, sizeof(bare), 0, &n));
    assert_false(nal_next(GB_CODEC_H264, zeros, 0, 0, &n));
    assert_false(nal_next(GB_CODEC_H265, h265_cut, sizeof(h265_cut), 0, &n));
    assert_true(nal_next(GB_CODEC_H264, empties, sizeof(empties), 0, &n));
    assert_ptr_equal(n.data, empties + 6);
    assert_int_equal(n.type, 5);
    for (size_t len = 0; len <= sizeof(empties); len++) {
        char *copy = guard_copy(empties, len);
        (void)nal_next(GB_CODEC_H265, (uint8_t *)copy, len, 0, &n);
        guard_free(copy, len);
    }
}

static void test_knows_types(void **state)
{
    (void)state;
    assert_true(nal_is_vcl(GB_CODEC_H264, 1) && nal_is_vcl(GB_CODEC_H264, 5));
    assert_false(nal_is_vcl(GB_CODEC_H264, 6) || nal_is_vcl(GB_CODEC_H264, 77));
    assert_true(nal_is_key(GB_CODEC_H264, 5));
    assert_false(nal_is_key(GB_CODEC_H264, 1));
    assert_true(nal_is_parameter_set(GB_CODEC_H264, 7) && nal_is_parameter_set(GB_CODEC_H264, 8));
    assert_false(nal_is_parameter_set(GB_CODEC_H264, 9));
    assert_true(nal_is_key(GB_CODEC_H265, 16) && nal_is_key(GB_CODEC_H265, 19) && nal_is_key(GB_CODEC_H265, 21));
    assert_false(nal_is_key(GB_CODEC_H265, 1) || nal_is_key(GB_CODEC_H265, 32));
    assert_true(nal_is_parameter_set(GB_CODEC_H265, 32) && nal_is_parameter_set(GB_CODEC_H265, 34));
    assert_false(nal_is_vcl(GB_CODEC_G711A, 1));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_finds_both_start_codes),
        cmocka_unit_test(test_data_without_nal_units),
        cmocka_unit_test(test_knows_types),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
