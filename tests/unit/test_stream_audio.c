/* SPDX-License-Identifier: MIT */
/* When the PSM declares audio, and what happens to earlier audio. Stream types from GB/T 28181 annex C and
 * ISO 13818-1 table 2-34: H.264 0x1B, H.265 0x24, G.711 A 0x90, AAC 0x0F. */
#include "media_support.h"

#define FRAME_US 40000u

static uint64_t capture_us;

/* The next unit, captured 40 ms after the last one; read and received immediately. */
static unsigned give(struct rx *rx, enum gb_codec codec, bool key)
{
    bool sound = codec != GB_CODEC_H264 && codec != GB_CODEC_H265;
    unsigned n;

    capture_us += FRAME_US;
    n = cam_push_at(key, sound ? 320 : 1000, capture_us);
    cam.unit[n].kind = sound ? GB_AUDIO : GB_VIDEO;
    cam.unit[n].codec = codec;
    pass_us(FRAME_US);
    receive(rx, false);
    return n;
}

static bool was_sent(const struct rx *rx, unsigned unit)
{
    return rx->units > 0 && rx->order[rx->units - 1] == unit;
}

/* Checks the last PSM: version, and one or two streams. */
static void expect_map(unsigned version, uint8_t video, uint8_t audio)
{
    const uint8_t *m = last_map.data;

    assert_int_equal(last_map.len, audio ? 24 : 20);
    assert_int_equal(m[6], 0xE0u | version);
    assert_int_equal(m[12], video);
    assert_int_equal(m[13], 0xE0);
    if (audio) {
        assert_int_equal(m[16], audio);
        assert_int_equal(m[17], 0xC0);
    }
}

static struct rx *start(void)
{
    struct rx *rx;

    begin(true, 4);
    capture_us = now_us();
    rx = watch(false, VIEWER_PACING_OFF, 0);
    turn(2);
    return rx;
}

static void stop(struct rx *rx)
{
    assert_int_equal(cam.leased, 0);
    unwatch(rx);
    end();
}

static void test_declared_from_the_first_key_frame_on(void **state)
{
    (void)state;
    struct rx *rx = start();
    unsigned sound = give(rx, GB_CODEC_G711A, false);
    assert_int_equal(rx->units, 0);
    unsigned key = give(rx, GB_CODEC_H264, true);
    assert_true(was_sent(rx, key));
    expect_map(0, 0x1B, 0x90);
    sound = give(rx, GB_CODEC_G711A, false);
    assert_true(was_sent(rx, sound));
    assert_true(was_sent(rx, give(rx, GB_CODEC_H264, false)));
    assert_int_equal(stream_audio_codec(stream), GB_CODEC_G711A);
    assert_int_equal(stream_stats(stream)->dropped_bad, 0);
    assert_int_equal(cam.idrs, 1); /* the viewer's own */
    stop(rx);
}

static void test_audio_starts_later_and_stops(void **state)
{
    (void)state;
    struct rx *rx = start();
    (void)give(rx, GB_CODEC_H264, true);
    expect_map(0, 0x1B, 0);
    (void)give(rx, GB_CODEC_H264, false);
    unsigned sound = give(rx, GB_CODEC_G711A, false);
    assert_false(was_sent(rx, sound));
    assert_int_equal(stream_stats(stream)->dropped_bad, 0);
    assert_int_equal(viewer_stats(rx->v)->dropped_units, 0);
    pass_us(1000000); /* one per second */
    assert_int_equal(cam.idrs, 2);
    capture_us += 1000000;
    (void)give(rx, GB_CODEC_H264, true);
    expect_map(1, 0x1B, 0x90);
    assert_true(was_sent(rx, give(rx, GB_CODEC_G711A, false)));
    for (unsigned i = 0; i < 124; i++) { /* 5 s: it may have paused */
        (void)give(rx, GB_CODEC_H264, i % 25 == 0);
        expect_map(1, 0x1B, 0x90);
    }
    (void)give(rx, GB_CODEC_H264, true);
    expect_map(2, 0x1B, 0);
    assert_int_equal(stream_audio_codec(stream), GB_CODEC_NONE);
    sound = give(rx, GB_CODEC_G711A, false); /* again */
    assert_false(was_sent(rx, sound));
    (void)give(rx, GB_CODEC_H264, true);
    expect_map(3, 0x1B, 0x90);
    stop(rx);
}

