/* SPDX-License-Identifier: MIT */
#include "agent/registration.h"

#include <stdio.h>
#include <string.h>

#include "agent/registration_priv.h"
#include "util/log.h"

#define MARGIN_MS 10000u /* minimum from a refresh to the end of the binding */

void registration_new_identity(struct registration *g)
{
    ua_new_call_id(g->ua, g->call_id);
    ua_new_tag(g->ua, g->from_tag);
    g->cseq = 0;
}

void registration_new_cycle(struct registration *g)
{
    g->answers = 0;
    g->expires_raised = false;
    g->nonce[0] = '\0';
}

void registration_init(struct registration *g, struct ua *u)
{
    *g = (struct registration){ .ua = u, .requested_s = u->cfg.expires_s, .want_link = true };
    registration_new_identity(g);
}

uint64_t registration_refresh_ms(uint32_t granted_s)
{
    uint64_t e = (uint64_t)granted_s * 1000, at = e / 2;

    /* The earlier of half the time and 60 s before the end, but at least a third: short bindings must not cause a tight
     * loop. */
    if (e < 120000) {
        uint64_t early = e > 60000 ? e - 60000 : 0;
        at = early > e / 3 ? early : e / 3;
    }
    if (e > 2 * (uint64_t)MARGIN_MS && at > e - MARGIN_MS)
        at = e - MARGIN_MS;
    return at < 1000 ? 1000 : at;
}

/* ---- sending --------------------------------------------------------------------------- */

int registration_send(struct registration *g, const char *authorization, const struct gb_time *now)
{
    struct ua *u = g->ua;
    char uri[192], party[192], from[224], contact[160];
    struct client_tx_new tx = { .kind = CLIENT_TX_REGISTER, .link = u->link, .to = *ua_server(u) };
    struct sip_request r;
    int err;

    snprintf(uri, sizeof(uri), "sip:%s@%s", u->cfg.server_id, u->domain);
    snprintf(party, sizeof(party), "<sip:%s@%s>", u->device_id, u->domain);
    snprintf(from, sizeof(from), "%s;tag=%s", party, g->from_tag);
    ua_contact(u, u->device_id, contact);
    r = (struct sip_request){
        .method = SIP_REGISTER,
        .uri = span_of(uri),
        .from = span_of(from),
        .to = span_of(party),
        .call_id = span_of(g->call_id),
        .cseq = ++g->cseq,
        .contact = contact,
        .authorization = authorization,
        .has_expires = true,
        .expires = g->unregistering ? 0 : g->requested_s,
        .extra = u->configured.edition == GB_2022 ? SPAN_LIT("X-GB-Ver: 3.0\r\n") : (struct span){ 0 },
    };
    err = ua_send_request(u, &r, &tx, now);
    if (err != 0)
        return err;
    g->contact = ua_contact_addr(u);
    g->in_flight = true;
    g->provisional = false;
    g->authorized = authorization != NULL;
    g->sent_ms = now->mono_ms;
    return 0;
}

static void drop_register(struct registration *g)
{
    list_each_safe(it, &g->ua->client_txs.list) {
        struct client_tx *t = container_of(it, struct client_tx, node);
        if (t->kind == CLIENT_TX_REGISTER)
            client_tx_drop(t);
    }
    g->in_flight = false;
}

/* The first REGISTER of a cycle. */
static struct reg_effects start(struct registration *g, const struct gb_time *now)
{
    registration_new_cycle(g);
    if (g->ua->state == AGENT_ONLINE) {
        /* Reload or new local address: a new Call-ID and tag; calls and keepalives continue. */
        registration_new_identity(g);
        g->readdressed_ms = now->mono_ms;
        g->readdressing = true;
    } else {
        g->ua->peer_known = false;
        ua_update_effective_config(g->ua);
        ua_set_state(g->ua, AGENT_REGISTERING, now);
    }
    if (registration_send(g, NULL, now) == 0)
        return NO_EFFECTS;
    ua_error(g->ua, "cannot send REGISTER");
    return registration_failed(g, REG_FAIL_TRANSPORT, now);
}

