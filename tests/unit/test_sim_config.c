/* SPDX-License-Identifier: MIT */
/* Settings of DeviceConfig in the simulated camera, and the picture size of its clip. */
#include "board/sim/sim.h"

#include <errno.h>
#include <string.h>

#include "tests/unit/support.h"
#include "tests/unit/sim_board.h"

/* Parameter sets written by x264 and x265 for that size. */
static const uint8_t h264_1920x1080[] = {
    0,    0,    0,    1,    0x67, 0x64, 0x00, 0x28, 0xac, 0xd9, 0x40, 0x78, 0x02, 0x27, 0xe5, 0xc0,
    0x44, 0x00, 0x00, 0x03, 0x00, 0x04, 0x00, 0x00, 0x03, 0x00, 0x28, 0x3c, 0x60, 0xc6, 0x58,
};
static const uint8_t h264_baseline_640x360[] = {
    0,    0,    0,    1,    0x67, 0x42, 0xc0, 0x16, 0xd9, 0x00, 0xa0, 0x2f, 0xf9, 0x70, 0x11,
    0x00, 0x00, 0x03, 0x00, 0x01, 0x00, 0x00, 0x03, 0x00, 0x0a, 0x0f, 0x16, 0x2e, 0x48,
};
static const uint8_t h264_interlaced_704x576[] = {
    0,    0,    0,    1,    0x67, 0x64, 0x00, 0x16, 0xac, 0xd9, 0x40, 0xb0, 0x24, 0xd8,
    0x08, 0x80, 0x00, 0x00, 0x03, 0x00, 0x80, 0x00, 0x00, 0x05, 0x0f, 0x8a, 0x14, 0xcb,
};
static const uint8_t h265_1914x1078[] = {
    0,    0,    0,    1,    0x42, 0x01, 0x01, 0x01, 0x60, 0x00, 0x00, 0x03, 0x00, 0x90, 0x00, 0x00,
    0x03, 0x00, 0x00, 0x03, 0x00, 0x78, 0xa0, 0x03, 0xc0, 0x80, 0x10, 0xe7, 0x25, 0x65, 0x95, 0x9a,
    0x49, 0x32, 0xbc, 0x05, 0xa0, 0x20, 0x00, 0x00, 0x03, 0x00, 0x20, 0x00, 0x00, 0x03, 0x00, 0xa1,
};

static void test_sizes(void **state)
{
    static const struct {
        enum gb_codec codec;
        const uint8_t *data;
        size_t len;
        unsigned w, h;
    } cases[] = {
        { GB_CODEC_H264, h264_1920x1080, sizeof(h264_1920x1080), 1920, 1080 },
        { GB_CODEC_H264, h264_baseline_640x360, sizeof(h264_baseline_640x360), 640, 360 },
        { GB_CODEC_H264, h264_interlaced_704x576, sizeof(h264_interlaced_704x576), 704, 576 },
        { GB_CODEC_H265, h265_1914x1078, sizeof(h265_1914x1078), 1914, 1078 },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        unsigned w = 0, h = 0;

        assert_int_equal(sim_video_size(cases[i].codec, cases[i].data, cases[i].len, &w, &h), 0);
        assert_int_equal(w, cases[i].w);
        assert_int_equal(h, cases[i].h);
    }
}

/* Truncated anywhere, and with each bit flipped: no access past the end, no invalid size. */
static void test_broken(void **state)
{
    (void)state;
    for (size_t n = 0; n < sizeof(h264_1920x1080); n++) {
        char *copy = guard_copy(h264_1920x1080, n);
        unsigned w = 1, h = 1;

        (void)sim_video_size(GB_CODEC_H264, (const uint8_t *)copy, n, &w, &h);
        (void)sim_video_size(GB_CODEC_H265, (const uint8_t *)copy, n, &w, &h);
        guard_free(copy, n);
        assert_true(w > 0 && w <= 16384 && h > 0 && h <= 16384);
    }
    for (size_t bit = 32; bit < sizeof(h264_1920x1080) * 8; bit++) {
        uint8_t copy[sizeof(h264_1920x1080)];
        unsigned w = 1, h = 1;

        memcpy(copy, h264_1920x1080, sizeof(copy));
        copy[bit / 8] ^= (uint8_t)(1u << bit % 8);
        (void)sim_video_size(GB_CODEC_H264, copy, sizeof(copy), &w, &h);
        assert_true(w > 0 && w <= 16384 && h > 0 && h <= 16384);
    }
    assert_int_equal(sim_video_size(GB_CODEC_H264, (const uint8_t *)"", 0, &(unsigned){ 0 }, &(unsigned){ 0 }),
                     -ENOENT);
}

