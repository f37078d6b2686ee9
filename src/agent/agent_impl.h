/* SPDX-License-Identifier: MIT */
/* The structs of agent and mux, for agent*.c and mux.c only. A feature sees its own struct and the user agent
 * (ua.h). */
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
    uint64_t unknown_sources;
    struct ua_common common; /* the last member: its end is not cleared */
};

/* An ID that requests are addressed to: the device's or an item's. */
struct agent_user {
    struct hash_node node;
    struct agent *agent;
    char id[GBID_SIZE];
};

struct agent {
    struct ua ua;
    struct mux *mux;
    struct list all; /* of the mux */
    struct heap_node due;
    struct hash_node by_key;
    struct agent_user *users;
    unsigned nusers;
    uint64_t users_layout; /* the device_layout of users */
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
/* Updates the agent's deadline in the heap. Called after any change, only by agent_verbs.c, mux_input and mux_tick. */
void agent_update_deadline(struct agent *a, const struct gb_time *now);
void agent_tick(struct agent *a, const struct gb_time *now);
/* The only functions that apply a change of the registration, or the outcome of a keepalive, to other features. status:
 * SIP status of the keepalive's response. */
void agent_on_registration(struct agent *a, struct reg_effects effects, const struct gb_time *now);
void agent_on_keepalive(struct agent *a, enum keepalive_outcome outcome, int status, const struct gb_time *now);
int agent_rebuild_users(struct agent *a);
struct agent *agent_of(struct ua *u);

/* Functions of agent/agent.h that concern several features. */
void agent_do_link_up(struct agent *a, uint32_t link, const struct addr *local, const struct addr *server,
                      unsigned nserver, const struct gb_time *now);
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
