/* SPDX-License-Identifier: MIT */
/* Alarms on their way from boards and gbagentctl to the platforms. Agents are told: the caller then fetches what they have
 * to say. */
#ifndef APP_ALARM_DISPATCH_H
#define APP_ALARM_DISPATCH_H

#include <stddef.h>
#include <stdint.h>

#include "agent/agent.h"
#include "gbagent/board.h"

#define ALARM_REASONS 7u                /* why one does not go out */

/* A line that is not logged over and over. */
struct alarm_quiet {
    uint64_t until_us;
    unsigned more;                      /* that were not, since */
};

struct parts;

struct alarm_dispatch {
    struct parts *parts;                /* borrowed */
    struct alarm_quiet quiet[ALARM_REASONS];
};

void alarm_dispatch_board(struct alarm_dispatch *ad, const struct board_event *ev);         /* BOARD_ALARM */
/* Through the board when it can pretend, so that all of the way is tried. Whether it would go out is said at once: 0, or a
 * negative errno and why. */
int alarm_dispatch_request(struct alarm_dispatch *ad, const struct agent_alarm *al, char *err, size_t size);

#endif
