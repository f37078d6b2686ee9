/* SPDX-License-Identifier: MIT */
/* The simulated head and card over time, with the test's clock. */
#include "support.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "board/sim/sim.h"
#include "tests/unit/sim_board.h"

#define S 1000000ull

static struct sim_camera cam;
static uint64_t now;

static int setup(void **state)
{
    (void)state;
    memset(&cam, 0, sizeof(cam));
    cam.now.zoom = 1;
    now = 1000 * S;
    cam.moved_us = cam.idle_us = now;
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 256; i++)
        free(cam.cruise[i]);
    return 0;
}

static void command(enum ptz_kind kind, unsigned number, unsigned value)
{
    const struct gb_control c = { .kind = GB_CONTROL_PTZ,
                                  .u.ptz.cmd = { .kind = kind, .number = number, .value = value } };

    assert_int_equal(sim_head_command(&cam, &c, now), 0);
}

static void precise(double pan, double tilt, double zoom)
{
    const struct gb_control c = { .kind = GB_CONTROL_PRECISE, .u.precise = { true, true, true, pan, tilt, zoom } };

    assert_int_equal(sim_head_command(&cam, &c, now), 0);
}

static void pass(double seconds)
{
    now += (uint64_t)(seconds * 1e6);
    sim_head_advance(&cam, now);
}

static void at(double pan, double tilt, double zoom)
{
    double off = fabs(cam.now.pan - pan);

    if ((off > 0.1 && off < 359.9) || fabs(cam.now.tilt - tilt) > 0.1 || fabs(cam.now.zoom - zoom) > 0.1)
        fail_msg("at pan %f tilt %f zoom %f, not %f %f %f", cam.now.pan, cam.now.tilt, cam.now.zoom, pan, tilt, zoom);
}

static void preset_at(unsigned number, double pan)
{
    cam.preset[number] = (struct sim_position){ pan, 0, 1 };
    cam.preset_set[number] = true;
}

/* 120 degrees per second, the shorter way round; positive tilt is down in the standard. */
static void test_precise_position(void **state)
{
    (void)state;
    precise(90, 45, 2);
    pass(0.25);
    at(30, -30, 2);
    pass(1);
    at(90, -45, 2);
    assert_int_equal(cam.motion, SIM_STILL);
    precise(350, 90, 1e6);
    pass(0.5);
    assert_true(cam.now.pan < 90.0); /* through 0, not through 180 */
    pass(10);
    at(350, SIM_TILT_MIN, SIM_ZOOM_MAX);
    precise(350, -30, 0);
    pass(60);
    at(350, SIM_TILT_MAX, 1);
}

/* The picture is 60 by 33.75 degrees wide at zoom 1. */
static void test_drags(void **state)
{
    struct gb_control c = { .kind = GB_CONTROL_DRAG_ZOOM, .u.drag = { true, { 1920, 1080, 1440, 540, 480, 270 } } };

    (void)state;
    assert_int_equal(sim_head_command(&cam, &c, now), 0);
    pass(5);
    at(15, 0, 4); /* a quarter of the width to the right, zoom by four */
    c.u.drag.in = false;
    c.u.drag.area.mid_x = 960;
    c.u.drag.area.mid_y = 0;
    assert_int_equal(sim_head_command(&cam, &c, now), 0);
    pass(5);
    at(15, 33.75 / 4 / 2, 1);
}

static void test_cruises(void **state)
{
    (void)state;
    preset_at(1, 0);
    preset_at(2, 40);
    command(PTZ_CRUISE_ADD, 5, 1);
    command(PTZ_CRUISE_ADD, 5, 9); /* never set: skipped */
    command(PTZ_CRUISE_ADD, 5, 2);
    command(PTZ_CRUISE_STAY, 5, 10);
    command(PTZ_CRUISE_SPEED, 5, 10); /* 40 degrees per second */
    command(PTZ_CRUISE_START, 5, 0);
    pass(9.9);
    at(0, 0, 1);
    pass(0.6);
    at(20, 0, 1);
    pass(0.6);
    at(40, 0, 1);
    pass(9.5);
    at(40, 0, 1);
    pass(1.5);
    at(0, 0, 1);
    pass(22); /* one round later */
    at(0, 0, 1);
    pass(11);
    at(40, 0, 1);
    command(PTZ_STOP, 0, 0);
    pass(1000);
    at(40, 0, 1);
}

