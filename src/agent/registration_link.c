/* SPDX-License-Identifier: MIT */
/* Registration and what happens around it: links, addresses, reload, leaving. */
#include "agent/registration.h"

#include <stdio.h>
#include <string.h>

#include "agent/agent_impl.h"
#include "util/log.h"

static void drop_register(struct agent *a)
{
    list_each_safe(it, &a->ua.client.list) {
        struct client_tx *t = container_of(it, struct client_tx, node);
        if (t->kind == CLIENT_TX_REGISTER)
            client_tx_drop(t);
    }
    a->reg.in_flight = false;
}

void registration_keepalive_ok(struct agent *a)
{
    a->reg.transport_failures = 0;
    if (a->reg.doubt_ms)
        calls_sure(a);
    a->reg.doubt_ms = 0;
}

bool registration_doubted(const struct agent *a)
{
    return a->reg.doubt_ms != 0;
}

void registration_doubt(struct agent *a, const char *why, unsigned ms, const struct gb_time *now)
{
    if (a->ua.state != AGENT_ONLINE || a->reg.doubt_ms)
        return;
    if (a->ua.redirect.active) {       /* the redirecting server is asked instead, 2022 9.1.2.3 */
        registration_lost(a, why, now);
        return;
    }
    log_warn("%s: %s: registering anew", a->ua.cfg.name, why);
    ua_error(&a->ua, "%s", why);
    a->reg.doubt_ms = now->mono_ms + ms;
    calls_doubt(a);
    registration_renew(a, now);
}

/* A connection can break while the platform, its media server and what they know of us live on. Not where the redirecting
 * server will be asked next. */
static void doubt_link(struct agent *a, const struct gb_time *now)
{
    if (a->ua.state != AGENT_ONLINE || a->ua.cfg.transport != SIP_TCP || a->ua.redirect.active || a->calls.count == 0)
        return;
    if (!a->reg.doubt_ms) {
        a->reg.doubt_ms = now->mono_ms + REG_DOUBT_MS;
        calls_doubt(a);
    }
}

void registration_replaced(struct agent *a, const char *why, const struct gb_time *now)
{
    doubt_link(a, now);
    if (a->reg.doubt_ms)
        agent_link_broke(a, why, now);
    else
        agent_go_offline(a, why, now);
}

/* The time for it is over. */
static void doubt_over(struct agent *a, const struct gb_time *now)
{
    a->reg.doubt_ms = 0;
    if (a->ua.state == AGENT_ONLINE)
        registration_lost(a, "keepalives are not answered", now);
    else
        calls_offline(a, now);
}

void registration_link_up(struct agent *a, const struct gb_time *now)
{
    struct addr contact = ua_contact_addr(&a->ua);

    a->reg.want_link = a->reg.fresh_port = false;
    switch (a->ua.state) {
    case AGENT_DOWN:
    case AGENT_CONNECTING:
    case AGENT_REGISTERING:
        drop_register(a);
        registration_start(a, now);
        break;
    case AGENT_ONLINE:
        if (!addr_same(&contact, &a->reg.contact))
            registration_renew(a, now);
        break;
    case AGENT_WAITING:
        /* Taken offline by the replacement itself: nothing to wait for. */
        if (a->reg.deadline_ms == 0)
            registration_start(a, now);
        break;
    case AGENT_STOPPING:
    case AGENT_STOPPED:
        break;
    }
}

void registration_link_lost(struct agent *a, const char *why, const struct gb_time *now)
{
    if (a->ua.state == AGENT_STOPPING) {
        list_each_safe(it, &a->ua.client.list)
            client_tx_drop(container_of(it, struct client_tx, node));
        a->reg.in_flight = false;
        registration_check_stopped(a, now);
        return;
    }
    a->reg.want_link = true;
    if (a->ua.state == AGENT_WAITING || a->ua.state == AGENT_DOWN || a->ua.state == AGENT_STOPPED)
        return;
    ua_error(&a->ua, "%s", why ? why : "the link was lost");
    doubt_link(a, now);
    a->reg.expires_ms = 0;
    registration_failed(a, REG_FAIL_TRANSPORT, now);
}

