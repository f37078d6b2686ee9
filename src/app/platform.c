/* SPDX-License-Identifier: MIT */
#include "app/platform.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "net/net.h"
#include "util/log.h"

/* The name or address of the server that is spoken to. */
static const char *platform_host(const struct platform *pf)
{
    return pf->host[0] ? pf->host : pf->cfg.server_host;
}

static void failed(struct platform *pf, const char *what, int err)
{
    struct gb_time now;
    char why[160];

    if (err)
        snprintf(why, sizeof(why), "%s: %s", what, strerror(-err));
    else
        snprintf(why, sizeof(why), "%s", what);
    snprintf(pf->why, sizeof(pf->why), "%s", err ? strerror(-err) : what);
    loop_time(pf->loop, &now);
    agent_link_failed(pf->agent, why, &now);
    pf->kick(pf->arg);
}

static void on_slow(struct loop_timer *t, void *arg)
{
    struct platform *pf = arg;
    char text[ADDR_NAMED_MAX];

    (void)t;
    addr_print_named(platform_host(pf), pf->port, text);
    log_warn("%s: no answer from %s%s%s%s", pf->cfg.agent.name, text, pf->why[0] ? " (" : "", pf->why, pf->why[0] ? ")" : "");
}

/* From the first attempt on, and over those that fail: a server that refuses, or whose name nobody knows, is as dead as a
 * silent one. */
static void unheard(struct platform *pf)
{
    if (pf->unheard)
        return;
    pf->unheard = true;
    pf->why[0] = '\0';
    (void)loop_timer_at(pf->loop, &pf->slow, loop_now_us(pf->loop) + PLATFORM_SLOW_US, on_slow, pf);
}

static void heard(struct platform *pf)
{
    pf->unheard = false;
    loop_timer_del(pf->loop, &pf->slow);
}

static void up(struct platform *pf)
{
    char local[ADDR_TEXT_MAX], server[ADDR_TEXT_MAX];
    struct gb_time now;

    heard(pf);
    addr_print(&pf->local, local);
    addr_print(&pf->server[0], server);
    log_debug("%s: link %u from %s to %s", pf->cfg.agent.name, pf->number, local, server);
    loop_time(pf->loop, &now);
    agent_link_up(pf->agent, pf->number, &pf->local, pf->server, pf->nserver, &now);
    pf->kick(pf->arg);
}

int platform_new(const struct platform_config *lc, const struct conf_platform *cfg, struct platform **out)
{
    struct platform *pf = calloc(1, sizeof(*pf));
    int err;

    if (!pf)
        return -ENOMEM;
    pf->loop = lc->loop;
    pf->transport = lc->transport;
    pf->kick = lc->kick;
    pf->arg = lc->arg;
    pf->cfg = *cfg;
    list_init(&pf->node);
    resolve_init(&pf->resolve, lc->loop);
    resolve_init(&pf->detour, lc->loop);
    err = agent_new(lc->mux, &cfg->agent, lc->device, &pf->agent);
    if (err) {
        free(pf);
        return err;
    }
    agent_set_user(pf->agent, pf);
    *out = pf;
    return 0;
}

void platform_close(struct platform *pf)
{
    resolve_free(&pf->resolve);
    resolve_free(&pf->detour);
    if (pf->number)
        sip_transport_close(pf->transport, pf->number);
    pf->number = 0;
    pf->connecting = false;
}

void platform_free(struct platform *pf)
{
    if (!pf)
        return;
    platform_close(pf);
    heard(pf);
    agent_free(pf->agent);
    free(pf);
}

/* Does the open socket serve for this server and config, too? */
static bool still_fits(const struct platform *pf, const struct sip_link_config *want)
{
    return pf->number && want->transport == SIP_UDP && pf->opened.transport == SIP_UDP && !pf->fresh_port &&
           pf->opened.server.family == want->server.family && pf->opened.local_port == want->local_port &&
           strcmp(pf->opened_interface, want->interface) == 0;
}

static int open_to_first(struct platform *pf)
{
    struct sip_link_config want = {
        .transport = pf->cfg.agent.transport, .server = pf->server[0], .local_port = pf->cfg.local_port,
        .interface = pf->cfg.interface,
    };
    struct addr probe;
    int err = net_probe_local(&pf->server[0], pf->cfg.interface, &probe);

    if (err)
        return err;
    if (!still_fits(pf, &want)) {
        if (pf->number)
            sip_transport_close(pf->transport, pf->number);
        pf->number = 0;
        err = sip_transport_open(pf->transport, &want, &pf->number);
        if (err)
            return err;
        pf->opened = want;
        memcpy(pf->opened_interface, pf->cfg.interface, sizeof(pf->opened_interface));
        pf->opened.interface = pf->opened_interface;
    }
    pf->fresh_port = false;
    if (want.transport == SIP_TCP) {
        pf->connecting = true;
        return 0;
    }
    err = sip_transport_local(pf->transport, pf->number, &pf->local);
    if (err)
        return err;
    /* Bound to "any": the address is the one that the route chooses. */
    memcpy(pf->local.ip, probe.ip, sizeof(probe.ip));
    pf->local.family = probe.family;
    up(pf);
    return 0;
}

static void rotate(struct platform *pf)
{
    struct addr first = pf->server[0];

    memmove(&pf->server[0], &pf->server[1], (pf->nserver - 1) * sizeof(first));
    pf->server[pf->nserver - 1] = first;
}

