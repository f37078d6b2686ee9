/* SPDX-License-Identifier: MIT */
#include "app/platform.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "net/net.h"
#include "util/log.h"

/* Name or address of the current server. */
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
    char text[ADDR_NAMED_MAX], why[LOG_QUOTED_SIZE];

    (void)t;
    addr_print_named(platform_host(pf), pf->port, text);
    log_warn("%s: no-answer server=%s reason=%s", pf->cfg.agent.name, text,
             log_quoted(why, sizeof(why), span_of(pf->why)));
}

/* Keeps running while attempts fail: a refused connection or an unknown name is no better than a silent server. */
static void start_slow_timer(struct platform *pf)
{
    if (pf->unanswered)
        return;
    pf->unanswered = true;
    pf->why[0] = '\0';
    (void)loop_timer_at(pf->loop, &pf->slow, loop_now_us(pf->loop) + PLATFORM_SLOW_US, on_slow, pf);
}

static void stop_slow_timer(struct platform *pf)
{
    pf->unanswered = false;
    loop_timer_del(pf->loop, &pf->slow);
}

static void link_up(struct platform *pf)
{
    char local[ADDR_TEXT_MAX], server[ADDR_TEXT_MAX];
    struct gb_time now;

    stop_slow_timer(pf);
    addr_print(&pf->local, local);
    addr_print(&pf->server[0], server);
    log_debug("%s: link-up link=%u local=%s server=%s", pf->cfg.agent.name, pf->number, local, server);
    loop_time(pf->loop, &now);
    agent_link_up(pf->agent, pf->number, &pf->local, pf->server, pf->nserver, &now);
    pf->kick(pf->arg);
}

int platform_new(const struct platform_config *pc, const struct conf_platform *cfg, struct platform **out)
{
    struct platform *pf = calloc(1, sizeof(*pf));
    int err;

    if (!pf)
        return -ENOMEM;
    pf->loop = pc->loop;
    pf->transport = pc->transport;
    pf->kick = pc->kick;
    pf->arg = pc->arg;
    pf->cfg = *cfg;
    list_init(&pf->node);
    resolve_init(&pf->resolve, pc->loop);
    resolve_init(&pf->redirect, pc->loop);
    err = agent_new(pc->mux, &cfg->agent, pc->device, &pf->agent);
    if (err) {
        free(pf);
        return err;
    }
    agent_set_owner(pf->agent, pf);
    *out = pf;
    return 0;
}

static void close_link(struct platform *pf)
{
    resolve_free(&pf->resolve);
    resolve_free(&pf->redirect);
    if (pf->number)
        sip_transport_close(pf->transport, pf->number);
    pf->number = 0;
    pf->connecting = false;
}

void platform_free(struct platform *pf)
{
    if (!pf)
        return;
    close_link(pf);
    stop_slow_timer(pf);
    agent_free(pf->agent);
    free(pf);
}

/* Whether the open socket can be used for this server and config. */
static bool can_reuse(const struct platform *pf, const struct sip_link_config *want)
{
    return pf->number && want->transport == SIP_UDP && pf->opened.transport == SIP_UDP && !pf->fresh_port &&
           pf->opened.server.family == want->server.family && pf->opened.local_port == want->local_port &&
           strcmp(pf->opened_interface, want->interface) == 0;
}

static int open_to_first(struct platform *pf)
{
    struct sip_link_config want = {
        .transport = pf->cfg.agent.transport,
        .server = pf->server[0],
        .local_port = pf->cfg.local_port,
        .interface = pf->cfg.interface,
    };
    struct addr probe;
    int err = net_probe_local(&pf->server[0], pf->cfg.interface, &probe);

    if (err)
        return err;
    if (!can_reuse(pf, &want)) {
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
    /* The socket is bound to the wildcard address; the route gives the local one. */
    memcpy(pf->local.ip, probe.ip, sizeof(probe.ip));
    pf->local.family = probe.family;
    link_up(pf);
    return 0;
}

static void rotate(struct platform *pf)
{
    struct addr first = pf->server[0];

    memmove(&pf->server[0], &pf->server[1], (pf->nserver - 1) * sizeof(first));
    pf->server[pf->nserver - 1] = first;
}

/* IPv4 first: GB/T 28181 platforms rarely listen on IPv6, and an address that does not answer costs half a minute.
 * Within a family the order is the resolver's, rotated by one for every failed attempt. */
static void set_servers(struct platform *pf, const struct resolve *r)
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
    set_servers(pf, r);
    for (unsigned i = 0; i < pf->nserver; i++) {
        err = open_to_first(pf);
        if (!err)
            return;
        rotate(pf);
    }
    failed(pf, "cannot reach the server", err);
}

