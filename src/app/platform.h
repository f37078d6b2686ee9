/* SPDX-License-Identifier: MIT */
/*
 * One configured platform: its agent, and what the agent cannot do itself: resolve the server's name, open the SIP
 * link, find the local address, and detect that it changed.
 */
#ifndef APP_PLATFORM_H
#define APP_PLATFORM_H

#include <stdbool.h>
#include <stdint.h>

#include "agent/agent.h"
#include "conf/conf.h"
#include "net/resolve.h"
#include "net/sip_transport.h"
#include "sys/loop.h"
#include "util/list.h"

#define PLATFORM_STOP_MS 2000u    /* time for BYE and unregistering */
#define PLATFORM_SLOW_US 4000000u /* without a link for this long, a warning is logged */

struct platform {
    struct list node; /* the owner's */
    struct loop *loop;
    struct sip_transports *transport;
    struct agent *agent;     /* agent_owner() is this platform */
    void (*kick)(void *arg); /* the agent has packets or events to fetch */
    void *arg;
    struct conf_platform cfg;
    bool done;    /* the agent has stopped: to be freed */
    bool removed; /* no longer in the config: freed when done */

    /* private */
    uint32_t number;               /* SIP link, 0 = none */
    struct sip_link_config opened; /* of `number`; interface points to opened_interface */
    char opened_interface[16];
    bool connecting, tried, fresh_port;
    struct loop_timer slow;
    bool unanswered;  /* slow is running, or has expired and the warning was logged */
    char why[80];     /* reason of the last failed attempt, "" = none failed */
    bool unreachable; /* no route to the server at the last change of the network */
    unsigned attempt; /* rotates the server's addresses */
    struct addr server[RESOLVE_ADDRS_MAX];
    unsigned nserver;
    struct addr local;
    char host[RESOLVE_NAME_MAX]; /* target of a redirection, "" = the config's server */
    uint16_t port;
    struct resolve resolve, redirect; /* redirect: separate, to keep the last good addresses of the config's server */
};

struct platform_config {
    struct loop *loop;
    struct sip_transports *transport;
    struct mux *mux;
    struct device *device;
    void (*kick)(void *arg);
    void *arg;
};

/* Creates the agent, too. -errno. */
int platform_new(const struct platform_config *pc, const struct conf_platform *cfg, struct platform **out);
void platform_free(struct platform *pf); /* frees the agent */
/* Applies a reloaded config. true: something changed. */
bool platform_apply(struct platform *pf, const struct conf_platform *cfg);

/* AGENT_LINK_WANTED. host: the server redirected to, NULL: the config's. */
void platform_open(struct platform *pf, bool fresh_port, const char *host, uint16_t port);
void platform_registered(struct platform *pf); /* the current server address works */
void platform_connected(struct platform *pf);  /* the SIP connection is established */
void platform_link_down(struct platform *pf, const char *why);
void platform_network_changed(struct platform *pf);

#endif
