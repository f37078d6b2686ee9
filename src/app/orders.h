/* SPDX-License-Identifier: MIT */
/* What platforms tell the device to do (AGENT_CONTROL): to the board, into the device's state, and the result back. */
#ifndef APP_ORDERS_H
#define APP_ORDERS_H

#include <stdbool.h>

#include "agent/agent.h"
#include "sys/loop.h"
#include "util/log.h"

#define ORDERS_REBOOT_MS 1500u          /* from TeleBoot to the board: its 200 and unregistering come before */
#define ORDERS_RETURN_MS 4000u          /* a board that has not restarted by then: register again */

struct link;
struct parts;

struct orders {
    struct parts *parts;                /* borrowed */
    void (*resume)(void *arg);          /* a restart has not come: the platforms are connected to again */
    void *arg;
    struct loop_timer reboot;
    bool rebooting, returned;
    struct log_gate failures;           /* lines about orders that a board cannot carry out */
    uint64_t rebooted_us;               /* 0 = never; agents are made anew then and remember nothing */
};

void orders_init(struct orders *os, struct parts *p, void (*resume)(void *arg), void *arg);
void orders_free(struct orders *os);
/* Once, when the cameras are there: what they were told before the restart and should still do. */
void orders_restore(struct orders *os);
void orders_control(struct orders *os, struct link *k, const struct agent_event *ev);

#endif
