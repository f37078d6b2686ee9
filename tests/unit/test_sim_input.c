/* SPDX-License-Identifier: MIT */
/* The alarm inputs of the simulated board. */
#include "sim_support.h"

#include <stdio.h>

#define INPUT1  "34020000001340000001"
#define INPUT2  "34020000001340000002"
#define CHANNEL "34020000001310000001"

static const struct board_channel channel = { .id = CHANNEL, .source = "" };

static void guard(const struct board_channel *ch, const char *item, bool on)
{
    struct gb_control c = { .kind = GB_CONTROL_GUARD, .u.guard.on = on };

    snprintf(c.item, sizeof(c.item), "%s", item);
    assert_int_equal(board_sim.control(board, ch, &c), 0);
}

static void on_guard(bool one, bool two, bool camera)
{
    assert_int_equal(sim_on_guard(board, INPUT1), one);
    assert_int_equal(sim_on_guard(board, INPUT2), two);
    assert_int_equal(sim_on_guard(board, CHANNEL), camera);
}

/* Per item; a command for the device overrides all of them. */
static void test_guard(void **state)
{
    (void)state;
    on_guard(true, true, true);
    guard(NULL, INPUT1, false);
    on_guard(false, true, true);
    guard(&channel, "", false);
    on_guard(false, true, false);
    guard(NULL, "", false);
    on_guard(false, false, false);
    guard(NULL, INPUT2, true);
    on_guard(false, true, false);
    guard(NULL, "", true);
    on_guard(true, true, true);
}

static void set(const char *id, bool on)
{
    assert_int_equal(board_sim.input_set(board, id, on), 0);
    assert_int_equal(board_sim.input(board, id), on);
}

static bool readable(void)
{
    struct pollfd p = { .fd = board_sim.event_fd(board), .events = POLLIN };

    return poll(&p, 1, 0) == 1;
}

/* Only a change from off to on raises an alarm; the siren sounds only on guard. */
static void test_contact(void **state)
{
    struct gb_control reset = { .kind = GB_CONTROL_ALARM_RESET };
    struct board_event ev;

    (void)state;
    assert_int_equal(board_sim.input(board, INPUT1), 0);
    set(INPUT1, false);
    assert_false(readable());
    set(INPUT1, true);
    set(INPUT1, true);
    set(INPUT1, false);
    assert_true(readable());
    assert_int_equal(board_sim.event_read(board, &ev), 0);
    assert_int_equal(ev.kind, BOARD_ALARM);
    assert_string_equal(ev.id, INPUT1);
    assert_int_equal(ev.method, 2);
    assert_int_equal(ev.type, 0);
    assert_int_equal(ev.priority, 1);
    assert_int_equal(board_sim.event_read(board, &ev), -EAGAIN);
    assert_true(sim_input_find(board, INPUT1)->siren);
    guard(NULL, INPUT2, false);
    set(INPUT2, true);
    assert_int_equal(board_sim.event_read(board, &ev), 0);
    assert_string_equal(ev.id, INPUT2);
    assert_false(sim_input_find(board, INPUT2)->siren);
    /* Resetting one input does not affect the other. */
    guard(NULL, INPUT2, true);
    set(INPUT2, false);
    set(INPUT2, true);
    snprintf(reset.item, sizeof(reset.item), INPUT1);
    snprintf(reset.u.alarm_reset.method, sizeof(reset.u.alarm_reset.method), "5/6");
    assert_int_equal(board_sim.control(board, NULL, &reset), 0);
    assert_true(sim_input_find(board, INPUT1)->siren);
    snprintf(reset.u.alarm_reset.method, sizeof(reset.u.alarm_reset.method), "1/2");
    assert_int_equal(board_sim.control(board, NULL, &reset), 0);
    assert_false(sim_input_find(board, INPUT1)->siren);
    assert_true(sim_input_find(board, INPUT2)->siren);
    reset.item[0] = '\0';
    assert_int_equal(board_sim.control(board, NULL, &reset), 0);
    assert_false(sim_input_find(board, INPUT2)->siren);
}

/* A change that cannot be reported is not made. */
static void test_full(void **state)
{
    const struct board_event motion = { .kind = BOARD_ALARM, .id = CHANNEL, .method = 5, .type = 2, .priority = 3 };
    struct board_event ev;

    (void)state;
    for (unsigned i = 0; i < SIM_EVENTS_MAX; i++)
        assert_int_equal(board_sim.simulate(board, &motion), 0);
    assert_int_equal(board_sim.simulate(board, &motion), -ENOBUFS);
    assert_int_equal(board_sim.input_set(board, INPUT1, true), -ENOBUFS);
    assert_int_equal(board_sim.input(board, INPUT1), 0);
    assert_int_equal(board_sim.event_read(board, &ev), 0);
    assert_int_equal(ev.type, 2);
    assert_int_equal(ev.priority, 3);
    set(INPUT1, true);
}

/* A channel simulated as off has no pictures until it is on again. */
static void test_channel(void **state)
{
    const struct board_channel clip = { .id = CHANNEL, .source = "board/sim/clip.h264", .audio = "" };
    struct board_event ev = { .kind = BOARD_CHANNEL, .id = CHANNEL, .state = BOARD_CHANNEL_OFF }, got;
    struct frame_source *src;
    struct gb_unit unit;
    struct board_status st;

    (void)state;
    assert_int_equal(board_sim.stream_open(board, &clip, &src), 0);
    assert_int_equal(board_sim.simulate(board, &ev), 0);
    assert_int_equal(board_sim.event_read(board, &got), 0);
    assert_int_equal(got.kind, BOARD_CHANNEL);
    assert_int_equal(got.state, BOARD_CHANNEL_OFF);
    assert_string_equal(got.id, CHANNEL);
    assert_int_equal(src->ops->read(src, &unit), -EPIPE);
    src->ops->close(src);
    assert_int_equal(board_sim.stream_open(board, &clip, &src), -EIO);
    assert_int_equal(board_sim.status(board, &clip, &st), 0);
    assert_false(st.ok);
    assert_string_equal(st.reason, "off");
    ev.state = BOARD_CHANNEL_ON;
    assert_int_equal(board_sim.simulate(board, &ev), 0);
    assert_int_equal(board_sim.stream_open(board, &clip, &src), 0);
    src->ops->close(src);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_guard, sim_setup, sim_teardown),
        cmocka_unit_test_setup_teardown(test_contact, sim_setup, sim_teardown),
        cmocka_unit_test_setup_teardown(test_full, sim_setup, sim_teardown),
        cmocka_unit_test_setup_teardown(test_channel, sim_setup, sim_teardown),
    };
    return cmocka_run_group_tests_name("sim_input", tests, NULL, NULL);
}
