/* SPDX-License-Identifier: MIT */
/* What features of an agent want of each other. */
#ifndef AGENT_AGENT_PARTS_H
#define AGENT_AGENT_PARTS_H

#include "agent/ua.h"

/* The alarm subscriptions that want this alarm, a bit each. */
unsigned agent_alarm_subscribers(struct ua *u, const struct agent_alarm *al, const struct gb_time *now);
/* The alarm as NOTIFY of subscription number `slot`; alarm_notify_done follows with ref. -EBUSY: one is in flight, try
 * again later; -ENOENT: the subscription is gone; -errno of sending. */
int agent_notify_alarm(struct ua *u, unsigned slot, uint32_t ref, struct span body, const struct gb_time *now);

#endif
