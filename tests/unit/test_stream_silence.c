/* SPDX-License-Identifier: MIT */
/* When an open source without pictures counts as lost: after 10 s or five times the longest interval of the last
 * minute, 20 s for the first picture. */
#include "media/stream_priv.h"
#include "media/viewer_priv.h"
#include "media_support.h"

#define SECOND 1000000u

static struct rx *rx;

static void start(bool live, unsigned leases, unsigned timeout_s)
{
    picture_timeout_s = timeout_s;
    begin(live, leases);
    rx = watch(false, VIEWER_PACING_OFF, 0);
    turn(2);
}

static void stop(void)
{
    unwatch(rx);
    end();
    picture_timeout_s = 0;
}

static void give(bool key)
{
    (void)cam_push_at(key, 1000, now_us());
    turn(2);
    receive(rx, false);
}

static void give_sound(void)
{
    unsigned n = cam_push_at(false, 160, now_us());

    cam.unit[n].kind = GB_AUDIO;
    cam.unit[n].codec = GB_CODEC_G711A;
    turn(2);
    receive(rx, false);
}

static uint64_t losses(void)
{
    return stream_stats(stream)->losses;
}

/* Time passes without a picture, with or without audio. */
static void silence(unsigned us, bool sound)
{
    for (unsigned done = 0; done < us; done += SECOND / 4) {
        pass_us(SECOND / 4);
        if (sound && cam.src)
            give_sound();
    }
}

static void test_after_ten_seconds(void **state)
{
    (void)state;
    start(true, 4, 10);
    for (unsigned i = 0; i < 50; i++) {
        give(i == 0);
        pass_us(40000);
    }
    silence(9500000, false);
    assert_int_equal(losses(), 0);
    assert_int_equal(cam.closes, 0);
    silence(SECOND, false);
    assert_int_equal(losses(), 1);
    assert_int_equal(cam.closes, 1);
    assert_int_equal(states[nstates - 1], STREAM_LOST);
    assert_int_equal(rx->ended, 0); /* the session stays */
    silence(1500000, false);
    assert_int_equal(cam.opens, 2); /* after one second */
    assert_int_equal(stream_get_state(stream), STREAM_LOST);
    give(false); /* any picture counts, not only key frames */
    assert_int_equal(stream_get_state(stream), STREAM_RUNNING);
    assert_int_equal(nstates, 3);
    give(true);
    assert_int_equal(rx->units, 51);
    stop();
}

/* Audio does not count as a picture, and does not reset the back-off: 1, 2, 4 s. */
static void test_audio_is_not_a_picture(void **state)
{
    uint64_t closed_us = 0, opened_us = 0;

    (void)state;
    start(true, 4, 10);
    give(true);
    silence(11 * SECOND, true);
    assert_int_equal(losses(), 1);
    for (unsigned i = 1; i <= 3; i++) { /* lost again each time without a first picture within 20 s */
        while (cam.opens == i) {
            closed_us = cam.src ? now_us() : closed_us;
            silence(SECOND / 4, true);
        }
        while (losses() == i) {
            opened_us = opened_us ? opened_us : now_us();
            assert_int_equal(stream_get_state(stream), STREAM_LOST);
            silence(SECOND / 4, true);
        }
        assert_in_range(now_us() - opened_us, 19 * SECOND, 21 * SECOND);
        opened_us = 0;
        closed_us = now_us();
        while (cam.opens == i + 1)
            silence(SECOND / 4, true);
        assert_in_range(now_us() - closed_us, (1u << i) * SECOND - SECOND / 2, (1u << i) * SECOND + SECOND);
    }
    assert_int_equal(nstates, 2); /* running, lost */
    stop();
}

static void test_the_first_picture_has_twenty_seconds(void **state)
{
    (void)state;
    start(true, 4, 10);
    silence(19 * SECOND, true);
    assert_int_equal(losses(), 0);
    give(true);
    silence(9500000, true); /* and ten for the second, from there */
    assert_int_equal(losses(), 0);
    silence(SECOND, true);
    assert_int_equal(losses(), 1);
    silence(2 * SECOND, false);
    assert_int_equal(cam.opens, 2);
    silence(17 * SECOND, false);
    assert_int_equal(losses(), 1);
    silence(3 * SECOND, false);
    assert_int_equal(losses(), 2);
    stop();
    start(true, 4, 60); /* longer if configured */
    silence(59 * SECOND, false);
    assert_int_equal(losses(), 0);
    silence(2 * SECOND, false);
    assert_int_equal(losses(), 1);
    stop();
}

