/* SPDX-License-Identifier: MIT */
/* How agent and mux are built; seen by agent*.c and mux.c alone. A feature sees its own struct and the link (ua.h). */
#ifndef AGENT_AGENT_IMPL_H
#define AGENT_AGENT_IMPL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "agent/agent.h"
#include "agent/alarm.h"
#include "agent/call.h"
#include "agent/keepalive.h"
#include "agent/notifier.h"
#include "agent/pager.h"
#include "agent/registration.h"
#include "agent/router.h"
#include "agent/subscription.h"
#include "ua/ua.h"
#include "util/hash.h"
#include "util/heap.h"
#include "util/list.h"

struct mux {
    struct hash by_key, by_user;
    struct heap due;
    struct list agents;
    size_t nagents;
    uint64_t strangers;
    struct ua_common common;            /* the last member: its end is not cleared */
};

/* One ID that requests may be addressed to. */
struct agent_user {
    struct hash_node node;
    struct agent *agent;
    char id[GBID_SIZE];
};

struct agent {
    struct ua ua;
    struct mux *mux;
    struct list all;                    /* of the mux */
    struct heap_node due;
    struct hash_node by_key;
    struct agent_user *users;
    unsigned nusers;
    uint64_t users_layout;              /* device_layout they were made from */
    void *user;

    struct registration reg;
    struct keepalive keepalive;
    struct calls calls;
    struct router router;
    struct pager pager;
    struct alarm_inputs alarm_inputs;
    struct alarms alarms;
    struct subscriptions subscriptions;
    struct notifier notifier;
};

/* ---- agent.c ---- */
/* After anything happened to it: its deadline in the heap. Called by the verbs (agent_verbs.c), mux_input and mux_tick
 * alone, so that nothing in between can forget it. */
void agent_settle(struct agent *a, const struct gb_time *now);
void agent_tick(struct agent *a, const struct gb_time *now);
/* What a step of the registration, or of the keepalives, means for the other features: done here and nowhere else.
 * status: of the keepalive that was answered. */
void agent_follow(struct agent *a, struct reg_news news, const struct gb_time *now);
void agent_follow_keepalive(struct agent *a, enum keepalive_fact fact, int status, const struct gb_time *now);
int agent_rebuild_users(struct agent *a);
struct agent *agent_of(struct ua *u);           /* which has that link */

/* What the verbs of agent/agent.h without a module of their own do. */
void agent_do_link_up(struct agent *a, uint32_t link, const struct addr *local, const struct addr *server, unsigned nserver,
                      const struct gb_time *now);
void agent_do_link_failed(struct agent *a, const char *why, const struct gb_time *now);
void agent_do_device_changed(struct agent *a, const struct gb_time *now);
void agent_do_stop(struct agent *a, uint64_t deadline_ms, const struct gb_time *now);

/* ---- agent_config.c ---- */
int agent_do_apply(struct agent *a, const struct agent_config *cfg, const struct gb_time *now);
void agent_do_set_basic(struct agent *a, const struct gb_basic *b, const struct gb_time *now);

/* ---- agent_input.c ---- */
void agent_input_request(struct agent *a, const struct sip_scan *s, const struct sip_origin *o,
                         const struct gb_time *now);
void agent_input_response(struct agent *a, const struct sip_scan *s, const struct sip_origin *o,
                          const struct gb_time *now);
void agent_client_ended(struct agent *a, struct client_tx *t, const struct sip_scan *s, const struct gb_time *now);

#endif
