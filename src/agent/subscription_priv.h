/* SPDX-License-Identifier: MIT */
/* Shared by subscription.c (table, timers, outcome of NOTIFYs), subscription_request.c (SUBSCRIBE) and
 * subscription_notify.c (NOTIFY and its contents) only. */
#ifndef AGENT_SUBSCRIPTION_PRIV_H
#define AGENT_SUBSCRIPTION_PRIV_H

#include "agent/subscription.h"
#include "device/device.h"
#include "manscdp/subscribe.h"
#include "sip/dialog.h"

/* One change to report in a Catalog NOTIFY. */
struct catalog_change {
    char id[GBID_SIZE];
    const char *event; /* ON, OFF, VLOST, DEFECT, ADD, DEL, UPDATE */
};

struct subscription {
    struct subscriptions *set;
    unsigned slot;
    struct subscribe_request want;
    bool one_item; /* want.device_id is an item, and only that item is reported */
    char event[SUBSCRIPTION_EVENT_SIZE];
    char local_tag[24];
    char *message; /* the SUBSCRIBE that created or last refreshed it */
    size_t len;
    struct addr peer; /* its source */
    bool reliable;
    uint32_t cseq; /* of the last NOTIFY */
    uint64_t expires_ms;
    bool initial_due; /* the initial NOTIFY, or the one after a refresh, is still to be sent */
    bool initial_in_flight;
    uint32_t in_flight; /* number of the NOTIFY that waits for its response; 0 none */
    uint32_t alarm;     /* ref of the alarm in it; 0 none */
    uint64_t resume_ms; /* nothing is sent before this time */

    uint64_t cursor;               /* Catalog: position in the device's journal */
    uint64_t batch_ms;             /* when the collected changes are sent; UINT64_MAX none */
    struct catalog_change *change; /* the changes being sent */
    unsigned nchanges, next, sent; /* next: index of the first one not yet sent; sent: number in flight */

    uint64_t ask_ms;   /* positions: when to ask the board */
    uint32_t token;    /* of the request to the board; 0 none */
    uint64_t token_ms; /* its deadline */
    bool head_known;
    struct board_head head; /* last reported */
};

static inline bool subscription_is_position(const struct subscription *x)
{
    return x->want.kind == SUBSCRIBE_MOBILE_POSITION || x->want.kind == SUBSCRIBE_PTZ_POSITION;
}

/* ---- subscription.c ---- */
/* Frees x. Returns 1 << x->slot. */
unsigned subscription_drop(struct subscription *x, const char *why);
/* Is this item reported? Yes, unless the subscription is to another item only. */
bool subscription_covers(const struct subscription *x, const char *id);

/* ---- subscription_notify.c ---- */
/* Sends a NOTIFY with "active;expires=N" and sets x->in_flight; body may be empty. -EBUSY: one is in flight; or the
 * error of sending. */
int subscription_notify(struct subscription *x, struct span body, const struct gb_time *now);
void subscription_terminate(struct subscription *x, const char *reason, const struct gb_time *now);
/* Catalog: prepares the initial NOTIFYs, which report items that are not ON. 0 or -ENOMEM. */
int subscription_catalog_initial(struct subscription *x);
/* Positions: asks the board when the interval has passed. */
void subscription_ask(struct subscription *x, const struct gb_time *now);
/* Sends the next NOTIFY that is due, unless one is in flight. */
void subscription_send_due(struct subscription *x, const struct gb_time *now);

#endif