void platform_open(struct platform *pf, bool fresh_port, const char *host, uint16_t port)
{
    struct resolve *look = host ? &pf->redirect : &pf->resolve;
    int done;

    if (pf->tried && strcmp(host ? host : "", pf->host) == 0)
        pf->attempt++;
    pf->tried = true;
    if (!span_copy(span_of(host ? host : ""), pf->host, sizeof(pf->host))) {
        failed(pf, "redirected to a name that is too long", 0);
        return;
    }
    pf->port = host ? port : pf->cfg.server_port;
    start_slow_timer(pf);
    resolve_free(host ? &pf->resolve : &pf->redirect);
    /* A configured local port is never changed. */
    pf->fresh_port = fresh_port && !pf->cfg.local_port;
    if (pf->cfg.agent.transport == SIP_TCP || pf->opened.transport == SIP_TCP)
        close_link(pf);
    done = resolve_start(look, host ? pf->host : pf->cfg.server_host, pf->port, on_resolved, pf);
    if (done == 1)
        on_resolved(look, 0, pf);
    else if (done < 0)
        failed(pf, "cannot resolve the server", done);
}

void platform_registered(struct platform *pf)
{
    pf->tried = false;
}

void platform_connected(struct platform *pf)
{
    pf->connecting = false;
    if (sip_transport_local(pf->transport, pf->number, &pf->local) == 0) {
        link_up(pf);
        return;
    }
    close_link(pf);
    failed(pf, "connection lost immediately", 0);
}

void platform_link_down(struct platform *pf, const char *why)
{
    pf->number = 0;
    pf->connecting = false;
    failed(pf, why, 0);
}

bool platform_apply(struct platform *pf, const struct conf_platform *cfg)
{
    bool other_server = strcmp(pf->cfg.server_host, cfg->server_host) != 0 || pf->cfg.server_port != cfg->server_port ||
                        pf->cfg.agent.transport != cfg->agent.transport ||
                        strcmp(pf->cfg.agent.server_id, cfg->agent.server_id) != 0;
    bool moved = other_server || pf->cfg.local_port != cfg->local_port ||
                 strcmp(pf->cfg.interface, cfg->interface) != 0;
    struct gb_time now;
    int err;

    if (!moved && memcmp(&pf->cfg, cfg, sizeof(*cfg)) == 0)
        return false;
    pf->cfg = *cfg;
    loop_time(pf->loop, &now);
    err = agent_apply(pf->agent, &cfg->agent, &now);
    if (err)
        log_error("%s: config-not-applied reason=\"%s\"", cfg->agent.name, strerror(-err));
    if (moved) {
        pf->attempt = 0;
        pf->tried = false;
        stop_slow_timer(pf);
        /* A new local socket does not end a redirection. */
        char host[RESOLVE_NAME_MAX];

        memcpy(host, pf->host, sizeof(host));
        platform_open(pf, false, host[0] && !other_server ? host : NULL, pf->port);
    }
    return true;
}

void platform_network_changed(struct platform *pf)
{
    char text[ADDR_TEXT_MAX];
    struct gb_time now;
    struct addr probe;
    bool back, same;
    int err;

    if (pf->done || pf->connecting || pf->resolve.child || pf->redirect.child)
        return;
    /* A name that could not be resolved before may be resolvable now. */
    err = pf->nserver ? net_probe_local(&pf->server[0], pf->cfg.interface, &probe) : 0;
    back = !err && pf->unreachable;
    pf->unreachable = err != 0;
    if (err)
        return;
    same = pf->number && addr_same_ip(&probe, &pf->local);
    if (same && !back)
        return;
    /* Even with an unchanged address: ends the back-off after a failure. */
    loop_time(pf->loop, &now);
    agent_network_changed(pf->agent, &now);
    pf->kick(pf->arg);
    if (!pf->number || same)
        return;
    addr_print_ip(&probe, text);
    log_info("%s: local-address-changed local=%s", pf->cfg.agent.name, text);
    if (pf->opened.transport == SIP_TCP) {
        close_link(pf);
        failed(pf, "local address changed", 0);
        return;
    }
    memcpy(pf->local.ip, probe.ip, sizeof(probe.ip));
    pf->local.family = probe.family;
    link_up(pf);
}
