/* SPDX-License-Identifier: MIT */
/* Alarms of one link: queued, sent by NOTIFY to subscribers that want them and by MESSAGE otherwise, tried again, held
 * back by the latch and the least interval. */
#ifndef AGENT_ALARM_H
#define AGENT_ALARM_H

#include <stdint.h>

#include "agent/alarm_input.h"
#include "util/walltime.h"

#define ALARM_QUEUE_MAX 32u             /* alarms that wait or are in flight: few enough to be walked */
#define ALARM_IN_FLIGHT_MAX 4u
#define ALARM_TRIES_MAX 3u
#define ALARM_RETRY_MS 2000u
#define ALARM_BUSY_MS 500u              /* while a subscriber answers another NOTIFY */
#define ALARM_VIDEO 5u                  /* AlarmMethod 5: what the picture shows */

struct alarm_entry;
struct subscriptions;

struct alarms {
    struct ua *ua;
    struct alarm_inputs *inputs;
    struct subscriptions *subscriptions;
    struct alarm_entry *head, *tail;    /* in the order they were raised */
    unsigned count, in_flight;
    uint32_t next_ref;
};

/* Borrows all. */
void alarm_init(struct alarms *al, struct ua *u, struct alarm_inputs *inputs, struct subscriptions *subscriptions);
void alarm_free(struct alarms *al);
void alarm_offline(struct alarms *al);                  /* what was not delivered is dropped and its latch opened */
void alarm_tick(struct alarms *al, const struct gb_time *now);
uint64_t alarm_deadline(const struct alarms *al);

/* agent_alarm and agent_admits_alarm of agent/agent.h. */
int alarm_raise(struct alarms *al, const struct agent_alarm *raised, const struct gb_time *now);
int alarm_admits(const struct alarms *al, const struct agent_alarm *raised, const struct gb_time *now);

/* A MESSAGE_ALARM ended. status: of SIP, 0 timeout, negative errno link lost. */
void alarm_message_done(struct alarms *al, uint32_t ref, int status, const struct gb_time *now);

/* A NOTIFY of subscriptions_notify_alarm ended, as above. */
void alarm_notify_done(struct alarms *al, unsigned slot, uint32_t ref, int status, const struct gb_time *now);
/* Subscriptions ended, a bit each: what waits for them goes another way. */
void alarm_subscribers_gone(struct alarms *al, unsigned slots, const struct gb_time *now);

#endif
