/* SPDX-License-Identifier: MIT */
#include "ua/ua.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const state_names[] = {
    [AGENT_DOWN] = "down",       [AGENT_CONNECTING] = "connecting", [AGENT_REGISTERING] = "registering",
    [AGENT_ONLINE] = "online",   [AGENT_WAITING] = "waiting",       [AGENT_STOPPING] = "stopping",
    [AGENT_STOPPED] = "stopped",
};

const char *agent_state_name(enum agent_state s)
{
    return (unsigned)s < sizeof(state_names) / sizeof(state_names[0]) ? state_names[s] : "?";
}

int ua_init(struct ua *u, struct ua_common *common, const struct agent_config *cfg, struct device *dev)
{
    int err;

    u->common = common;
    u->dev = dev;
    list_init(&u->ready);
    list_init(&u->by_prefix);
    list_init(&u->packets);
    list_init(&u->events);
    ua_set_config(u, cfg);
    u->done_event = malloc(sizeof(*u->done_event));
    err = u->done_event ? 0 : -ENOMEM;
    if (server_txs_init(&u->server_txs, common->secret) != 0 || client_txs_init(&u->client_txs, ua_client_send, u) != 0)
        err = -ENOMEM;
    return err;
}

static void leave_sources(struct ua *u)
{
    for (unsigned i = 0; i < UA_SOURCES_MAX; i++)
        ua_source_leave(&u->common->sources, &u->sources[i]);
    list_remove(&u->by_prefix);
}

void ua_free(struct ua *u)
{
    client_txs_free(&u->client_txs);
    server_txs_free(&u->server_txs);
    leave_sources(u);
    list_remove(&u->ready);
    ua_queues_free(u);
    /* It has the password. */
    memset(&u->cfg, 0, sizeof(u->cfg));
}

void ua_set_state(struct ua *u, enum agent_state s, const struct gb_time *now)
{
    if (u->state == s)
        return;
    log_debug("%s: state-changed state=%s", u->cfg.name, agent_state_name(s));
    u->state = s;
    u->since_ms = now->mono_ms;
}

void ua_error(struct ua *u, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    vsnprintf(u->last_error, sizeof(u->last_error), fmt, ap);
    va_end(ap);
}

/* ---- the config ------------------------------------------------------------------------- */

void ua_update_effective_config(struct ua *u)
{
    const bool redirected = u->redirected_id[0] != '\0';
    struct agent_config *c = &u->cfg;

    snprintf(c->server_id, sizeof(c->server_id), "%s", redirected ? u->redirected_id : u->configured.server_id);
    c->edition = u->configured.edition;
    if (u->peer_known && u->peer_edition < c->edition)
        c->edition = u->peer_edition;
    c->charset = u->configured.charset;
    if (c->charset_by_edition && c->edition != u->configured.edition)
        c->charset = gb_edition_charset(c->edition);
    /* The configured domain is that of the redirecting server. */
    if (c->domain[0] != '\0' && !redirected)
        snprintf(u->domain, sizeof(u->domain), "%s", c->domain);
    else
        gbid_domain(span_of(c->server_id), u->domain);
    if (u->domain[0] == '\0')
        snprintf(u->domain, sizeof(u->domain), "%s", c->server_host);
}

void ua_set_config(struct ua *u, const struct agent_config *cfg)
{
    u->cfg = *cfg;
    memcpy(u->configured.server_id, cfg->server_id, sizeof(u->configured.server_id));
    u->configured.edition = cfg->edition;
    u->configured.charset = cfg->charset;
    snprintf(u->device_id, sizeof(u->device_id), "%s", device_config(u->dev)->id);
    ua_update_effective_config(u);
}

bool ua_is_platform(const struct ua *u, struct span id)
{
    return span_eq_str(id, u->cfg.server_id) || span_eq_str(id, u->configured.server_id);
}

uint32_t ua_next_sn(struct ua *u)
{
    u->next_sn = u->next_sn % 999999999u + 1;
    return u->next_sn;
}

uint32_t ua_random(struct ua *u)
{
    return rng_u32(&u->common->rng);
}

/* ---- addresses -------------------------------------------------------------------------- */

struct addr ua_contact_addr(const struct ua *u)
{
    struct addr addr = u->cfg.public_address;

    if (addr.family == ADDR_NONE)
        return u->public_address.family != ADDR_NONE ? u->public_address : u->local;
    if (addr.port == 0)
        addr.port = u->local.port;
    return addr;
}

struct addr ua_media_addr(const struct ua *u, const struct addr *local)
{
    const bool known = local->family != ADDR_NONE && addr_classify(local) != ADDR_UNSPECIFIED;
    const bool elsewhere = known && u->local.family != ADDR_NONE && !addr_same_ip(local, &u->local);
    struct addr addr = u->cfg.media_address.family != ADDR_NONE ? u->cfg.media_address
                       : elsewhere                              ? *local
                                                                : ua_contact_addr(u);

    addr.port = local->port;
    return addr;
}