static void test_another_codec(void **state)
{
    (void)state;
    struct rx *rx = start();
    (void)give(rx, GB_CODEC_G711A, false);
    (void)give(rx, GB_CODEC_H264, true);
    assert_false(was_sent(rx, give(rx, GB_CODEC_AAC, false)));
    (void)give(rx, GB_CODEC_H264, true);
    expect_map(1, 0x1B, 0x0F);
    assert_true(was_sent(rx, give(rx, GB_CODEC_AAC, false)));
    (void)give(rx, GB_CODEC_H265, true);
    expect_map(2, 0x24, 0x0F);
    for (unsigned i = 3; i <= 33; i++) { /* five bits */
        (void)give(rx, i % 2 ? GB_CODEC_H264 : GB_CODEC_H265, true);
        expect_map(i % 32, i % 2 ? 0x1B : 0x24, 0x0F);
    }
    (void)give(rx, GB_CODEC_H264, true); /* no change */
    expect_map(1, 0x1B, 0x0F);
    stop(rx);
}

/* Sessions continue after the source was lost, and so does the PSM version. */
static void test_over_a_lost_source(void **state)
{
    (void)state;
    struct rx *rx = start();
    (void)give(rx, GB_CODEC_G711A, false);
    (void)give(rx, GB_CODEC_H264, true);
    cam.read_err = -EPIPE;
    cam_ring();
    turn(3);
    assert_int_equal(cam.closes, 1);
    cam.read_err = 0;
    pass_us(1100000);
    assert_int_equal(cam.opens, 2);
    capture_us += 1100000;
    assert_false(was_sent(rx, give(rx, GB_CODEC_G711A, false))); /* the viewer waits for a picture */
    (void)give(rx, GB_CODEC_H264, true);
    expect_map(0, 0x1B, 0x90);
    cam.read_err = -EPIPE;
    cam_ring();
    turn(3);
    cam.read_err = 0;
    pass_us(1100000);
    capture_us += 1100000;
    (void)give(rx, GB_CODEC_H264, true); /* without audio now */
    expect_map(1, 0x1B, 0);
    stop(rx);
}

/* Audio read between the bursts of a large picture waits, and does not make the picture late. */
static void test_paced_pictures(void **state)
{
    uint64_t pts = 5000000;
    unsigned n;

    (void)state;
    begin(true, 8);
    struct rx *rx = watch(false, VIEWER_PACING_LOOP, 0);
    for (unsigned i = 0; i < 4; i++) { /* the picture after the first audio unit declares it */
        n = cam_push_at(i % 2 > 0, 320, pts += 40000);
        cam.unit[n].kind = i % 2 > 0 ? GB_VIDEO : GB_AUDIO;
        cam.unit[n].codec = i % 2 > 0 ? GB_CODEC_H264 : GB_CODEC_G711A;
        pass_us(40000);
    }
    receive(rx, false);
    unsigned before = rx->units;
    nsends = 0;
    (void)cam_push_at(true, 100 * 1400, pts += 40000);
    turn(1);
    n = cam_push_at(false, 320, pts + 1000);
    cam.unit[n].kind = GB_AUDIO;
    cam.unit[n].codec = GB_CODEC_G711A;
    for (unsigned i = 0; i < 100 && (cam.leased || i < 3); i++)
        pass_us(1000);
    assert_int_equal(nsends, 5);
    for (unsigned i = 0; i < 4; i++)
        assert_in_range(sends[i].npkt, 23, 26);
    assert_int_equal(sends[4].npkt, 1);
    assert_true(sends[3].at_us - sends[0].at_us >= 12000);
    receive(rx, false);
    assert_int_equal(rx->units, before + 2);
    stop(rx);
}

/* Audio announced by a source is declared from the first key frame on, without requesting another one; no longer if no
 * audio arrives. For a recording, whose reading may pause, by the recording's time. */