static void refresh(struct registration *g, const struct gb_time *now)
{
    struct addr contact = ua_contact_addr(g->ua);

    registration_new_cycle(g);
    if (!addr_same(&contact, &g->contact)) {
        g->readdressed_ms = now->mono_ms;
        g->readdressing = true;
    }
    if (registration_send(g, NULL, now) != 0)
        g->deadline_ms = now->mono_ms + 1000;
}

/* ---- failures and retries ----------------------------------------------------------------- */

static uint64_t back_off_ms(struct registration *g, enum reg_failure kind)
{
    static const struct {
        uint32_t base, max;
    } limit[] = {
        [REG_FAIL_TRANSPORT] = { REG_TRANSPORT_BASE_S, REG_TRANSPORT_MAX_S },
        [REG_FAIL_TEMPORARY] = { REG_TRANSPORT_BASE_S, REG_TRANSPORT_MAX_S },
        [REG_FAIL_AUTH] = { REG_AUTH_BASE_S, REG_AUTH_MAX_S },
    };
    unsigned *failures = kind == REG_FAIL_AUTH ? &g->auth_failures : &g->transport_failures;
    uint64_t w = (uint64_t)limit[kind].base * 1000 << (*failures < 12 ? *failures : 12);
    uint64_t max = (uint64_t)limit[kind].max * 1000;

    (*failures)++;
    if (w > max)
        w = max;
    return rng_range(&g->ua->common->rng, w / 2, w);
}

static void wait_for(struct registration *g, uint64_t ms, const struct gb_time *now)
{
    char reason[LOG_QUOTED_SIZE];

    ua_set_state(g->ua, AGENT_WAITING, now);
    g->deadline_ms = now->mono_ms + ms;
    g->in_flight = false;
    registration_new_identity(g);
    log_info("%s: register-failed retry_s=%u reason=%s", g->ua->cfg.name, (unsigned)((ms + 999) / 1000),
             log_quoted(reason, sizeof(reason), span_of(g->ua->last_error)));
}

void registration_want_link(struct registration *g, const struct gb_time *now)
{
    const struct redirect *to = &g->redirect;
    const struct agent_event ev = {
        .kind = AGENT_LINK_WANTED,
        .u.link = { .fresh_port = g->fresh_port, .host = to->active ? to->host : NULL, .port = to->port },
    };

    if (ua_event_try(g->ua, &ev) != 0) {
        ua_error(g->ua, "out of memory");
        wait_for(g, 1000, now);
        return;
    }
    g->want_link = g->fresh_port = false;
    ua_set_state(g->ua, AGENT_CONNECTING, now);
}

/* The agent ends everything that depends on the registration; then registration_continue does `next`. */
static struct reg_effects offline_effects(struct registration *g, unsigned flags, const char *why, enum reg_next next)
{
    if (!(flags & REG_LINK_BROKEN))
        g->doubt_ms = 0;
    g->next = next;
    return (struct reg_effects){ flags, why };
}

void registration_offline(struct registration *g, const char *why, const struct gb_time *now)
{
    const struct agent_event ev = { .kind = AGENT_OFFLINE, .why = why };
    char reason[LOG_QUOTED_SIZE];

    g->in_flight = false;
    if (g->ua->state != AGENT_ONLINE)
        return;
    log_warn("%s: offline reason=%s", g->ua->cfg.name, log_quoted(reason, sizeof(reason), span_of(why)));
    ua_set_state(g->ua, AGENT_WAITING, now);
    g->deadline_ms = 0;
    ua_event_push(g->ua, &ev);
}

