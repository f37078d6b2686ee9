/* SPDX-License-Identifier: MIT */
/* Faults of a source: oversized units, lost pictures, another clock or codec after a loss. */
#include "media_support.h"

/* The largest unit is sent unchanged (compared by take_apart); larger ones, or ones with more segments, are counted. */
static void test_large_units(void **state)
{
    (void)state;
    begin(false, 4); /* TCP: nothing is lost in transit */
    struct rx *rx = watch(true, VIEWER_PACING_OFF, 0);
    (void)cam_push(true, GB_UNIT_BYTES_MAX);
    for (unsigned i = 0; i < 1000 && rx->units == 0; i++) {
        turn(1);
        receive(rx, true);
    }
    assert_int_equal(rx->units, 1);
    assert_int_equal(stream_stats(stream)->bytes, GB_UNIT_BYTES_MAX);
    (void)cam_push(true, GB_UNIT_BYTES_MAX + 1);
    turn(3);
    cam.unit[cam_push(true, 1000)].nseg = GB_UNIT_SEGMENTS_MAX + 1;
    turn(3);
    cam.unit[cam_push(true, 1000)].nseg = GB_UNIT_SEGMENTS_MAX;
    turn(3);
    receive(rx, true);
    assert_int_equal(rx->units, 2);
    assert_int_equal(rx->order[1], 3);
    assert_int_equal(stream_stats(stream)->dropped_large, 2);
    assert_int_equal(stream_stats(stream)->dropped_bad, 0);
    assert_int_equal(viewer_stats(rx->v)->dropped_units, 2);
    unwatch(rx);
    end();
}

/* Pictures lost by the encoder are counted, and a key frame is requested. */
static void test_lost_units(void **state)
{
    (void)state;
    begin(true, 4);
    struct rx *rx = watch(false, VIEWER_PACING_OFF, 0);
    (void)cam_push(true, 1000);
    turn(2);
    pass_us(2000000);
    assert_int_equal(cam.idrs, 1);
    cam.unit[cam_push(false, 1000)].lost = 3;
    turn(2);
    assert_int_equal(cam.idrs, 2);
    assert_int_equal(stream_stats(stream)->lost, 3);
    receive(rx, false);
    assert_int_equal(rx->units, 2);
    unwatch(rx);
    end();
}

/* A lost source returns with its clock at zero: receivers see real time pass, and RTP timestamps never step back. */
static void test_clock_of_a_source_that_returned(void **state)
{
    uint32_t now_ts;

    (void)state;
    begin(true, 4);
    struct rx *rx = watch(false, VIEWER_PACING_OFF, 0);
    (void)cam_push_at(true, 1000, now_us());
    turn(2);
    cam.read_err = -EPIPE;
    cam_ring();
    turn(3);
    assert_int_equal(stream_stats(stream)->losses, 1);
    cam.read_err = 0;
    pass_us(1100000);
    assert_int_equal(cam.opens, 2);
    (void)cam_push_at(true, 1001, 0);
    turn(2);
    pass_us(40000);
    (void)cam_push_at(false, 1002, 40000);
    turn(2);
    receive(rx, false);
    assert_int_equal(rx->units, 3);
    assert_in_range(rx->unit_ts[1] - rx->unit_ts[0], 1100 * 90, 1200 * 90);
    assert_int_equal(rx->unit_ts[2] - rx->unit_ts[1], 3600);
    assert_true(viewer_clock(rx->v, &now_ts));
    assert_in_range(now_ts - rx->unit_ts[2], 0, 50 * 90);
    assert_int_equal(stream_stats(stream)->clock_jumps, 0);
    (void)cam_push_at(false, 1003, 3600 * UINT64_C(1000000));
    turn(2);
    assert_int_equal(stream_stats(stream)->clock_jumps, 1);
    receive(rx, false);
    assert_in_range(rx->unit_ts[3] - rx->unit_ts[2], 1, 90 * 90);
    unwatch(rx);
    end();
}

/* The PSM in the last pack (ISO 13818-1 2.5.4): version, and type of the video stream. */
static void expect_map(const struct rx *rx, unsigned version, unsigned type)
{
    const uint8_t *map = memmem(rx->ps, 64, "\0\0\1\xBC", 4);

    assert_non_null(map);
    assert_int_equal(map[6], 0xE0 | version);
    assert_int_equal(map[12], type);
    assert_int_equal(map[13], 0xE0);
}

/* When a source returns with another codec, PS viewers continue, with a new PSM version; elementary stream viewers
 * end. */
static void test_another_codec_after_a_loss(void **state)
{
    (void)state;
    begin(true, 4);
    struct rx *rx = watch(false, VIEWER_PACING_OFF, 0);
    int fd;
    struct rx *es = rx_udp(&fd);
    struct viewer_config cfg = viewer_cfg(es, fd, false);
    cfg.elementary = GB_CODEC_H264;
    assert_int_equal(stream_add_viewer(stream, &cfg, &es->v), 0);
    memcpy(cam.unit[cam_push(true, 1000)].data, "\0\0\1\x65", 4);
    turn(2);
    receive(rx, false);
    expect_map(rx, 0, 0x1B);
    cam.read_err = -EPIPE;
    cam_ring();
    turn(3);
    cam.read_err = 0;
    unsigned other = cam_push(true, 1001);
    cam.unit[other].codec = GB_CODEC_H265;
    memcpy(cam.unit[other].data, "\0\0\1\x26\1", 5);
    pass_us(1100000);
    turn(3);
    receive(rx, false);
    assert_int_equal(rx->units, 2);
    expect_map(rx, 1, 0x24);
    assert_int_equal(rx->ended, 0);
    assert_int_equal(es->ended, 1);
    assert_int_equal(es->why, VIEWER_END_CODEC);
    cam.unit[cam_push(true, 1000)].codec = GB_CODEC_H265;
    turn(2);
    receive(rx, false);
    expect_map(rx, 1, 0x24);
    unwatch(es);
    unwatch(rx);
    end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_large_units),
        cmocka_unit_test(test_lost_units),
        cmocka_unit_test(test_clock_of_a_source_that_returned),
        cmocka_unit_test(test_another_codec_after_a_loss),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
