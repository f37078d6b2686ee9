/* SPDX-License-Identifier: MIT */
/* Passes alarms of boards and of gbagentctl to the agents. Afterwards the caller has to fetch the agents' packets and
 * events. */
#ifndef APP_ALARM_DISPATCH_H
#define APP_ALARM_DISPATCH_H

#include <stddef.h>
#include <stdint.h>

#include "agent/agent.h"
#include "gbagent/board.h"

#define ALARM_REASONS 7u /* reasons for not sending an alarm */

/* Limits the log lines of one reason. */
struct alarm_quiet {
    uint64_t until_us;
    unsigned suppressed; /* lines since the last one logged */
};

struct parts;

struct alarm_dispatch {
    struct parts *parts; /* borrowed */
    struct alarm_quiet quiet[ALARM_REASONS];
};

void alarm_dispatch_board(struct alarm_dispatch *ad, const struct board_event *ev); /* BOARD_ALARM */
/* Goes through the board if it can simulate alarms, to test the whole path. 0, or a negative errno with a text in
 * reason if the alarm would not be sent. */
int alarm_dispatch_request(struct alarm_dispatch *ad, const struct agent_alarm *al, char *reason, size_t size);

#endif
