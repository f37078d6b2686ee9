/* SPDX-License-Identifier: MIT */
/* What platforms tell the device to do (AGENT_CONTROL): to the board, into the device's state, and the result back. */
#ifndef APP_DEVICE_CONTROL_H
#define APP_DEVICE_CONTROL_H

#include <stdbool.h>

#include "agent/agent.h"
#include "sys/loop.h"
#include "util/log.h"

#define DEVICE_CONTROL_REBOOT_MS 1500u          /* from TeleBoot to the board: its 200 and unregistering come before */
#define DEVICE_CONTROL_RETURN_MS 4000u          /* a board that has not restarted by then: register again */

struct platform;
struct parts;

struct device_control {
    struct parts *parts;                /* borrowed */
    void (*resume)(void *arg);          /* a restart has not come: the platforms are connected to again */
    void *arg;
    struct loop_timer reboot;
    bool rebooting, returned;
    struct log_gate failures;           /* lines about orders that a board cannot carry out */
    uint64_t rebooted_us;               /* 0 = never; agents are made anew then and remember nothing */
};

void device_control_init(struct device_control *dc, struct parts *p, void (*resume)(void *arg), void *arg);
void device_control_free(struct device_control *dc);
/* Once, when the cameras are there: what they were told before the restart and should still do. */
void device_control_restore(struct device_control *dc);
void device_control_execute(struct device_control *dc, struct platform *pf, const struct agent_event *ev);

#endif
