/* SPDX-License-Identifier: MIT */
#include "agent/agent_impl.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "util/log.h"

static void drop_users(struct agent *a)
{
    for (unsigned i = 0; i < a->nusers; i++)
        hash_remove(&a->mux->by_user, &a->users[i].node);
    free(a->users);
    a->users = NULL;
    a->nusers = 0;
}

int agent_rebuild_users(struct agent *a)
{
    unsigned items = device_item_count(a->ua.dev), n = 0;
    struct agent_user *users = calloc((size_t)items + 1, sizeof(*users));

    if (!users)
        return -ENOMEM;
    drop_users(a);
    a->users = users;
    a->users_layout = device_layout(a->ua.dev);
    for (unsigned i = 0; i <= items; i++) {
        const struct device_item *item = i > 0 ? device_item_at(a->ua.dev, i - 1) : NULL;
        const char *id = i == 0 ? a->ua.device_id : item ? item->cfg.id : "";
        struct agent_user *u = &users[n];
        if (!*id || (i > 0 && strcmp(id, a->ua.device_id) == 0))
            continue;
        u->agent = a;
        if (!span_copy(span_of(id), u->id, sizeof(u->id)) ||
            hash_insert(&a->mux->by_user, &u->node, span_of(u->id)) != 0)
            continue; /* by_source still finds the agent */
        a->nusers = ++n;
    }
    return 0;
}

static int join_mux(struct agent *a)
{
    struct mux *m = a->mux;
    int err;

    do {
        rng_hex(&m->common.rng, a->ua.key, UA_KEY_LEN);
    } while (hash_find(&m->by_key, span_of(a->ua.key)));
    err = heap_reserve(&m->due, m->nagents + 1);
    if (err == 0)
        err = hash_insert(&m->by_key, &a->by_key, span_of(a->ua.key));
    if (err != 0)
        return err;
    list_append(&m->agents, &a->all);
    m->nagents++;
    err = agent_rebuild_users(a);
    if (err == 0)
        err = heap_set(&m->due, &a->due, 0);
    return err;
}

int agent_new(struct mux *m, const struct agent_config *cfg, struct device *dev, struct agent **out)
{
    struct agent *a = calloc(1, sizeof(*a));
    int err;

    if (!a)
        return -ENOMEM;
    a->mux = m;
    list_init(&a->all);
    err = ua_init(&a->ua, &m->common, cfg, dev);
    calls_init(&a->calls, &a->ua);
    pager_init(&a->pager, &a->ua);
    alarm_inputs_init(&a->alarm_inputs, &a->ua);
    subscriptions_init(&a->subscriptions, &a->ua);
    alarm_init(&a->alarms, &a->ua, &a->alarm_inputs, &a->subscriptions);
    router_init(&a->router, &a->ua, &a->pager, &a->alarm_inputs);
    notifier_init(&a->notifier, &a->ua);
    keepalive_init(&a->keepalive, &a->ua);
    if (err == 0)
        err = join_mux(a);
    if (err != 0) {
        agent_free(a);
        return err;
    }
    registration_init(&a->reg, &a->ua);
    ua_sources_update(&a->ua);
    *out = a;
    return 0;
}

void agent_free(struct agent *a)
{
    if (!a)
        return;
    calls_free(&a->calls);
    subscriptions_free(&a->subscriptions);
    router_free(&a->router);
    pager_free(&a->pager);
    alarm_free(&a->alarms);
    alarm_inputs_free(&a->alarm_inputs);
    notifier_free(&a->notifier);
    drop_users(a);
    if (!list_empty(&a->all)) {
        hash_remove(&a->mux->by_key, &a->by_key);
        list_remove(&a->all);
        a->mux->nagents--;
    }
    heap_remove(&a->mux->due, &a->due);
    ua_free(&a->ua);
    free(a);
}

struct agent *agent_of(struct ua *u)
{
    return container_of(u, struct agent, ua);
}

/* ---- effects of registration and keepalives on other features ------------------------------- */

/* Drops everything pending except calls and subscriptions. */
static void drop_pending(struct agent *a)
{
    keepalive_offline(&a->keepalive);
    router_offline(&a->router);
    pager_offline(&a->pager);
    alarm_offline(&a->alarms);
    ua_drop_requests(&a->ua);
}

/* Ends everything that depends on the registration, except running calls with keep_calls. */
static void go_offline(struct agent *a, bool keep_calls, const char *why, const struct gb_time *now)
{
    drop_pending(a);
    subscriptions_offline(&a->subscriptions);
    notifier_offline(&a->notifier);
    if (keep_calls)
        calls_hold(&a->calls, now);
    else
        calls_offline(&a->calls, now);
    calls_flush_byes(&a->calls, now);
    registration_offline(&a->reg, why, now);
}