/* A picture every four seconds: the limit is twenty, until the source has been fast for a minute. */
static void test_a_source_of_few_pictures(void **state)
{
    (void)state;
    start(true, 4, 10);
    for (unsigned i = 0; i < 5; i++) {
        give(true);
        silence(4 * SECOND, false);
    }
    silence(15500000, false);
    assert_int_equal(losses(), 0);
    silence(2 * SECOND, false);
    assert_int_equal(losses(), 1);
    silence(2 * SECOND, false);
    give(true); /* the time between two openings is not a picture interval */
    silence(9500000, false);
    assert_int_equal(losses(), 1);
    silence(SECOND, false);
    assert_int_equal(losses(), 2);
    stop();
    start(true, 4, 10);
    give(true);
    silence(4 * SECOND, false);
    for (unsigned i = 0; i < 80; i++) { /* one per second; the 4 s are forgotten after 80 */
        give(true);
        pass_us(SECOND);
    }
    silence(8500000, false);
    assert_int_equal(losses(), 0);
    silence(2 * SECOND, false);
    assert_int_equal(losses(), 1);
    stop();
}

static void test_never_when_off(void **state)
{
    (void)state;
    start(true, 4, 0);
    give(true);
    silence(3600 * SECOND / 60, false);
    assert_int_equal(losses(), 0);
    stop();
}

/* The time-out does not apply to recordings. */
static void test_never_of_a_recording(void **state)
{
    (void)state;
    start(false, 4, 10);
    give(true);
    silence(60 * SECOND, false);
    assert_int_equal(losses(), 0);
    assert_int_equal(rx->ended, 0);
    stop();
}

/* The encoder may have no free buffer. */
static void test_never_while_all_leases_are_out(void **state)
{
    (void)state;
    start(true, 2, 10);
    give(true);
    fault.fd = rx->v->cfg.fd;
    fault.budget = 0; /* the socket accepts nothing */
    (void)cam_push_at(false, 1000, now_us());
    (void)cam_push_at(false, 1000, now_us());
    turn(3);
    assert_int_equal(cam.leased, 2);
    for (unsigned i = 0; i < 120 && cam.leased == 2; i++)
        silence(SECOND / 4, false);
    assert_int_equal(losses(), 0);
    fault_off();
    silence(9 * SECOND, false);
    assert_int_equal(cam.leased, 0);
    assert_int_equal(losses(), 0);
    silence(12 * SECOND, false);
    assert_int_equal(losses(), 1);
    stop();
}

/* That time does not count later either: 0.4 s, then one second. */
static void test_held_leases_are_not_silence(void **state)
{
    (void)state;
    start(true, 2, 1);
    give(true);
    fault.fd = rx->v->cfg.fd;
    fault.budget = 0;
    (void)cam_push_at(false, 1000, now_us());
    (void)cam_push_at(false, 1000, now_us());
    turn(3);
    assert_int_equal(cam.leased, 2);
    pass_us(400000);
    assert_int_equal(cam.leased, 2);
    fault_off();
    silence(SECOND / 4 * 3, true);
    assert_int_equal(cam.leased, 0);
    assert_int_equal(losses(), 0);
    silence(SECOND / 2, true);
    assert_int_equal(losses(), 1);
    stop();
}

/* Only one lease, which every audio unit uses briefly. */
static void test_silent_with_a_single_lease(void **state)
{
    (void)state;
    start(true, 1, 10);
    give(true);
    silence(9 * SECOND, true);
    assert_int_equal(losses(), 0);
    silence(2 * SECOND, true);
    assert_int_equal(losses(), 1);
    stop();
}

/* The whole process was stopped, as by a debugger: pictures of that time are read afterwards, so the
 * source is not lost. */
