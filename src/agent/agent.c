/* SPDX-License-Identifier: MIT */
#include "agent/agent_impl.h"

#include <errno.h>
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
            continue;                   /* found by its source instead */
        a->nusers = ++n;
    }
    return 0;
}

static int join_mux(struct agent *a)
{
    struct mux *m = a->mux;
    int rc;

    do {
        rng_hex(&m->common.rng, a->ua.key, UA_KEY_LEN);
    } while (hash_find(&m->by_key, span_of(a->ua.key)));
    rc = heap_reserve(&m->due, m->nagents + 1);
    if (rc == 0)
        rc = hash_insert(&m->by_key, &a->by_key, span_of(a->ua.key));
    if (rc != 0)
        return rc;
    list_append(&m->agents, &a->all);
    m->nagents++;
    rc = agent_rebuild_users(a);
    if (rc == 0)
        rc = heap_set(&m->due, &a->due, 0);
    return rc;
}

int agent_new(struct mux *m, const struct agent_config *cfg, struct device *dev, struct agent **out)
{
    struct agent *a = calloc(1, sizeof(*a));
    int rc;

    if (!a)
        return -ENOMEM;
    a->mux = m;
    list_init(&a->all);
    rc = ua_init(&a->ua, &m->common, cfg, dev);
    calls_init(a);
    partings_init(a);
    pager_init(&a->pager, &a->ua);
    alarm_inputs_init(&a->alarm_inputs, &a->ua);
    alarm_init(&a->alarms, &a->ua, &a->alarm_inputs);
    router_init(&a->router, &a->ua, &a->pager, &a->alarm_inputs);
    notifier_init(&a->notifier, &a->ua);
    if (rc == 0)
        rc = join_mux(a);
    if (rc != 0) {
        agent_free(a);
        return rc;
    }
    registration_init(a);
    ua_sources_update(&a->ua);
    *out = a;
    return 0;
}