static void start_relink(struct registration *g, const struct gb_time *now)
{
    ua_link_drop(g->ua);
    g->want_link = true;
    g->silence_logged = false;
    g->unchallenged = false;
    ua_set_state(g->ua, AGENT_WAITING, now);
    g->deadline_ms = now->mono_ms;
}

void registration_continue(struct registration *g, const struct gb_time *now)
{
    const enum reg_next next = g->next;

    g->next = REG_NEXT_NOTHING;
    switch (next) {
    case REG_NEXT_WAIT:
        if (registration_redirect_end(g))
            g->want_link = true;
        wait_for(g, g->wait_ms, now);
        break;
    case REG_NEXT_REDIRECTED:
        registration_redirected(g, now);
        break;
    case REG_NEXT_RELINK:
        start_relink(g, now);
        break;
    case REG_NEXT_NOTHING:
        break;
    }
}

/* Does it stay online until the next try? While the binding is valid, because keepalives watch the platform; if in
 * doubt, only if the platform answered. */
static bool may_stay(const struct registration *g, enum reg_failure kind, uint64_t delay_ms, const struct gb_time *now)
{
    if (g->ua->state != AGENT_ONLINE || kind == REG_FAIL_AUTH)
        return false;
    return g->doubt_ms ? kind == REG_FAIL_TEMPORARY : now->mono_ms + delay_ms + MARGIN_MS < g->expires_ms;
}

/* A working link is kept, as calls may use it. After several failures the server's name may have a new address. */
static bool needs_link(const struct registration *g, enum reg_failure kind, bool calls)
{
    return kind == REG_FAIL_TRANSPORT ||
           (kind == REG_FAIL_TEMPORARY && g->transport_failures > REG_TEMPORARY_MAX && !calls);
}

struct reg_effects registration_defer(struct registration *g, enum reg_failure kind, uint64_t at_least_ms, bool calls,
                                      const struct gb_time *now)
{
    /* Calls whose connection is lost may stay. */
    const bool kept = g->doubt_ms && kind != REG_FAIL_AUTH && (g->ua->state != AGENT_ONLINE || g->ua->link == 0);
    const bool away = g->redirect.active;
    uint64_t delay = back_off_ms(g, registration_redirect_failed(g, kind));
    char reason[LOG_QUOTED_SIZE];
    bool relink;

    if (g->unregistering)
        return NO_EFFECTS;
    if (delay < at_least_ms && !away)
        delay = at_least_ms;
    g->in_flight = false;
    if (may_stay(g, kind, delay, now)) {
        log_info("%s: refresh-failed retry_s=%u reason=%s", g->ua->cfg.name, (unsigned)((delay + 999) / 1000),
                 log_quoted(reason, sizeof(reason), span_of(g->ua->last_error)));
        g->deadline_ms = now->mono_ms + delay;
        return NO_EFFECTS;
    }
    relink = needs_link(g, kind, calls && kept);
    g->want_link = g->want_link || relink;
    g->wait_ms = delay;
    if (!kept)
        return offline_effects(g, REG_OFFLINE, g->ua->last_error, REG_NEXT_WAIT);
    if (relink)
        return offline_effects(g, REG_LINK_BROKEN, g->ua->last_error, REG_NEXT_WAIT);
    g->next = REG_NEXT_WAIT;
    registration_continue(g, now);
    return NO_EFFECTS;
}

struct reg_effects registration_failed(struct registration *g, enum reg_failure kind, const struct gb_time *now)
{
    return registration_defer(g, kind, 0, false, now);
}

struct reg_effects registration_lost(struct registration *g, const char *why, bool silent)
{
    char copy[sizeof(g->ua->last_error)];

    if (g->ua->state != AGENT_ONLINE)
        return NO_EFFECTS;
    snprintf(copy, sizeof(copy), "%s", why);
    ua_error(g->ua, "%s", copy);
    g->want_link = silent;
    g->wait_ms = back_off_ms(g, REG_FAIL_TRANSPORT);
    return offline_effects(g, REG_OFFLINE, g->ua->last_error, REG_NEXT_WAIT);
}