static void test_cruises_need_points(void **state)
{
    const struct gb_control start = { .kind = GB_CONTROL_PTZ, .u.ptz.cmd = { .kind = PTZ_CRUISE_START, .number = 1 } };

    (void)state;
    assert_int_equal(sim_head_command(&cam, &start, now), -ENOENT);
    command(PTZ_CRUISE_ADD, 1, 7);
    assert_int_equal(sim_head_command(&cam, &start, now), -ENOENT);
    preset_at(7, 10);
    assert_int_equal(sim_head_command(&cam, &start, now), 0);
    pass(100000); /* one point, no stay: must not loop forever */
    at(10, 0, 1);
    command(PTZ_CRUISE_DELETE, 1, 0);
    pass(10);
    assert_int_equal(cam.motion, SIM_STILL);
    for (unsigned i = 0; i < SIM_POINTS_MAX; i++)
        command(PTZ_CRUISE_ADD, 2, 7);
    const struct gb_control more = { .kind = GB_CONTROL_PTZ,
                                     .u.ptz.cmd = { .kind = PTZ_CRUISE_ADD, .number = 2, .value = 7 } };
    assert_int_equal(sim_head_command(&cam, &more, now), -ENOSPC);
}

static void test_scans(void **state)
{
    (void)state;
    precise(350, 0, 1);
    pass(5);
    command(PTZ_SCAN_LEFT, 0, 0);
    precise(20, 0, 1);
    pass(5);
    command(PTZ_SCAN_RIGHT, 0, 0);
    precise(0, 0, 1);
    pass(5);
    command(PTZ_SCAN_START, 0, 0); /* 10 degrees per second, between 350 and 20 */
    pass(1);
    at(10, 0, 1);
    pass(2);
    at(10, 0, 1); /* to 20 and back */
    pass(2);
    at(350, 0, 1);
    pass(1);
    at(0, 0, 1);
}

static void test_scan_turns_at_both_edges(void **state)
{
    (void)state;
    sim_head_scan(&cam, 350, 20, 10);
    for (int i = 0; i < 1000; i++) {
        pass(0.37);
        assert_true(cam.now.pan >= 349.9 || cam.now.pan <= 20.1);
    }
    /* Without limits: endless rotation. */
    sim_head_scan(&cam, 0, 0, 10);
    cam.now.pan = 0;
    pass(27);
    at(270, 0, 1);
    pass(18);
    at(90, 0, 1);
}

/* Target tracking, or a scan with a single limit, does not change the limits set by commands. */
static void test_scan_keeps_its_edges(void **state)
{
    struct gb_control track = { .kind = GB_CONTROL_TRACK, .u.track.mode = GB_TRACK_AUTO };

    (void)state;
    precise(350, 0, 1);
    pass(10);
    command(PTZ_SCAN_LEFT, 0, 0);
    command(PTZ_SCAN_START, 0, 0); /* one limit: endless rotation */
    pass(2);
    precise(20, 0, 1);
    pass(10);
    command(PTZ_SCAN_RIGHT, 0, 0);
    assert_int_equal(sim_head_command(&cam, &track, now), 0);
    pass(5);
    track.u.track.mode = GB_TRACK_STOP;
    assert_int_equal(sim_head_command(&cam, &track, now), 0);
    precise(0, 0, 1);
    pass(10);
    command(PTZ_SCAN_START, 0, 0);
    for (int i = 0; i < 300; i++) {
        pass(0.37);
        assert_true(cam.now.pan >= 349.9 || cam.now.pan <= 20.1);
    }
}

static void test_goes_home(void **state)
{
    struct gb_control home = {
        .kind = GB_CONTROL_HOME,
        .u.home = { .enabled = true, .has_reset_time = true, .reset_time_s = 30, .has_preset = true, .preset = 3 },
    };

    (void)state;
    preset_at(3, 100);
    assert_int_equal(sim_head_command(&cam, &home, now), 0);
    pass(29);
    at(0, 0, 1);
    pass(10);
    at(100, 0, 1);
    precise(50, 0, 1);
    pass(20);
    at(50, 0, 1);
    precise(60, 0, 1); /* since the last movement */
    pass(29);
    at(60, 0, 1);
    pass(10);
    at(100, 0, 1);
    pass(100000);
    at(100, 0, 1);
    home.u.home.enabled = false;
    assert_int_equal(sim_head_command(&cam, &home, now), 0);
    precise(50, 0, 1);
    pass(100000);
    at(50, 0, 1);
}

static void test_follows(void **state)
{
    struct gb_control track = { .kind = GB_CONTROL_TRACK, .u.track = { .mode = GB_TRACK_AUTO } };

    (void)state;
    assert_int_equal(sim_head_command(&cam, &track, now), 0);
    pass(1);
    at(5, 0, 1);
    pass(1000);
    assert_true(cam.now.pan <= 15.1 || cam.now.pan >= 344.9);
    track.u.track.mode = GB_TRACK_STOP;
    assert_int_equal(sim_head_command(&cam, &track, now), 0);
    double pan = cam.now.pan;
    pass(1000);
    at(pan, 0, 1);
}

/* ---- the card --------------------------------------------------------------------------------------------- */