void agent_free(struct agent *a)
{
    if (!a)
        return;
    calls_free(a);
    partings_free(a);
    subscriptions_free(a);
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

bool agent_next_packet(struct agent *a, struct agent_packet *out)
{
    return ua_next_packet(&a->ua, out);
}

bool agent_next_event(struct agent *a, struct agent_event *out)
{
    return ua_next_event(&a->ua, out);
}

bool agent_accepts_ip(const struct agent *a, const struct addr *from)
{
    return ua_accepts_ip(&a->ua, from);
}

static void go_offline(struct agent *a, bool keep_calls, const char *why, const struct gb_time *now)
{
    bool told = a->ua.state == AGENT_ONLINE;

    keepalive_stop(a);
    router_offline(&a->router);
    pager_offline(&a->pager);
    alarm_offline(&a->alarms);
    subscriptions_offline(a);
    notifier_offline(&a->notifier);
    list_each_safe(it, &a->ua.client.list)
        client_tx_drop(container_of(it, struct client_tx, node));
    a->reg.in_flight = false;
    if (keep_calls)
        calls_hold(a, now);
    else
        calls_offline(a, now);
    if (a->ua.link)
        partings_shutdown(a, now);
    else
        partings_free(a);
    if (told) {
        const struct agent_event ev = { .kind = AGENT_OFFLINE, .why = why };
        log_warn("%s: offline: %s", a->ua.cfg.name, why);
        ua_set_state(&a->ua, AGENT_WAITING, now);
        a->reg.deadline_ms = 0;
        ua_event_push(&a->ua, &ev);
    }
}

void agent_go_offline(struct agent *a, const char *why, const struct gb_time *now)
{
    a->reg.doubt_ms = 0;
    go_offline(a, false, why, now);
}

void agent_link_broke(struct agent *a, const char *why, const struct gb_time *now)
{
    go_offline(a, true, why, now);
}

static uint64_t least(uint64_t x, uint64_t y)
{
    return x < y ? x : y;
}

void agent_settle(struct agent *a, const struct gb_time *now)
{
    uint64_t when = registration_deadline(a);

    when = least(when, keepalive_deadline(a));
    when = least(when, calls_deadline(a));
    when = least(when, partings_deadline(a));
    when = least(when, router_deadline(&a->router));
    when = least(when, pager_deadline(&a->pager));
    when = least(when, alarm_inputs_deadline(&a->alarm_inputs));
    when = least(when, alarm_deadline(&a->alarms));
    when = least(when, subscriptions_deadline(a));
    when = least(when, notifier_deadline(&a->notifier));
    when = least(when, server_txs_deadline(&a->ua.served));
    when = least(when, client_txs_deadline(&a->ua.client));
    /* Never in the past: one that is due again at once comes after those that wait already. */
    heap_set(&a->mux->due, &a->due, when > now->mono_ms ? when : now->mono_ms);
}

void agent_tick(struct agent *a, const struct gb_time *now)
{
    struct client_tx *t;
    struct server_tx *st;

    client_txs_tick(&a->ua.client, now->mono_ms);
    while ((t = client_tx_take_ended(&a->ua.client)))
        agent_client_ended(a, t, NULL, now);
    while ((st = server_txs_due(&a->ua.served, now->mono_ms)))
        ua_packet_push(&a->ua, st->link, &st->peer, st->response, st->response_len);
    calls_tick(a, now);
    partings_tick(a, now);
    router_tick(&a->router, now);
    pager_tick(&a->pager, now);
    alarm_inputs_tick(&a->alarm_inputs, now);
    alarm_tick(&a->alarms, now);
    subscriptions_tick(a, now);
    notifier_tick(&a->notifier, now);
    keepalive_tick(a, now);
    registration_tick(a, now);
}

void *agent_user(const struct agent *a)
{
    return a->user;
}

void agent_set_user(struct agent *a, void *user)
{
    a->user = user;
}

const struct agent_config *agent_get_config(const struct agent *a)
{
    return &a->ua.cfg;
}

void agent_do_device_changed(struct agent *a, const struct gb_time *now)
{
    if (device_layout(a->ua.dev) != a->users_layout)
        agent_rebuild_users(a);
    keepalive_device_changed(a, now);
    subscriptions_device_changed(a, now);
}

void agent_do_link_up(struct agent *a, uint32_t link, const struct addr *local, const struct addr *server, unsigned nserver,
                      const struct gb_time *now)
{
    if (a->ua.state == AGENT_STOPPED || nserver == 0)
        return;
    if (!registration_may_use(a, &server[0])) {
        agent_do_link_failed(a, "redirected to an address that is not for a platform to name", now);
        return;
    }
    bool moved = a->ua.link != 0 && a->ua.nserver > 0 && !addr_same(&a->ua.server[0], &server[0]);
    bool replaced = a->ua.link != 0 && a->ua.cfg.transport == SIP_TCP && a->ua.link != link;
    if ((a->ua.state == AGENT_ONLINE && moved) || (a->reg.doubt_ms && a->ua.nserver > 0 && !addr_same(&a->ua.server[0], &server[0])))
        agent_go_offline(a, "the server's address changed", now);
    else if (a->ua.state == AGENT_ONLINE && replaced)
        registration_replaced(a, "the connection was replaced", now);
    if (moved || !addr_same_ip(&a->ua.local, local) || a->ua.local.port != local->port)
        a->ua.public_address = (struct addr){ 0 };
    a->ua.link = link;
    a->ua.local = *local;
    a->ua.nserver = nserver < AGENT_SERVER_ADDRS_MAX ? nserver : AGENT_SERVER_ADDRS_MAX;
    memcpy(a->ua.server, server, a->ua.nserver * sizeof(server[0]));
    if (moved)
        a->ua.learnt = (struct addr){ 0 };
    ua_sources_update(&a->ua);
    calls_reconnect(a);
    registration_link_up(a, now);
}

void agent_do_link_failed(struct agent *a, const char *why, const struct gb_time *now)
{
    a->ua.link = 0;
    registration_link_lost(a, why, now);
}

void agent_get_status(const struct agent *a, struct agent_status *out)
{
    *out = (struct agent_status){
        .state = a->ua.state, .since_ms = a->ua.since_ms, .local = a->ua.local, .public_address = a->ua.public_address,
        .registrations = a->reg.successes, .keepalives = a->keepalive.sent, .keepalive_misses = a->keepalive.misses,
        .calls = a->calls.total, .refused = a->ua.refused, .unsigned_requests = a->ua.unsigned_requests,
        .edition = a->ua.cfg.edition,
    };
    memcpy(out->server_id, a->ua.cfg.server_id, sizeof(out->server_id));
    if (a->ua.nserver > 0)
        out->server = a->ua.server[0];
    if (a->ua.state == AGENT_WAITING)
        out->next_retry_ms = a->reg.deadline_ms;
    memcpy(out->last_error, a->ua.last_error, sizeof(out->last_error));
}