/* ---- doubt ------------------------------------------------------------------------------ */

struct reg_effects registration_keepalive_ok(struct registration *g)
{
    const bool doubted = g->doubt_ms != 0;

    g->transport_failures = 0;
    g->doubt_ms = 0;
    return (struct reg_effects){ .flags = doubted ? REG_CONFIRMED : 0 };
}

struct reg_effects registration_doubt(struct registration *g, const char *why, unsigned ms, const struct gb_time *now)
{
    struct reg_effects effects;

    if (g->ua->state != AGENT_ONLINE || g->doubt_ms)
        return NO_EFFECTS;
    if (g->redirect.active) /* back to the redirecting server, 2022 9.1.2.3 */
        return registration_lost(g, why, true);
    log_warn("%s: registration-in-doubt reason=\"%s\"", g->ua->cfg.name, why);
    ua_error(g->ua, "%s", why);
    g->doubt_ms = now->mono_ms + ms;
    effects = registration_renew(g, now);
    effects.flags |= REG_DOUBTED;
    return effects;
}

/* A broken connection does not mean that the platform has lost our registration and calls. Does not apply after a
 * redirection: the redirecting server is tried next. Returns REG_DOUBTED or 0. */
static unsigned doubt_link(struct registration *g, bool calls, const struct gb_time *now)
{
    const struct ua *u = g->ua;

    if (u->state != AGENT_ONLINE || u->cfg.transport != SIP_TCP || g->redirect.active || !calls || g->doubt_ms)
        return 0;
    g->doubt_ms = now->mono_ms + REG_DOUBT_MS;
    return REG_DOUBTED;
}

struct reg_effects registration_doubt_tick(struct registration *g, const struct gb_time *now)
{
    if (!g->doubt_ms || now->mono_ms < g->doubt_ms)
        return NO_EFFECTS;
    g->doubt_ms = 0;
    if (g->ua->state == AGENT_ONLINE)
        return registration_lost(g, "keepalives not answered", true);
    return (struct reg_effects){ .flags = REG_CALLS_LOST };
}

/* ---- links and addresses ------------------------------------------------------------------ */

struct reg_effects registration_link_replaced(struct registration *g, uint32_t link, const struct addr *server,
                                              bool calls, const struct gb_time *now)
{
    const struct ua *u = g->ua;
    const bool elsewhere = u->nserver > 0 && !addr_same(&u->server[0], server);
    const bool online = u->state == AGENT_ONLINE && u->link != 0;
    unsigned doubted;

    if (elsewhere && (online || g->doubt_ms))
        return offline_effects(g, REG_OFFLINE, "server address changed", REG_NEXT_NOTHING);
    if (!online || u->cfg.transport != SIP_TCP || u->link == link)
        return NO_EFFECTS;
    doubted = doubt_link(g, calls, now);
    return offline_effects(g, doubted | (g->doubt_ms ? REG_LINK_BROKEN : REG_OFFLINE), "connection replaced",
                           REG_NEXT_NOTHING);
}

struct reg_effects registration_link_up(struct registration *g, const struct gb_time *now)
{
    struct addr contact = ua_contact_addr(g->ua);

    g->want_link = g->fresh_port = false;
    switch (g->ua->state) {
    case AGENT_DOWN:
    case AGENT_CONNECTING:
    case AGENT_REGISTERING:
        drop_register(g);
        return start(g, now);
    case AGENT_ONLINE:
        if (!addr_same(&contact, &g->contact))
            return registration_renew(g, now);
        break;
    case AGENT_WAITING:
        /* Offline because of the new link itself: no back-off. */
        if (g->deadline_ms == 0)
            return start(g, now);
        break;
    case AGENT_STOPPING:
    case AGENT_STOPPED:
        break;
    }
    return NO_EFFECTS;
}