static void test_card_fills_and_formats(void **state)
{
    struct board_card card;
    struct board *b;

    (void)state;
    assert_int_equal(sim_board_open(&b), 0);
    assert_int_equal(sim_card_status(b, now, &card), 0);
    assert_int_equal(card.id, 1);
    assert_int_equal(card.state, BOARD_CARD_OK);
    assert_int_equal(card.progress, -1);
    assert_int_equal(card.capacity_mb, 32000);
    assert_int_equal(card.free_mb, 19200);
    /* Two streams, 125000 bytes per second each: 25 MB in 100 s. */
    assert_int_equal(sim_record(b, "34020000001310000001", 0, true, now), 0);
    assert_int_equal(sim_record(b, "34020000001310000001", 0, true, now), 0);
    assert_int_equal(sim_record(b, "34020000001310000001", 1, true, now), 0);
    assert_int_equal(sim_record(b, "34020000001310000001", 32, true, now), -ERANGE);
    now += 100 * S;
    assert_int_equal(sim_card_status(b, now, &card), 0);
    assert_int_equal(card.free_mb, 19175);
    now += 1000000 * S;
    assert_int_equal(sim_card_status(b, now, &card), 0);
    assert_int_equal(card.free_mb, 200);
    assert_int_equal(sim_card_format(b, 2, now), -ENODEV);
    assert_int_equal(sim_record(b, "34020000001310000001", 0, false, now), 0);
    assert_int_equal(sim_record(b, "34020000001310000001", 1, false, now), 0);
    assert_int_equal(sim_card_format(b, 0, now), 0);
    assert_int_equal(sim_card_format(b, 1, now), -EBUSY);
    assert_int_equal(sim_record(b, "34020000001310000001", 0, true, now), -EBUSY);
    now += 2 * S;
    assert_int_equal(sim_card_status(b, now, &card), 0);
    assert_int_equal(card.state, BOARD_CARD_FORMATTING);
    assert_int_equal(card.progress, 40);
    now += 4 * S;
    assert_int_equal(sim_card_status(b, now, &card), 0);
    assert_int_equal(card.state, BOARD_CARD_OK);
    assert_int_equal(card.free_mb, 32000);
    board_sim.close(b);
}

static void test_controls_of_the_board(void **state)
{
    struct board_channel ch = { .id = "34020000001310000001", .source = "", .audio = "" };
    struct gb_control c = { .kind = GB_CONTROL_RECORD, .u.record.on = true };
    struct board_status st;
    struct board_head head;
    struct frame_source *src;
    struct board *b;

    (void)state;
    assert_int_equal(sim_board_open(&b), 0);
    assert_int_equal(board_sim.control(b, &ch, &c), 0);
    assert_int_equal(board_sim.status(b, &ch, &st), 0);
    assert_int_equal(st.record, 1);
    ch.id = "34020000001310000002";
    assert_int_equal(board_sim.status(b, &ch, &st), 0);
    assert_int_equal(st.record, 0);
    assert_int_equal(board_sim.status(b, NULL, &st), 0);
    assert_int_equal(st.record, 1);
    assert_int_equal(board_sim.head(b, &ch, &head), 0);
    assert_true(head.has_view && head.zoom > 0.99 && head.horizontal_angle > 59.9);
    assert_true(board_sim.can(b, &ch, GB_CONTROL_HOME));
    assert_false(board_sim.can(b, NULL, GB_CONTROL_UPGRADE));
    c.kind = GB_CONTROL_HOME;
    assert_int_equal(board_sim.control(b, NULL, &c), -ENOTSUP); /* the device itself has no head */
    c.kind = GB_CONTROL_REBOOT;
    assert_int_equal(board_sim.control(b, NULL, &c), 0);
    assert_int_equal(board_sim.stream_open(b, &ch, &src), -EAGAIN); /* it is restarting */
    board_sim.close(b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_precise_position, setup, teardown),
        cmocka_unit_test_setup_teardown(test_drags, setup, teardown),
        cmocka_unit_test_setup_teardown(test_cruises, setup, teardown),
        cmocka_unit_test_setup_teardown(test_cruises_need_points, setup, teardown),
        cmocka_unit_test_setup_teardown(test_scans, setup, teardown),
        cmocka_unit_test_setup_teardown(test_scan_turns_at_both_edges, setup, teardown),
        cmocka_unit_test_setup_teardown(test_scan_keeps_its_edges, setup, teardown),
        cmocka_unit_test_setup_teardown(test_goes_home, setup, teardown),
        cmocka_unit_test_setup_teardown(test_follows, setup, teardown),
        cmocka_unit_test_setup_teardown(test_card_fills_and_formats, setup, teardown),
        cmocka_unit_test(test_controls_of_the_board),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