static const struct board_channel first = {
    .id = "34020000001310000001", .source = "/nonexistent.h264", .audio = "", .fps = 12
};
static const struct board_channel second = { .id = "34020000001310000002", .source = "/nonexistent.h265", .audio = "" };

static void test_get_set(void **state)
{
    struct gb_setting s = { .block = GB_BLOCK_VIDEO_ATTRIBUTE };
    struct board *b = NULL;

    (void)state;
    assert_int_equal(sim_board_open(&b), 0);
    /* Every block except SVAC and SnapShotConfig has a default and can be set. */
    for (unsigned i = GB_BLOCK_VIDEO_OPT; i < GB_BLOCKS; i++) {
        const bool none = i == GB_BLOCK_SVAC_ENCODE || i == GB_BLOCK_SVAC_DECODE || i == GB_BLOCK_SNAPSHOT;

        s = (struct gb_setting){ .block = (enum gb_block)i };
        assert_int_equal(board_sim.config_get(b, &first, &s), none ? -ENOTSUP : 0);
        assert_int_equal(s.block, i);
        assert_int_equal(board_sim.config_set(b, &first, &s), none ? -ENOTSUP : 0);
        assert_int_equal(board_sim.config_set(b, NULL, &s), -ENOTSUP);
    }
    s = (struct gb_setting){ .block = GB_BLOCK_FRAME_MIRROR, .u.frame_mirror = 3 };
    assert_int_equal(board_sim.config_set(b, &first, &s), 0);
    s.u.frame_mirror = 9;
    assert_int_equal(board_sim.config_get(b, &second, &s), 0);
    assert_int_equal(board_sim.config_get(b, &first, &s), 0);
    assert_int_equal(s.u.frame_mirror, 3);
    s = (struct gb_setting){ .block = GB_BLOCK_BASIC };
    assert_int_equal(board_sim.config_get(b, &first, &s), -ENOTSUP);
    board_sim.close(b);
}

static void test_defaults(void **state)
{
    struct gb_setting s = { .block = GB_BLOCK_VIDEO_ATTRIBUTE };
    struct board *b = NULL;

    (void)state;
    assert_int_equal(sim_board_open(&b), 0);
    assert_int_equal(board_sim.config_get(b, &first, &s), 0);
    assert_int_equal(s.u.video_attribute.n, 1);
    assert_string_equal(s.u.video_attribute.item[0].format, "2");
    assert_string_equal(s.u.video_attribute.item[0].frame_rate, "12");
    s = (struct gb_setting){ .block = GB_BLOCK_VIDEO_ATTRIBUTE };
    assert_int_equal(board_sim.config_get(b, &second, &s), 0);
    assert_string_equal(s.u.video_attribute.item[0].frame_rate, "25");
    s = (struct gb_setting){ .block = GB_BLOCK_OSD };
    assert_int_equal(board_sim.config_get(b, &first, &s), 0);
    assert_true(s.u.osd.time_enable && s.u.osd.text_enable && s.u.osd.length == 1920 && s.u.osd.n == 0);
    board_sim.close(b);
}

static bool set_one(void *ctx)
{
    const struct gb_setting s = { .block = GB_BLOCK_OSD };
    struct board *b = NULL;
    bool ok = sim_board_open(&b) == 0;

    (void)ctx;
    if (ok) {
        ok = board_sim.config_set(b, &first, &s) == 0;
        board_sim.close(b);
    }
    return ok;
}

static void test_oom(void **state)
{
    (void)state;
    oom_ladder(set_one, NULL, 100);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sizes),    cmocka_unit_test(test_broken), cmocka_unit_test(test_get_set),
        cmocka_unit_test(test_defaults), cmocka_unit_test(test_oom),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