struct reg_effects registration_link_lost(struct registration *g, const char *why, bool calls,
                                          const struct gb_time *now)
{
    struct reg_effects effects;
    unsigned doubted;

    if (g->ua->state == AGENT_STOPPING) {
        ua_drop_requests(g->ua);
        g->in_flight = false;
        registration_check_stopped(g, now);
        return NO_EFFECTS;
    }
    g->want_link = true;
    if (g->ua->state == AGENT_WAITING || g->ua->state == AGENT_DOWN || g->ua->state == AGENT_STOPPED)
        return NO_EFFECTS;
    ua_error(g->ua, "%s", why ? why : "link lost");
    doubted = doubt_link(g, calls, now);
    g->expires_ms = 0;
    effects = registration_failed(g, REG_FAIL_TRANSPORT, now);
    effects.flags |= doubted;
    return effects;
}

void registration_readdress(struct registration *g, const struct gb_time *now)
{
    struct addr contact = ua_contact_addr(g->ua);
    uint64_t when = now->mono_ms;

    if (g->ua->state != AGENT_ONLINE || g->in_flight || addr_same(&contact, &g->contact))
        return;
    if (g->readdressed_ms != 0 && when < g->readdressed_ms + REG_ADDRESS_GAP_MS)
        when = g->readdressed_ms + REG_ADDRESS_GAP_MS;
    if (when < g->deadline_ms)
        g->deadline_ms = when;
}

struct reg_effects registration_renew(struct registration *g, const struct gb_time *now)
{
    g->requested_s = g->ua->cfg.expires_s;
    g->auth_failures = 0;
    if (g->ua->state == AGENT_ONLINE || g->ua->state == AGENT_REGISTERING) {
        drop_register(g);
        return start(g, now);
    }
    if (g->ua->state == AGENT_WAITING)
        g->deadline_ms = now->mono_ms;
    return NO_EFFECTS;
}

struct reg_effects registration_relink(struct registration *g, const char *why)
{
    if (g->ua->state == AGENT_STOPPING || g->ua->state == AGENT_STOPPED)
        return NO_EFFECTS;
    g->requested_s = g->ua->cfg.expires_s;
    g->auth_failures = g->transport_failures = 0;
    ua_error(g->ua, "%s", why);
    registration_redirect_end(g);
    return offline_effects(g, REG_HANG_UP | REG_UNSUBSCRIBE | REG_OFFLINE, why, REG_NEXT_RELINK);
}

void registration_expires_changed(struct registration *g)
{
    g->requested_s = g->ua->cfg.expires_s;
}

void registration_retry_now(struct registration *g, const struct gb_time *now)
{
    if (g->ua->state != AGENT_WAITING || g->transport_failures == 0 || g->auth_failures > 0)
        return;
    g->transport_failures = 0;
    g->deadline_ms = now->mono_ms;
}

bool registration_accepts(const struct registration *g, bool invite, const struct gb_time *now)
{
    if (g->ua->state == AGENT_ONLINE)
        return true;
    return invite && g->ua->state == AGENT_REGISTERING && g->in_flight && !g->unregistering &&
           now->mono_ms <= g->sent_ms + REG_EARLY_INVITE_MS &&
           (g->authorized || g->unchallenged || g->ua->cfg.password[0] == '\0');
}

/* ---- leaving --------------------------------------------------------------------------- */

static void stopped(struct registration *g, const struct gb_time *now)
{
    const struct agent_event ev = { .kind = AGENT_LINK_DONE };

    ua_drop_requests(g->ua);
    ua_set_state(g->ua, AGENT_STOPPED, now);
    if (g->ua->done_event) {
        ua_event_append(g->ua, g->ua->done_event, &ev);
        g->ua->done_event = NULL;
    }
}

void registration_check_stopped(struct registration *g, const struct gb_time *now)
{
    if (g->ua->state == AGENT_STOPPING && !g->in_flight && g->ua->client_txs.count == 0)
        stopped(g, now);
}