void registration_readdress(struct agent *a, const struct gb_time *now)
{
    struct registration *g = &a->reg;
    struct addr contact = ua_contact_addr(&a->ua);
    uint64_t when = now->mono_ms;

    if (a->ua.state != AGENT_ONLINE || g->in_flight || addr_same(&contact, &g->contact))
        return;
    if (g->readdressed_ms != 0 && when < g->readdressed_ms + REG_ADDRESS_GAP_MS)
        when = g->readdressed_ms + REG_ADDRESS_GAP_MS;
    if (when < g->deadline_ms)
        g->deadline_ms = when;
}

void registration_renew(struct agent *a, const struct gb_time *now)
{
    a->reg.asked_s = a->ua.cfg.expires_s;
    a->reg.auth_failures = 0;
    if (a->ua.state == AGENT_ONLINE || a->ua.state == AGENT_REGISTERING) {
        drop_register(a);
        registration_start(a, now);
    } else if (a->ua.state == AGENT_WAITING) {
        a->reg.deadline_ms = now->mono_ms;
    }
}

void registration_relink(struct agent *a, const char *why, const struct gb_time *now)
{
    if (a->ua.state == AGENT_STOPPING || a->ua.state == AGENT_STOPPED)
        return;
    a->reg.asked_s = a->ua.cfg.expires_s;
    a->reg.auth_failures = a->reg.transport_failures = 0;
    ua_error(&a->ua, "%s", why);
    registration_redirect_end(a);
    calls_shutdown(a, now);
    subscriptions_shutdown(a, now);
    agent_go_offline(a, why, now);
    a->ua.link = 0;
    a->ua.nserver = 0;
    a->ua.public_address = a->ua.learnt = (struct addr){ 0 };
    ua_sources_update(&a->ua);
    a->reg.want_link = true;
    a->reg.silence_told = false;
    a->reg.unchallenged = false;
    ua_set_state(&a->ua, AGENT_WAITING, now);
    a->reg.deadline_ms = now->mono_ms;
}

void registration_retry_now(struct agent *a, const struct gb_time *now)
{
    if (a->ua.state != AGENT_WAITING || a->reg.transport_failures == 0 || a->reg.auth_failures > 0)
        return;
    a->reg.transport_failures = 0;
    a->reg.deadline_ms = now->mono_ms;
}

bool registration_serves(const struct agent *a, bool invite, const struct gb_time *now)
{
    const struct registration *g = &a->reg;

    if (a->ua.state == AGENT_ONLINE)
        return true;
    return invite && a->ua.state == AGENT_REGISTERING && g->in_flight && !g->leaving &&
           now->mono_ms <= g->sent_ms + REG_EARLY_INVITE_MS &&
           (g->signed_now || g->unchallenged || a->ua.cfg.password[0] == '\0');
}

/* ---- leaving --------------------------------------------------------------------------- */

static void stopped(struct agent *a, const struct gb_time *now)
{
    const struct agent_event ev = { .kind = AGENT_LINK_DONE };

    list_each_safe(it, &a->ua.client.list)
        client_tx_drop(container_of(it, struct client_tx, node));
    ua_set_state(&a->ua, AGENT_STOPPED, now);
    if (a->ua.done_event) {
        ua_event_append(&a->ua, a->ua.done_event, &ev);
        a->ua.done_event = NULL;
    }
}

void registration_check_stopped(struct agent *a, const struct gb_time *now)
{
    if (a->ua.state == AGENT_STOPPING && !a->reg.in_flight && a->ua.client.count == 0)
        stopped(a, now);
}

