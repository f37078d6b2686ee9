/* SPDX-License-Identifier: MIT */
/* A simulated board for a group of tests. */
#ifndef TESTS_UNIT_SIM_SUPPORT_H
#define TESTS_UNIT_SIM_SUPPORT_H

#include "support.h"

#include <errno.h>
#include <poll.h>

#include "board/sim/sim.h"
#include "tests/unit/sim_board.h"

static struct board *board;

static inline int sim_setup(void **state)
{
    (void)state;
    return sim_board_open(&board);
}

static inline int sim_teardown(void **state)
{
    (void)state;
    board_sim.close(board);
    return 0;
}

/* As frame_source_ops.read, but waits for the next unit. */
static inline int sim_next(struct frame_source *src, struct gb_unit *u)
{
    int err;

    while ((err = src->ops->read(src, u)) == -EAGAIN) {
        struct pollfd p = { .fd = src->ops->fd(src), .events = POLLIN };
        assert_int_equal(poll(&p, 1, 2000), 1);
    }
    return err;
}

/* Opens a source and reads one unit; false: it could not be opened. */
static inline bool sim_open_and_read(const struct board_channel *ch)
{
    struct frame_source *src;
    struct gb_unit u;

    if (board_sim.stream_open(board, ch, &src) != 0)
        return false;
    assert_int_equal(sim_next(src, &u), 0);
    src->ops->release(src, &u);
    src->ops->close(src);
    return true;
}

#endif