/* IPv4 first: platforms of this field rarely listen elsewhere, and a silent address costs half a minute. Among equals
 * the resolver's order, turned on by one for every try that came to nothing. */
static void take_servers(struct platform *pf, const struct resolve *r)
{
    unsigned n = 0;

    for (unsigned pass = 0; pass < 2; pass++)
        for (unsigned i = 0; i < r->naddr && n < AGENT_SERVER_ADDRS_MAX; i++)
            if ((r->addr[i].family == ADDR_V4) == (pass == 0))
                pf->server[n++] = r->addr[i];
    pf->nserver = n;
    for (unsigned i = 0; i < pf->attempt % n; i++)
        rotate(pf);
}

static void on_resolved(struct resolve *r, int err, void *arg)
{
    struct platform *pf = arg;

    if (err) {
        char what[160];

        snprintf(what, sizeof(what), "server %.80s: %.60s", platform_host(pf), resolve_strerror(err));
        failed(pf, what, 0);
        return;
    }
    take_servers(pf, r);
    for (unsigned i = 0; i < pf->nserver; i++) {
        err = open_to_first(pf);
        if (!err)
            return;
        rotate(pf);
    }
    failed(pf, "cannot reach the server", err);
}

void platform_wanted(struct platform *pf, bool fresh_port, const char *host, uint16_t port)
{
    struct resolve *look = host ? &pf->detour : &pf->resolve;
    int r;

    if (pf->tried && strcmp(host ? host : "", pf->host) == 0)
        pf->attempt++;
    pf->tried = true;
    if (!span_copy(span_of(host ? host : ""), pf->host, sizeof(pf->host))) {
        failed(pf, "the name of the server redirected to is too long", 0);
        return;
    }
    pf->port = host ? port : pf->cfg.server_port;
    unheard(pf);
    resolve_free(host ? &pf->resolve : &pf->detour);
    /* A configured port stays what it is. */
    pf->fresh_port = fresh_port && !pf->cfg.local_port;
    if (pf->cfg.agent.transport == SIP_TCP || pf->opened.transport == SIP_TCP)
        platform_close(pf);
    r = resolve_start(look, host ? pf->host : pf->cfg.server_host, pf->port, on_resolved, pf);
    if (r == 1)
        on_resolved(look, 0, pf);
    else if (r < 0)
        failed(pf, "cannot look up the server", r);
}

void platform_registered(struct platform *pf)
{
    pf->tried = false;
}

void platform_connected(struct platform *pf)
{
    pf->connecting = false;
    if (sip_transport_local(pf->transport, pf->number, &pf->local) == 0) {
        up(pf);
        return;
    }
    platform_close(pf);
    failed(pf, "the connection was lost at once", 0);
}

void platform_down(struct platform *pf, const char *why)
{
    pf->number = 0;
    pf->connecting = false;
    failed(pf, why, 0);
}

bool platform_apply(struct platform *pf, const struct conf_platform *cfg)
{
    bool elsewhere = strcmp(pf->cfg.server_host, cfg->server_host) != 0 || pf->cfg.server_port != cfg->server_port ||
                     pf->cfg.agent.transport != cfg->agent.transport ||
                     strcmp(pf->cfg.agent.server_id, cfg->agent.server_id) != 0;
    bool moved = elsewhere || pf->cfg.local_port != cfg->local_port || strcmp(pf->cfg.interface, cfg->interface) != 0;
    struct gb_time now;
    int r;

    if (!moved && memcmp(&pf->cfg, cfg, sizeof(*cfg)) == 0)
        return false;
    pf->cfg = *cfg;
    loop_time(pf->loop, &now);
    r = agent_apply(pf->agent, &cfg->agent, &now);
    if (r < 0)
        log_error("%s: the new settings were not taken: %s", cfg->agent.name, strerror(-r));
    if (moved) {
        pf->attempt = 0;
        pf->tried = false;
        heard(pf);
        /* Another socket of ours is no reason to leave a server that was redirected to. */
        char host[RESOLVE_NAME_MAX];

        memcpy(host, pf->host, sizeof(host));
        platform_wanted(pf, false, host[0] && !elsewhere ? host : NULL, pf->port);
    }
    return true;
}

void platform_network_changed(struct platform *pf)
{
    struct gb_time now;
    struct addr probe;
    bool back, same;
    int err;

    if (pf->done || pf->connecting || pf->resolve.child || pf->detour.child)
        return;
    /* A name that could not be looked up so far may be known now. */
    err = pf->nserver ? net_probe_local(&pf->server[0], pf->cfg.interface, &probe) : 0;
    back = !err && pf->unreachable;
    pf->unreachable = err != 0;
    if (err)
        return;
    same = pf->number && addr_same_ip(&probe, &pf->local);
    if (same && !back)
        return;
    /* Also with the address of before: whoever waits out a failure need not any longer. */
    loop_time(pf->loop, &now);
    agent_network_changed(pf->agent, &now);
    pf->kick(pf->arg);
    if (!pf->number || same)
        return;
    log_info("%s: the local address changed", pf->cfg.agent.name);
    if (pf->opened.transport == SIP_TCP) {
        platform_close(pf);
        failed(pf, "the local address changed", 0);
        return;
    }
    memcpy(pf->local.ip, probe.ip, sizeof(probe.ip));
    pf->local.family = probe.family;
    up(pf);
}