void registration_unregister(struct registration *g, uint64_t deadline_ms, const struct gb_time *now)
{
    const struct ua *u = g->ua;
    const bool bound = u->link != 0 && (u->state == AGENT_ONLINE || (u->state == AGENT_REGISTERING && g->authorized));

    g->deadline_ms = deadline_ms;
    if (u->state == AGENT_STOPPING)
        return;
    g->in_flight = false;
    g->doubt_ms = 0;
    ua_set_state(g->ua, AGENT_STOPPING, now);
    g->unregistering = true;
    if (bound) {
        registration_new_cycle(g);
        registration_send(g, NULL, now);
    }
    registration_check_stopped(g, now);
}

/* ---- time -------------------------------------------------------------------------------- */

static uint64_t silence_deadline(const struct registration *g)
{
    return g->in_flight && !g->unregistering && !g->provisional && !g->silence_logged ? g->sent_ms + REG_SILENCE_MS
                                                                                      : UINT64_MAX;
}

/* Warns once until the next answer; further attempts are logged at info. */
static void log_silence(struct registration *g)
{
    const struct ua *u = g->ua;
    char text[ADDR_NAMED_MAX];

    addr_print_named(g->redirect.active ? g->redirect.host : u->cfg.server_host, ua_server(u)->port, text);
    log_warn("%s: no-answer server=%s reason=\"no answer to REGISTER\"", u->cfg.name, text);
    g->silence_logged = true;
}

static uint64_t online_deadline(const struct registration *g, bool calls)
{
    uint64_t when = g->in_flight || g->expires_ms < g->deadline_ms ? g->expires_ms : g->deadline_ms;

    if (registration_redirect_expired(g, calls, UINT64_MAX) && g->redirect.until_ms < when)
        when = g->redirect.until_ms;
    return when;
}

static uint64_t state_deadline(const struct registration *g, bool calls)
{
    switch (g->ua->state) {
    case AGENT_DOWN:
    case AGENT_WAITING:
    case AGENT_STOPPING:
        return g->deadline_ms;
    case AGENT_ONLINE:
        return online_deadline(g, calls);
    case AGENT_CONNECTING:
    case AGENT_REGISTERING:
    case AGENT_STOPPED:
        break;
    }
    return UINT64_MAX;
}

static struct reg_effects online_due(struct registration *g, bool calls, const struct gb_time *now)
{
    if (registration_redirect_expired(g, calls, now->mono_ms))
        return registration_relink(g, "redirection expired");
    if (now->mono_ms >= g->expires_ms) {
        drop_register(g);
        ua_error(g->ua, "registration expired");
        return registration_failed(g, REG_FAIL_TRANSPORT, now);
    }
    refresh(g, now);
    return NO_EFFECTS;
}

struct reg_effects registration_tick(struct registration *g, bool calls, const struct gb_time *now)
{
    if (now->mono_ms >= silence_deadline(g))
        log_silence(g);
    if (now->mono_ms < state_deadline(g, calls))
        return NO_EFFECTS;
    switch (g->ua->state) {
    case AGENT_DOWN:
    case AGENT_WAITING:
        if (g->ua->link != 0 && !g->want_link)
            return start(g, now);
        registration_want_link(g, now);
        break;
    case AGENT_ONLINE:
        return online_due(g, calls, now);
    case AGENT_STOPPING:
        g->in_flight = false;
        stopped(g, now);
        break;
    case AGENT_CONNECTING:
    case AGENT_REGISTERING:
    case AGENT_STOPPED:
        break;
    }
    return NO_EFFECTS;
}

uint64_t registration_deadline(const struct registration *g, bool calls)
{
    uint64_t when = state_deadline(g, calls);
    const uint64_t silence = silence_deadline(g);

    if (g->doubt_ms && g->doubt_ms < when)
        when = g->doubt_ms;
    return silence < when ? silence : when;
}
