/* SPDX-License-Identifier: MIT */
#include "app/link.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "net/net.h"
#include "util/log.h"

/* The name or address of the server that is spoken to. */
static const char *link_host(const struct link *k)
{
    return k->host[0] ? k->host : k->cfg.server_host;
}

static void failed(struct link *k, const char *what, int err)
{
    struct gb_time now;
    char why[160];

    if (err)
        snprintf(why, sizeof(why), "%s: %s", what, strerror(-err));
    else
        snprintf(why, sizeof(why), "%s", what);
    snprintf(k->why, sizeof(k->why), "%s", err ? strerror(-err) : what);
    loop_time(k->loop, &now);
    agent_link_failed(k->agent, why, &now);
    k->kick(k->arg);
}

static void on_slow(struct loop_timer *t, void *arg)
{
    struct link *k = arg;
    char text[ADDR_NAMED_MAX];

    (void)t;
    addr_print_named(link_host(k), k->port, text);
    log_warn("%s: no answer from %s%s%s%s", k->cfg.agent.name, text, k->why[0] ? " (" : "", k->why, k->why[0] ? ")" : "");
}

/* From the first attempt on, and over those that fail: a server that refuses, or whose name nobody knows, is as dead as a
 * silent one. */
static void unheard(struct link *k)
{
    if (k->unheard)
        return;
    k->unheard = true;
    k->why[0] = '\0';
    (void)loop_timer_at(k->loop, &k->slow, loop_now_us(k->loop) + LINK_SLOW_US, on_slow, k);
}

static void heard(struct link *k)
{
    k->unheard = false;
    loop_timer_del(k->loop, &k->slow);
}

static void up(struct link *k)
{
    char local[ADDR_TEXT_MAX], server[ADDR_TEXT_MAX];
    struct gb_time now;

    heard(k);
    addr_print(&k->local, local);
    addr_print(&k->server[0], server);
    log_debug("%s: link %u from %s to %s", k->cfg.agent.name, k->number, local, server);
    loop_time(k->loop, &now);
    agent_link_up(k->agent, k->number, &k->local, k->server, k->nserver, &now);
    k->kick(k->arg);
}

int link_new(const struct link_config *lc, const struct conf_platform *cfg, struct link **out)
{
    struct link *k = calloc(1, sizeof(*k));
    int err;

    if (!k)
        return -ENOMEM;
    k->loop = lc->loop;
    k->transport = lc->transport;
    k->kick = lc->kick;
    k->arg = lc->arg;
    k->cfg = *cfg;
    list_init(&k->node);
    resolve_init(&k->resolve, lc->loop);
    resolve_init(&k->detour, lc->loop);
    err = agent_new(lc->mux, &cfg->agent, lc->device, &k->agent);
    if (err) {
        free(k);
        return err;
    }
    agent_set_user(k->agent, k);
    *out = k;
    return 0;
}

void link_close(struct link *k)
{
    resolve_free(&k->resolve);
    resolve_free(&k->detour);
    if (k->number)
        sip_transport_close(k->transport, k->number);
    k->number = 0;
    k->connecting = false;
}

void link_free(struct link *k)
{
    if (!k)
        return;
    link_close(k);
    heard(k);
    agent_free(k->agent);
    free(k);
}

/* Does the open socket serve for this server and config, too? */
static bool still_fits(const struct link *k, const struct sip_link_config *want)
{
    return k->number && want->transport == SIP_UDP && k->opened.transport == SIP_UDP && !k->fresh_port &&
           k->opened.server.family == want->server.family && k->opened.local_port == want->local_port &&
           strcmp(k->opened_interface, want->interface) == 0;
}

static int open_to_first(struct link *k)
{
    struct sip_link_config want = {
        .transport = k->cfg.agent.transport, .server = k->server[0], .local_port = k->cfg.local_port,
        .interface = k->cfg.interface,
    };
    struct addr probe;
    int err = net_probe_local(&k->server[0], k->cfg.interface, &probe);

    if (err)
        return err;
    if (!still_fits(k, &want)) {
        if (k->number)
            sip_transport_close(k->transport, k->number);
        k->number = 0;
        err = sip_transport_open(k->transport, &want, &k->number);
        if (err)
            return err;
        k->opened = want;
        memcpy(k->opened_interface, k->cfg.interface, sizeof(k->opened_interface));
        k->opened.interface = k->opened_interface;
    }
    k->fresh_port = false;
    if (want.transport == SIP_TCP) {
        k->connecting = true;
        return 0;
    }
    err = sip_transport_local(k->transport, k->number, &k->local);
    if (err)
        return err;
    /* Bound to "any": the address is the one that the route chooses. */
    memcpy(k->local.ip, probe.ip, sizeof(probe.ip));
    k->local.family = probe.family;
    up(k);
    return 0;
}

static void rotate(struct link *k)
{
    struct addr first = k->server[0];

    memmove(&k->server[0], &k->server[1], (k->nserver - 1) * sizeof(first));
    k->server[k->nserver - 1] = first;
}