void registration_stop(struct agent *a, uint64_t deadline_ms, const struct gb_time *now)
{
    bool bound = a->ua.link != 0 && (a->ua.state == AGENT_ONLINE || (a->ua.state == AGENT_REGISTERING && a->reg.signed_now));

    if (a->ua.state == AGENT_STOPPING) {
        a->reg.deadline_ms = deadline_ms;
        return;
    }
    keepalive_stop(a);
    router_offline(&a->router);
    pager_offline(&a->pager);
    alarm_offline(&a->alarms);
    list_each_safe(it, &a->ua.client.list)
        client_tx_drop(container_of(it, struct client_tx, node));
    a->reg.in_flight = false;
    a->reg.doubt_ms = 0;
    calls_shutdown(a, now);
    subscriptions_shutdown(a, now);
    ua_set_state(&a->ua, AGENT_STOPPING, now);
    a->reg.deadline_ms = deadline_ms;
    a->reg.leaving = true;
    if (bound)
        registration_send_leave(a, now);
    registration_check_stopped(a, now);
}

static uint64_t silence_deadline(const struct agent *a)
{
    const struct registration *g = &a->reg;

    return g->in_flight && !g->leaving && !g->heard && !g->silence_told ? g->sent_ms + REG_SILENCE_MS : UINT64_MAX;
}

/* Once until something is answered: the tries that follow say at info what became of them. */
static void tell_silence(struct agent *a)
{
    char text[ADDR_NAMED_MAX];

    addr_print_named(a->ua.redirect.active ? a->ua.redirect.host : a->ua.cfg.server_host, ua_server(&a->ua)->port, text);
    log_warn("%s: no answer from %s", a->ua.cfg.name, text);
    a->reg.silence_told = true;
}

static uint64_t online_deadline(const struct agent *a)
{
    const struct registration *g = &a->reg;
    uint64_t when = g->in_flight || g->expires_ms < g->deadline_ms ? g->expires_ms : g->deadline_ms;

    if (registration_redirect_over(a, UINT64_MAX) && a->ua.redirect.until_ms < when)
        when = a->ua.redirect.until_ms;
    return when;
}

static uint64_t state_deadline(const struct agent *a)
{
    switch (a->ua.state) {
    case AGENT_DOWN:
    case AGENT_WAITING:
    case AGENT_STOPPING:
        return a->reg.deadline_ms;
    case AGENT_ONLINE:
        return online_deadline(a);
    case AGENT_CONNECTING:
    case AGENT_REGISTERING:
    case AGENT_STOPPED:
        break;
    }
    return UINT64_MAX;
}

void registration_tick(struct agent *a, const struct gb_time *now)
{
    struct registration *g = &a->reg;

    if (g->doubt_ms && now->mono_ms >= g->doubt_ms)
        doubt_over(a, now);
    if (now->mono_ms >= silence_deadline(a))
        tell_silence(a);
    if (now->mono_ms < state_deadline(a))
        return;
    switch (a->ua.state) {
    case AGENT_DOWN:
    case AGENT_WAITING:
        registration_begin(a, now);
        break;
    case AGENT_ONLINE:
        if (registration_redirect_over(a, now->mono_ms)) {
            registration_relink(a, "the time of the redirection is over", now);
        } else if (now->mono_ms >= g->expires_ms) {
            drop_register(a);
            ua_error(&a->ua, "the registration expired");
            registration_failed(a, REG_FAIL_TRANSPORT, now);
        } else {
            registration_refresh(a, now);
        }
        break;
    case AGENT_STOPPING:
        g->in_flight = false;
        stopped(a, now);
        break;
    case AGENT_CONNECTING:
    case AGENT_REGISTERING:
    case AGENT_STOPPED:
        break;
    }
}

uint64_t registration_deadline(const struct agent *a)
{
    uint64_t when = state_deadline(a);
    const uint64_t silence = silence_deadline(a);

    if (a->reg.doubt_ms && a->reg.doubt_ms < when)
        when = a->reg.doubt_ms;
    return silence < when ? silence : when;
}
