/* SPDX-License-Identifier: MIT */
#include "support.h"

#include <string.h>

#include "codec/nal.h"

#define SC4 0, 0, 0, 1
#define SC3 0, 0, 1

static size_t unit_of(enum gb_codec codec, const uint8_t *data, size_t len, size_t from, bool *key)
{
    char *copy = guard_copy(data, len);
    size_t n = nal_access_unit(codec, (uint8_t *)copy, len, from, key);
    guard_free(copy, len);
    return n;
}

static void finds_both_start_codes(void **state)
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
    assert_int_equal(n.len, 7);         /* two trailing zeros are its own, the third belongs to the next start code */
    assert_true(nal_next(GB_CODEC_H264, data, sizeof(data), 13, &n));
    assert_int_equal(n.header, 4);
    assert_int_equal(n.type, 5);
    assert_int_equal(n.len, 6);
    assert_false(nal_next(GB_CODEC_H264, data, sizeof(data), sizeof(data), &n));
}

static void survives_what_is_no_nal(void **state)
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
        bool key;
        (void)nal_access_unit(GB_CODEC_H264, (uint8_t *)copy, len, 0, &key);
        guard_free(copy, len);
    }
}

static void knows_types(void **state)
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

/* Two slices in the first picture, one in the second, an AUD before the third. */
static void cuts_h264(void **state)
{
    static const uint8_t data[] = {
        SC4, 0x67, 0x42, SC4, 0x68, 0xCE, SC3, 0x65, 0x88, 0x11, SC3, 0x65, 0x40, 0x22,  /* 26 */
        SC4, 0x41, 0x9A, 0x33,                                                           /* 7 */
        SC4, 0x09, 0xF0, SC4, 0x06, 0x05, SC3, 0x41, 0x9A, 0x44,                         /* 18 */
        SC4, 0x67, 0x42, SC4, 0x65, 0x88,                                                /* an IDR without its PPS */
    };
    bool key;

    (void)state;
    assert_int_equal(unit_of(GB_CODEC_H264, data, sizeof(data), 0, &key), 24);
    assert_true(key);
    assert_int_equal(unit_of(GB_CODEC_H264, data, sizeof(data), 24, &key), 7);
    assert_false(key);
    assert_int_equal(unit_of(GB_CODEC_H264, data, sizeof(data), 31, &key), 18);
    assert_false(key);
    assert_int_equal(unit_of(GB_CODEC_H264, data, sizeof(data), 49, &key), 12);
    assert_false(key);
    assert_int_equal(unit_of(GB_CODEC_H264, data, 12, 0, &key), 0);     /* parameter sets alone */
    assert_int_equal(unit_of(GB_CODEC_H264, data, sizeof(data), sizeof(data), &key), 0);
}

static void cuts_h265(void **state)
{
    static const uint8_t data[] = {
        SC4, 0x40, 0x01, 0x0C, SC4, 0x42, 0x01, 0x01, SC4, 0x44, 0x01, 0xC1, SC3, 0x26, 0x01, 0xAF,   /* 27 */
        SC3, 0x26, 0x01, 0x2F,          /* a second slice: first_slice_segment_in_pic_flag 0 */
        SC4, 0x02, 0x01, 0xD0,          /* TRAIL_R */
        SC3, 0x50, 0x01, 0x80,          /* suffix SEI: still the same unit */
        SC4, 0x02, 0x01, 0xD0,
    };
    bool key;

    (void)state;
    assert_int_equal(unit_of(GB_CODEC_H265, data, sizeof(data), 0, &key), 33);
    assert_true(key);
    assert_int_equal(unit_of(GB_CODEC_H265, data, sizeof(data), 33, &key), 13);
    assert_false(key);
    assert_int_equal(unit_of(GB_CODEC_H265, data, sizeof(data), 46, &key), 7);
    assert_false(key);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_both_start_codes), cmocka_unit_test(survives_what_is_no_nal),
        cmocka_unit_test(knows_types),            cmocka_unit_test(cuts_h264),
        cmocka_unit_test(cuts_h265),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