static void test_announced_audio(void **state)
{
    (void)state;
    for (unsigned live = 0; live < 2; live++) {
        begin(live, 4);
        cam.audio = GB_CODEC_G711A;
        capture_us = now_us();
        struct rx *rx = watch(false, VIEWER_PACING_OFF, 0);
        turn(2);
        assert_int_equal(stream_audio_codec(stream), GB_CODEC_G711A);
        (void)give(rx, GB_CODEC_H264, true);
        expect_map(0, 0x1B, 0x90);
        assert_true(was_sent(rx, give(rx, GB_CODEC_G711A, false)));
        assert_int_equal(cam.idrs, 1);
        pass_us(60000000);
        capture_us += live ? 60000000 : 0;
        (void)give(rx, GB_CODEC_H264, true);
        expect_map(live, 0x1B, live ? 0 : 0x90);
        assert_int_equal(was_sent(rx, give(rx, GB_CODEC_G711A, false)), !live);
        stop(rx);
    }
    begin(true, 4);
    cam.audio = GB_CODEC_AAC;
    capture_us = now_us();
    struct rx *rx = watch(false, VIEWER_PACING_OFF, 0);
    for (unsigned i = 0; i < 125; i++) {
        (void)give(rx, GB_CODEC_H264, i % 25 == 0);
        expect_map(0, 0x1B, 0x0F);
    }
    (void)give(rx, GB_CODEC_H264, true);
    expect_map(1, 0x1B, 0);
    stop(rx);
}

static uint64_t scr_of(const uint8_t *p)
{
    const uint64_t bits = (uint64_t)p[4] << 40 | (uint64_t)p[5] << 32 | (uint64_t)p[6] << 24 | (uint64_t)p[7] << 16 |
                          (uint64_t)p[8] << 8 | p[9];

    return (bits >> 43 & 7) << 30 | (bits >> 27 & 0x7FFF) << 15 | (bits >> 11 & 0x7FFF);
}

/* Audio units followed by pictures captured 40 ms earlier: SCR and RTP timestamps rise nevertheless. */
static void test_late_pictures(void **state)
{
    uint64_t scr = 0;

    (void)state;
    struct rx *rx = start();
    (void)give(rx, GB_CODEC_G711A, false);
    (void)give(rx, GB_CODEC_H264, true);
    for (unsigned i = 0; i < 50; i++) {
        unsigned n = cam_push_at(false, 320, capture_us + FRAME_US);
        cam.unit[n].kind = GB_AUDIO;
        cam.unit[n].codec = GB_CODEC_G711A;
        (void)cam_push_at(i % 10 == 9, 1000, capture_us + (i ? 0 : 1));
        capture_us += FRAME_US;
        for (unsigned k = 0; k < 2; k++) {
            turn(1);
            pass_us(FRAME_US / 2);
        }
        receive(rx, false);
        assert_true(scr_of(rx->ps) > scr); /* of the last pack */
        scr = scr_of(rx->ps);
        assert_int_equal(rx->units, 3 + 2 * i);
        assert_in_range(rx->unit_ts[2 * i + 1] - rx->unit_ts[2 * i], 1, 90 * 80);
        assert_int_equal(rx->unit_ts[2 * i + 2] - rx->unit_ts[2 * i + 1], 1);
    }
    stop(rx);
}

/* Units that cannot be packed count as the board's fault. */
static void test_unknown_codec(void **state)
{
    (void)state;
    struct rx *rx = start();
    (void)give(rx, GB_CODEC_H264, true);
    unsigned n = give(rx, GB_CODEC_NONE, false);
    assert_false(was_sent(rx, n));
    assert_int_equal(stream_stats(stream)->dropped_bad, 1);
    assert_true(was_sent(rx, give(rx, GB_CODEC_H264, false)));
    assert_int_equal(viewer_stats(rx->v)->dropped_units, 0);
    stop(rx);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_declared_from_the_first_key_frame_on),
        cmocka_unit_test(test_audio_starts_later_and_stops),
        cmocka_unit_test(test_another_codec),
        cmocka_unit_test(test_over_a_lost_source),
        cmocka_unit_test(test_paced_pictures),
        cmocka_unit_test(test_late_pictures),
        cmocka_unit_test(test_announced_audio),
        cmocka_unit_test(test_unknown_codec),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
