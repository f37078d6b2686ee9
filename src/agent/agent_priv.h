/* SPDX-License-Identifier: MIT */
/*
 * What an agent offers the modules inside core that live in it (router, pager, alarm). Nobody above core
 * includes this. How the agent itself is built is in agent/agent_impl.h.
 *
 * Those modules are embedded by value and each has X_init(x, agent), X_free(x), X_offline(x) (drop everything pending:
 * the link is gone), X_tick(x, now) and X_deadline(x) (mono ms, UINT64_MAX none).
 */
#ifndef AGENT_AGENT_PRIV_H
#define AGENT_AGENT_PRIV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "agent/agent.h"
#include "util/span.h"
#include "util/walltime.h"

/* Who is told when an out-of-dialog MESSAGE of ours ends. */
enum message_purpose { MESSAGE_KEEPALIVE, MESSAGE_RESPONSE, MESSAGE_PAGE, MESSAGE_ALARM, MESSAGE_NOTICE, MESSAGE_NOTIFY };

/* Out-of-dialog MESSAGE (fresh Call-ID, Content-Type Application/MANSCDP+xml) to the platform; `body` is copied and
 * already in the link's charset. `ref` comes back in *_message_done with the final SIP status, 0 for a timeout or a
 * negative errno when the link was lost; never from inside this call.
 * 0, -ENETDOWN (not registered, or no link), -ENOBUFS (too large, or too many under way), -ENOMEM. */
int agent_send_message(struct agent *a, enum message_purpose purpose, uint32_t ref, struct span body,
                       const struct gb_time *now);
/* Body bytes that fit so that the whole SIP message stays within 1300 bytes (UDP) or 8192 (TCP). */
size_t agent_body_room(const struct agent *a);
uint32_t agent_next_sn(struct agent *a);                /* of requests that we start; 1.. */
/* Queues a copy, strings included (why, channel; an offer too). A queue that is full or no memory drops it with a log
 * line; CALL_STOP and OFFLINE are never dropped for a full queue. */
void agent_event_push(struct agent *a, const struct agent_event *ev);
struct device *agent_device(const struct agent *a);
bool agent_is_platform(const struct agent *a, struct span id);  /* its configured ID, or the one redirected to */
bool agent_online(const struct agent *a);               /* registered, as the platform sees us */
/* The edition of what is sent: the older of the configured one and the platform's X-GB-Ver. agent_get_config says the
 * same, and the charset with it. */
enum gb_edition agent_edition(const struct agent *a);
/* The alarm subscriptions that want this alarm, a bit each. */
unsigned agent_alarm_subscribers(struct agent *a, const struct agent_alarm *al, const struct gb_time *now);
/* The alarm as NOTIFY of subscription number `slot`; alarm_notify_done follows with ref. -EBUSY: one is in flight, try
 * again later; -ENOENT: the subscription is gone; -errno of sending. */
int agent_notify_alarm(struct agent *a, unsigned slot, uint32_t ref, struct span body, const struct gb_time *now);
/* The other modules of the same agent. */
struct pager;
struct alarms;
struct pager *agent_pager(struct agent *a);
struct alarms *agent_alarms(struct agent *a);
uint32_t agent_random(struct agent *a);                 /* unpredictable, from the mux's seed */

#endif
