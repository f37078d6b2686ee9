/* SPDX-License-Identifier: MIT */
/* The simulated board, opened with the default config. */
#ifndef TESTS_UNIT_SIM_BOARD_H
#define TESTS_UNIT_SIM_BOARD_H

#include "gbagent/board.h"

extern const struct board_ops board_sim;

static inline int sim_board_open(struct board **out)
{
    const struct board_value values[] = { { "32000", 32000 } }; /* in the order of its keys */
    const struct board_config cfg = { .value = values };

    return board_sim.open(&cfg, out);
}

#endif
