/* SPDX-License-Identifier: MIT */
/*
 * What one platform's agent cannot do itself: find the server's addresses, open the socket or connection, know the
 * local address, and notice that it changed.
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

#define PLATFORM_STOP_MS 2000u              /* for BYE and unregistering */
#define PLATFORM_SLOW_US 4000000u           /* without a link the server is named in a warning */

struct platform {
    struct list node;                   /* the owner's */
    struct loop *loop;
    struct sip_transports *transport;
    struct agent *agent;                /* agent_user is this link */
    void (*kick)(void *arg);            /* the agent was told something: fetch what it has to say */
    void *arg;
    struct conf_platform cfg;
    bool done;                          /* the agent has stopped: to be freed */
    bool removed;                       /* no longer in the config: goes when it is done */

    /* private */
    uint32_t number;                    /* of the transport, 0 none */
    struct sip_link_config opened;      /* what `number` was opened with; interface points into opened_interface */
    char opened_interface[16];
    bool connecting, tried, fresh_port;
    struct loop_timer slow;
    bool unheard;                       /* slow is set, or was and the server has been named */
    char why[80];                       /* what the last attempt failed for, "" none did */
    bool unreachable;                   /* no route to the server when the network changed last */
    unsigned attempt;                   /* which of several addresses comes first */
    struct addr server[RESOLVE_ADDRS_MAX];
    unsigned nserver;
    struct addr local;
    char host[RESOLVE_NAME_MAX];        /* of a redirection, "" none: then the config's */
    uint16_t port;
    struct resolve resolve, detour;     /* detour: of a redirection, so that the config's last good answer stays */
};

struct platform_config {
    struct loop *loop;
    struct sip_transports *transport;
    struct mux *mux;
    struct device *device;
    void (*kick)(void *arg);
    void *arg;
};

/* Makes the agent too. -ENOMEM and the like. */
int platform_new(const struct platform_config *lc, const struct conf_platform *cfg, struct platform **out);
void platform_free(struct platform *pf);         /* frees the agent */
/* Reload. true: something changed. */
bool platform_apply(struct platform *pf, const struct conf_platform *cfg);

/* AGENT_LINK_WANTED. host: the server redirected to, NULL the config's. */
void platform_wanted(struct platform *pf, bool fresh_port, const char *host, uint16_t port);
void platform_registered(struct platform *pf);                   /* the address in use is a good one */
void platform_connected(struct platform *pf);                    /* from the transport */
void platform_down(struct platform *pf, const char *why);
void platform_close(struct platform *pf);
void platform_network_changed(struct platform *pf);

#endif
