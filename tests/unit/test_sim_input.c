/* SPDX-License-Identifier: MIT */
/* The alarm inputs of the simulated board. */
#include "support.h"

#include <stdio.h>

#include "board/sim/sim.h"

extern const struct board_ops board_sim;

#define INPUT1 "34020000001340000001"
#define INPUT2 "34020000001340000002"
#define CHANNEL "34020000001310000001"

static struct board *board;
static const struct board_channel channel = { .id = CHANNEL, .source = "" };

static int setup(void **state)
{
    (void)state;
    return board_sim.open(&board);
}

static int teardown(void **state)
{
    (void)state;
    board_sim.close(board);
    return 0;
}

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

/* By item; the device's word is the last for all of them. */
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_guard, setup, teardown),
    };
    return cmocka_run_group_tests_name("sim_input", tests, NULL, NULL);
}