void agent_on_registration(struct agent *a, struct reg_effects effects, const struct gb_time *now)
{
    if (effects.flags == 0)
        return;
    if (effects.flags & REG_DOUBTED)
        calls_doubt(&a->calls);
    if (effects.flags & REG_CONFIRMED)
        calls_confirmed(&a->calls);
    if (effects.flags & REG_CALLS_LOST)
        calls_offline(&a->calls, now);
    if (effects.flags & REG_HANG_UP)
        calls_shutdown(&a->calls, now);
    if (effects.flags & REG_UNSUBSCRIBE)
        subscriptions_shutdown(&a->subscriptions, now);
    if (effects.flags & (REG_OFFLINE | REG_LINK_BROKEN)) {
        go_offline(a, effects.flags & REG_LINK_BROKEN, effects.why, now);
        registration_continue(&a->reg, now);
    }
    if (effects.flags & REG_ONLINE)
        keepalive_start(&a->keepalive, now);
    if (effects.flags & REG_CALLS_KEPT)
        calls_kept(&a->calls, now);
    if (effects.flags & REG_READDRESSED)
        keepalive_now(&a->keepalive, now);
}

void agent_on_keepalive(struct agent *a, enum keepalive_outcome outcome, int status, const struct gb_time *now)
{
    struct reg_effects effects = { 0 };
    char why[48];

    switch (outcome) {
    case KEEPALIVE_ANSWERED:
        effects = registration_keepalive_ok(&a->reg);
        break;
    case KEEPALIVE_SILENT:
        effects = registration_doubt(&a->reg, "keepalives not answered",
                                     keepalive_within_interval(&a->keepalive, REG_DOUBT_MS), now);
        break;
    case KEEPALIVE_REFUSED:
        snprintf(why, sizeof(why), "keepalive refused with %d", status);
        effects = registration_lost(&a->reg, why, a->keepalive.missed > 0);
        break;
    case KEEPALIVE_NOTHING:
        break;
    }
    agent_on_registration(a, effects, now);
}

void agent_do_stop(struct agent *a, uint64_t deadline_ms, const struct gb_time *now)
{
    if (a->ua.state == AGENT_STOPPED)
        return;
    if (a->ua.state != AGENT_STOPPING) {
        drop_pending(a);
        calls_shutdown(&a->calls, now);
        subscriptions_shutdown(&a->subscriptions, now);
    }
    registration_unregister(&a->reg, deadline_ms, now);
}

/* ---- time ---------------------------------------------------------------------------------- */

void agent_update_deadline(struct agent *a, const struct gb_time *now)
{
    const uint64_t deadlines[] = {
        registration_deadline(&a->reg, a->calls.count > 0),
        keepalive_deadline(&a->keepalive),
        calls_deadline(&a->calls),
        router_deadline(&a->router),
        pager_deadline(&a->pager),
        alarm_inputs_deadline(&a->alarm_inputs),
        alarm_deadline(&a->alarms),
        subscriptions_deadline(&a->subscriptions),
        notifier_deadline(&a->notifier),
        server_txs_deadline(&a->ua.server_txs),
        client_txs_deadline(&a->ua.client_txs),
    };
    uint64_t when = UINT64_MAX;

    for (size_t i = 0; i < sizeof(deadlines) / sizeof(deadlines[0]); i++)
        when = deadlines[i] < when ? deadlines[i] : when;
    /* Never in the past, so that an agent due again immediately does not starve the others. */
    heap_set(&a->mux->due, &a->due, when > now->mono_ms ? when : now->mono_ms);
}

void agent_tick(struct agent *a, const struct gb_time *now)
{
    struct client_tx *t;
    struct server_tx *st;

    client_txs_tick(&a->ua.client_txs, now->mono_ms);
    while ((t = client_tx_take_ended(&a->ua.client_txs)))
        agent_client_ended(a, t, NULL, now);
    while ((st = server_txs_due(&a->ua.server_txs, now->mono_ms)))
        ua_packet_push(&a->ua, st->link, &st->peer, st->response, st->response_len);
    calls_tick(&a->calls, now);
    router_tick(&a->router, now);
    pager_tick(&a->pager, now);
    alarm_inputs_tick(&a->alarm_inputs, now);
    alarm_tick(&a->alarms, now);
    alarm_subscribers_gone(&a->alarms, subscriptions_tick(&a->subscriptions, now), now);
    notifier_tick(&a->notifier, now);
    agent_on_keepalive(a, keepalive_tick(&a->keepalive, now), 0, now);
    agent_on_registration(a, registration_doubt_tick(&a->reg, now), now);
    agent_on_registration(a, registration_tick(&a->reg, a->calls.count > 0, now), now);
}

void agent_do_device_changed(struct agent *a, const struct gb_time *now)
{
    if (device_layout(a->ua.dev) != a->users_layout)
        agent_rebuild_users(a);
    keepalive_device_changed(&a->keepalive, now);
    subscriptions_device_changed(&a->subscriptions, now);
}

void agent_do_link_up(struct agent *a, uint32_t link, const struct addr *local, const struct addr *server,
                      unsigned nserver, const struct gb_time *now)
{
    if (a->ua.state == AGENT_STOPPED || nserver == 0)
        return;
    if (!registration_server_ok(&a->reg, &server[0])) {
        agent_do_link_failed(a, "redirected to a loopback or link-local address", now);
        return;
    }
    agent_on_registration(a, registration_link_replaced(&a->reg, link, &server[0], a->calls.count > 0, now), now);
    ua_link_up(&a->ua, link, local, server, nserver);
    calls_reconnect(&a->calls);
    agent_on_registration(a, registration_link_up(&a->reg, now), now);
}

void agent_do_link_failed(struct agent *a, const char *why, const struct gb_time *now)
{
    a->ua.link = 0;
    agent_on_registration(a, registration_link_lost(&a->reg, why, a->calls.count > 0, now), now);
}
