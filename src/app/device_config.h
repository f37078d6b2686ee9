/* SPDX-License-Identifier: MIT */
/* DeviceConfig (AGENT_CONFIG): stores and applies a block, and returns the result. */
#ifndef APP_DEVICE_CONFIG_H
#define APP_DEVICE_CONFIG_H

#include "agent/agent.h"

struct parts;
struct platform;

void device_config_execute(struct parts *p, struct platform *pf, const struct agent_event *ev);

#endif
