/* SPDX-License-Identifier: MIT */
/* The alarm queue of one platform (2016 and 2022 9.4): alarms are filtered by guard, latch and minimum interval, sent
 * by NOTIFY to matching subscribers and otherwise by MESSAGE, and repeated until delivered. */
#ifndef AGENT_ALARM_H
#define AGENT_ALARM_H

#include <stdint.h>

#include "agent/alarm_input.h"
#include "util/walltime.h"

#define ALARM_QUEUE_MAX     32u /* waiting or in flight; few enough for linear search */
#define ALARM_IN_FLIGHT_MAX 4u
#define ALARM_TRIES_MAX     3u
#define ALARM_RETRY_MS      2000u
#define ALARM_BUSY_MS       500u /* while another NOTIFY to the subscriber is in flight */
#define ALARM_VIDEO         5u   /* AlarmMethod 5: video analysis */

struct alarm_entry;
struct subscriptions;

struct alarms {
    struct ua *ua;
    struct alarm_inputs *inputs;
    struct subscriptions *subscriptions;
    struct alarm_entry *head, *tail; /* oldest first */
    unsigned count, in_flight;
    uint32_t next_ref;
};

/* Borrows all arguments. */
void alarm_init(struct alarms *al, struct ua *u, struct alarm_inputs *inputs, struct subscriptions *subscriptions);
void alarm_free(struct alarms *al);
void alarm_offline(struct alarms *al); /* drops the undelivered ones and opens their latches */
void alarm_tick(struct alarms *al, const struct gb_time *now);
uint64_t alarm_deadline(const struct alarms *al);

/* agent_alarm and agent_admits_alarm of agent/agent.h. */
int alarm_raise(struct alarms *al, const struct agent_alarm *raised, const struct gb_time *now);
int alarm_admits(const struct alarms *al, const struct agent_alarm *raised, const struct gb_time *now);

/* A MESSAGE_ALARM ended. status: SIP status, 0 on timeout, a negative errno if the link was lost. */
void alarm_message_done(struct alarms *al, uint32_t ref, int status, const struct gb_time *now);

/* A NOTIFY of subscriptions_notify_alarm ended, as above. */
void alarm_notify_done(struct alarms *al, unsigned slot, uint32_t ref, int status, const struct gb_time *now);
/* The subscriptions in the bit mask `slots` ended: their queued alarms go to other subscribers, or by MESSAGE. */
void alarm_subscribers_gone(struct alarms *al, unsigned slots, const struct gb_time *now);

#endif
