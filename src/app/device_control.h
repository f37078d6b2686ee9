/* SPDX-License-Identifier: MIT */
/* DeviceControl (AGENT_CONTROL): executes the command, updates the device's state, and returns the result. */
#ifndef APP_DEVICE_CONTROL_H
#define APP_DEVICE_CONTROL_H

#include <stdbool.h>

#include "agent/agent.h"
#include "sys/loop.h"
#include "util/log.h"

#define DEVICE_CONTROL_REBOOT_MS 1500u /* delay of TeleBoot: time to send the 200 and to unregister */
#define DEVICE_CONTROL_RETURN_MS 4000u /* if the board has not restarted after this time, register again */

struct platform;
struct parts;

struct device_control {
    struct parts *parts;       /* borrowed */
    void (*resume)(void *arg); /* the restart failed: connects to the platforms again */
    void *arg;
    struct loop_timer reboot;
    bool rebooting, waited;   /* waited: the timer runs for DEVICE_CONTROL_RETURN_MS */
    struct log_gate failures; /* failed and refused commands */
    uint64_t rebooted_us;     /* last TeleBoot, 0: none; kept here because the agents are replaced */
};

void device_control_init(struct device_control *dc, struct parts *p, void (*resume)(void *arg), void *arg);
void device_control_free(struct device_control *dc);
/* Once, after the cameras are open: restores guard, recording and home positions from before the restart. */
void device_control_restore(struct device_control *dc);
void device_control_execute(struct device_control *dc, struct platform *pf, const struct agent_event *ev);

#endif