/* IPv4 first: platforms of this field rarely listen elsewhere, and a silent address costs half a minute. Among equals
 * the resolver's order, turned on by one for every try that came to nothing. */
static void take_servers(struct link *k, const struct resolve *r)
{
    unsigned n = 0;

    for (unsigned pass = 0; pass < 2; pass++)
        for (unsigned i = 0; i < r->naddr && n < AGENT_SERVER_ADDRS_MAX; i++)
            if ((r->addr[i].family == ADDR_V4) == (pass == 0))
                k->server[n++] = r->addr[i];
    k->nserver = n;
    for (unsigned i = 0; i < k->attempt % n; i++)
        rotate(k);
}

static void on_resolved(struct resolve *r, int err, void *arg)
{
    struct link *k = arg;

    if (err) {
        char what[160];

        snprintf(what, sizeof(what), "server %.80s: %.60s", link_host(k), resolve_why(err));
        failed(k, what, 0);
        return;
    }
    take_servers(k, r);
    for (unsigned i = 0; i < k->nserver; i++) {
        err = open_to_first(k);
        if (!err)
            return;
        rotate(k);
    }
    failed(k, "cannot reach the server", err);
}

void link_wanted(struct link *k, bool fresh_port, const char *host, uint16_t port)
{
    struct resolve *look = host ? &k->detour : &k->resolve;
    int r;

    if (k->tried && strcmp(host ? host : "", k->host) == 0)
        k->attempt++;
    k->tried = true;
    if (!span_copy(span_of(host ? host : ""), k->host, sizeof(k->host))) {
        failed(k, "the name of the server redirected to is too long", 0);
        return;
    }
    k->port = host ? port : k->cfg.server_port;
    unheard(k);
    resolve_free(host ? &k->resolve : &k->detour);
    /* A configured port stays what it is. */
    k->fresh_port = fresh_port && !k->cfg.local_port;
    if (k->cfg.agent.transport == SIP_TCP || k->opened.transport == SIP_TCP)
        link_close(k);
    r = resolve_start(look, host ? k->host : k->cfg.server_host, k->port, on_resolved, k);
    if (r == 1)
        on_resolved(look, 0, k);
    else if (r < 0)
        failed(k, "cannot look up the server", r);
}

void link_registered(struct link *k)
{
    k->tried = false;
}

void link_connected(struct link *k)
{
    k->connecting = false;
    if (sip_transport_local(k->transport, k->number, &k->local) == 0) {
        up(k);
        return;
    }
    link_close(k);
    failed(k, "the connection was lost at once", 0);
}

void link_down(struct link *k, const char *why)
{
    k->number = 0;
    k->connecting = false;
    failed(k, why, 0);
}

bool link_apply(struct link *k, const struct conf_platform *cfg)
{
    bool elsewhere = strcmp(k->cfg.server_host, cfg->server_host) != 0 || k->cfg.server_port != cfg->server_port ||
                     k->cfg.agent.transport != cfg->agent.transport ||
                     strcmp(k->cfg.agent.server_id, cfg->agent.server_id) != 0;
    bool moved = elsewhere || k->cfg.local_port != cfg->local_port || strcmp(k->cfg.interface, cfg->interface) != 0;
    struct gb_time now;
    int r;

    if (!moved && memcmp(&k->cfg, cfg, sizeof(*cfg)) == 0)
        return false;
    k->cfg = *cfg;
    loop_time(k->loop, &now);
    r = agent_apply(k->agent, &cfg->agent, &now);
    if (r < 0)
        log_error("%s: the new settings were not taken: %s", cfg->agent.name, strerror(-r));
    if (moved) {
        k->attempt = 0;
        k->tried = false;
        heard(k);
        /* Another socket of ours is no reason to leave a server that was redirected to. */
        char host[RESOLVE_NAME_MAX];

        memcpy(host, k->host, sizeof(host));
        link_wanted(k, false, host[0] && !elsewhere ? host : NULL, k->port);
    }
    return true;
}

void link_network_changed(struct link *k)
{
    struct gb_time now;
    struct addr probe;
    bool back, same;
    int err;

    if (k->done || k->connecting || k->resolve.child || k->detour.child)
        return;
    /* A name that could not be looked up so far may be known now. */
    err = k->nserver ? net_probe_local(&k->server[0], k->cfg.interface, &probe) : 0;
    back = !err && k->unreachable;
    k->unreachable = err != 0;
    if (err)
        return;
    same = k->number && addr_same_ip(&probe, &k->local);
    if (same && !back)
        return;
    /* Also with the address of before: whoever waits out a failure need not any longer. */
    loop_time(k->loop, &now);
    agent_network_changed(k->agent, &now);
    k->kick(k->arg);
    if (!k->number || same)
        return;
    log_info("%s: the local address changed", k->cfg.agent.name);
    if (k->opened.transport == SIP_TCP) {
        link_close(k);
        failed(k, "the local address changed", 0);
        return;
    }
    memcpy(k->local.ip, probe.ip, sizeof(probe.ip));
    k->local.family = probe.family;
    up(k);
}