void ua_contact(const struct ua *u, const char *user, char out[160])
{
    struct addr addr = ua_contact_addr(u);
    char host[ADDR_TEXT_MAX];

    addr_print(&addr, host);
    snprintf(out, 160, "<sip:%s@%s>", user, host);
}

const struct addr *ua_server(const struct ua *u)
{
    return &u->server[0];
}

void ua_link_up(struct ua *u, uint32_t link, const struct addr *local, const struct addr *server, unsigned nserver)
{
    const bool moved = u->link != 0 && u->nserver > 0 && !addr_same(&u->server[0], &server[0]);

    if (moved || !addr_same_ip(&u->local, local) || u->local.port != local->port)
        u->public_address = (struct addr){ 0 };
    u->link = link;
    u->local = *local;
    u->nserver = nserver < AGENT_SERVER_ADDRS_MAX ? nserver : AGENT_SERVER_ADDRS_MAX;
    memcpy(u->server, server, u->nserver * sizeof(server[0]));
    if (moved)
        u->learnt = (struct addr){ 0 };
    ua_sources_update(u);
}

void ua_link_drop(struct ua *u)
{
    u->link = 0;
    u->nserver = 0;
    u->public_address = u->learnt = (struct addr){ 0 };
    ua_sources_update(u);
}

bool ua_learn_public(struct ua *u, const struct sip_scan *s)
{
    struct addr seen = { 0 };
    bool first = u->public_address.family == ADDR_NONE;
    char text[ADDR_TEXT_MAX];

    if (s->via.received.n == 0 && s->via.rport_value == 0)
        return false;
    if (s->via.received.n == 0 || addr_parse_ip(&seen, s->via.received) != 0)
        seen = u->local;
    seen.port = s->via.rport_value != 0 ? s->via.rport_value : u->local.port;
    enum addr_class class = addr_classify(&seen);
    if (class == ADDR_UNSPECIFIED || class == ADDR_MULTICAST || class == ADDR_BROADCAST)
        return false;
    if (!first && addr_same(&u->public_address, &seen))
        return false;
    u->public_address = seen;
    addr_print(&seen, text);
    if (!first || !addr_same(&seen, &u->local))
        log_info("%s: public-address address=%s", u->cfg.name, text);
    return true;
}

void ua_learn_source(struct ua *u, const struct addr *from)
{
    if (addr_same(&u->learnt, from))
        return;
    u->learnt = *from;
    ua_sources_update(u);
}

/* ---- accepted sources ------------------------------------------------------------------- */

static bool ip_of_server(const struct ua *u, const struct addr *from)
{
    for (unsigned i = 0; i < u->nserver; i++)
        if (addr_same_ip(&u->server[i], from))
            return true;
    return u->learnt.family != ADDR_NONE && addr_same_ip(&u->learnt, from);
}

bool ua_accepts_ip(const struct ua *u, const struct addr *from)
{
    if (ip_of_server(u, from))
        return true;
    for (unsigned i = 0; i < u->cfg.nallow; i++)
        if (cidr_has(&u->cfg.allow[i], from))
            return true;
    return false;
}

bool ua_accepts(const struct ua *u, uint32_t link, const struct addr *from, bool reliable)
{
    if (!ua_accepts_ip(u, from))
        return false;
    /* The port of a connection that we opened does not matter. */
    if (u->cfg.any_port || (reliable && link == u->link && link != 0))
        return true;
    if (u->nserver > 0 && from->port == u->server[0].port)
        return true;
    return u->learnt.family != ADDR_NONE && from->port == u->learnt.port;
}

static bool listed(const struct ua *u, unsigned n, const struct addr *from)
{
    for (unsigned i = 0; i < n; i++)
        if (addr_same_ip(&u->server[i], from))
            return true;
    return false;
}

void ua_sources_update(struct ua *u)
{
    struct ua_sources *all = &u->common->sources;

    leave_sources(u);
    for (unsigned i = 0; i < u->nserver; i++)
        if (!listed(u, i, &u->server[i]))
            ua_source_join(all, &u->sources[i], u, &u->server[i]);
    if (u->learnt.family != ADDR_NONE && !listed(u, u->nserver, &u->learnt))
        ua_source_join(all, &u->sources[UA_SOURCES_MAX - 1], u, &u->learnt);
    if (u->cfg.nallow > 0)
        list_append(&all->by_prefix, &u->by_prefix);
}

void ua_dropped(struct ua *u, const struct addr *from, const char *why, const struct gb_time *now)
{
    char text[ADDR_TEXT_MAX];

    if (u->dropped_ms != 0 && now->mono_ms < u->dropped_ms + UA_DROPPED_GAP_MS) {
        u->dropped_suppressed++;
        return;
    }
    addr_print(from, text);
    log_debug("%s: message-dropped from=%s reason=\"%s\" suppressed=%u", u->cfg.name, text, why, u->dropped_suppressed);
    u->dropped_ms = now->mono_ms + !now->mono_ms;
    u->dropped_suppressed = 0;
}
