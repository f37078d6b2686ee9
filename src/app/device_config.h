/* SPDX-License-Identifier: MIT */
/* What platforms configure (AGENT_CONFIG, DeviceConfig): to where it belongs, and the result back. */
#ifndef APP_DEVICE_CONFIG_H
#define APP_DEVICE_CONFIG_H

#include "agent/agent.h"

struct parts;
struct platform;

void device_config_execute(struct parts *p, struct platform *pf, const struct agent_event *ev);

#endif