static void test_not_after_a_stopped_process(void **state)
{
    (void)state;
    start(true, 4, 10);
    give(true);
    test_time_us += 30 * SECOND;
    turn(3);
    assert_int_equal(losses(), 0);
    silence(9 * SECOND, false);
    assert_int_equal(losses(), 0);
    silence(2 * SECOND, false);
    assert_int_equal(losses(), 1);
    stop();
}

/* Pictures do not re-arm the timer: it expires once in ten seconds. */
static void test_no_wake_up_per_picture(void **state)
{
    uint64_t due;
    unsigned moved = 0;

    (void)state;
    start(true, 4, 10);
    due = stream->silence_at_us;
    for (unsigned i = 0; i < 1500; i++) {
        give(i % 50 == 0);
        pass_us(40000);
        moved += stream->silence_at_us != due;
        due = stream->silence_at_us;
    }
    assert_in_range(moved, 5, 7);
    assert_int_equal(losses(), 0);
    stop();
}

static bool key_of_h265(void)
{
    unsigned n = cam_push_at(true, 1000, now_us());

    cam.unit[n].codec = GB_CODEC_H265;
    turn(2);
    return stream_stats(stream)->dropped_bad == 0;
}

/* An encoder opened in the middle of a GOP, first and again, with the same and another codec. */
static void test_pictures_before_the_first_key_frame(void **state)
{
    (void)state;
    start(true, 4, 10);
    give(false);
    give(false);
    assert_int_equal(stream_stats(stream)->before_key, 2);
    give_sound();
    give(true);
    give(false);
    assert_int_equal(stream_stats(stream)->before_key, 2);
    for (unsigned again = 0; again < 2; again++) {
        cam.read_err = -EPIPE;
        cam_ring();
        turn(3);
        cam.read_err = 0;
        pass_us(1100000);
        assert_int_equal(cam.opens, 2 + again);
        for (unsigned i = 0; i < 3; i++) {
            unsigned n = cam_push_at(false, 1000, now_us());
            cam.unit[n].codec = again ? GB_CODEC_H265 : GB_CODEC_H264;
            turn(2);
        }
        assert_int_equal(stream_stats(stream)->before_key, 5 + 3 * again);
        if (!again)
            give(true);
    }
    assert_true(key_of_h265());
    receive(rx, false);
    assert_int_equal(rx->units, 4);
    assert_int_equal(stream_stats(stream)->before_key, 8);
    assert_int_equal(stream_stats(stream)->dropped_bad, 0);
    stop();
}

/* The same for an elementary stream viewer. */
static void test_before_the_first_key_frame_without_ps(void **state)
{
    struct viewer_config cfg;
    int fd;

    (void)state;
    begin(true, 4);
    rx = rx_udp(&fd);
    cfg = viewer_cfg(rx, fd, false);
    cfg.elementary = GB_CODEC_H264;
    assert_int_equal(stream_add_viewer(stream, &cfg, &rx->v), 0);
    for (unsigned i = 0; i < 3; i++) {
        memcpy(cam.unit[cam_push(i == 2, 1000)].data, i == 2 ? "\0\0\1\x65" : "\0\0\1\x41", 4);
        turn(2);
    }
    assert_int_equal(stream_stats(stream)->before_key, 2);
    assert_int_equal(stream_stats(stream)->dropped_bad, 0);
    assert_int_equal(viewer_stats(rx->v)->units, 1);
    stop();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_after_ten_seconds),
        cmocka_unit_test(test_audio_is_not_a_picture),
        cmocka_unit_test(test_the_first_picture_has_twenty_seconds),
        cmocka_unit_test(test_a_source_of_few_pictures),
        cmocka_unit_test(test_never_when_off),
        cmocka_unit_test(test_never_of_a_recording),
        cmocka_unit_test(test_never_while_all_leases_are_out),
        cmocka_unit_test(test_held_leases_are_not_silence),
        cmocka_unit_test(test_silent_with_a_single_lease),
        cmocka_unit_test(test_not_after_a_stopped_process),
        cmocka_unit_test(test_no_wake_up_per_picture),
        cmocka_unit_test(test_pictures_before_the_first_key_frame),
        cmocka_unit_test(test_before_the_first_key_frame_without_ps),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
