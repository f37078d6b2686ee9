/* SPDX-License-Identifier: MIT */
/* What platforms configure (AGENT_CONFIG, DeviceConfig): to where it belongs, and the result back. */
#ifndef APP_CONFIG_ORDER_H
#define APP_CONFIG_ORDER_H

#include "agent/agent.h"

struct parts;
struct link;

void config_order(struct parts *p, struct link *k, const struct agent_event *ev);

#endif
