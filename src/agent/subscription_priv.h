/* SPDX-License-Identifier: MIT */
/* What the files of the subscriptions share: subscription.c (life, time, how NOTIFYs end), subscription_request.c (SUBSCRIBE),
 * subscription_send.c, subscription_notify.c, subscription_position.c (NOTIFY and what it says). Nobody else includes this. */
#ifndef AGENT_SUBSCRIPTION_PRIV_H
#define AGENT_SUBSCRIPTION_PRIV_H

#include "agent/subscription.h"
#include "device/device.h"
#include "manscdp/subscribe.h"
#include "sip/dialog.h"

/* One line of a Catalog NOTIFY that is to be sent. */
struct catalog_change {
    char id[GBID_SIZE];
    const char *event;                  /* ON, OFF, VLOST, DEFECT, ADD, DEL, UPDATE */
};

struct subscription {
    struct subscriptions *set;
    unsigned slot;
    struct subscribe_request want;
    bool one_item;                      /* want.device_id is an item's, so it hears of that one alone */
    char event[SUBSCRIPTION_EVENT_SIZE];
    char local_tag[24];
    char *message;                      /* the SUBSCRIBE that made or last refreshed it */
    size_t len;
    struct addr peer;                   /* where that came from */
    bool reliable;
    uint32_t cseq;                      /* of the last NOTIFY */
    uint64_t expires_ms;
    bool hello;                         /* the first NOTIFY is due, or the one for a refresh */
    bool greets;                        /* the one in flight is that */
    uint32_t in_flight;                 /* number of the NOTIFY that waits for its answer; 0 none */
    uint32_t alarm;                     /* the alarm it carries */
    uint64_t resume_ms;                 /* nothing is sent before */

    uint64_t cursor;                    /* Catalog: of the device's journal */
    uint64_t batch_ms;                  /* when what gathered there is sent; UINT64_MAX nothing */
    struct catalog_change *change;      /* being sent */
    unsigned nchanges, next, sent;      /* first of the next NOTIFY; how many are in flight */

    uint64_t ask_ms;                    /* positions: when to ask the board */
    uint32_t token;                     /* of the open question, 0 none */
    uint64_t token_ms;                  /* its deadline */
    bool head_known;
    struct board_head head;             /* as last told */
};

/* Frees it. Its bit, for those who have to know that it is gone. */
unsigned subscription_drop(struct subscription *x, const char *why);
/* What is due goes, when nothing is in flight. */
void subscription_pump(struct subscription *x, const struct gb_time *now);
/* Body bytes that keep a NOTIFY of x within the transport's limit; 0 when its headers alone are too large. */
size_t subscription_room(const struct subscription *x, const struct gb_time *now);
/* "active;expires=N" NOTIFY, body may be empty. x->in_flight is its number then. -EBUSY, -errno of sending. */
int subscription_notify(struct subscription *x, struct span body, const struct gb_time *now);
void subscription_terminate(struct subscription *x, const char *reason, const struct gb_time *now);
/* Catalog. first: what is not ON; gather: the net changes since the cursor. 0 or -ENOMEM. */
int subscription_catalog_first(struct subscription *x);
int subscription_catalog_gather(struct subscription *x);
/* The NOTIFY at x->next, as many changes as fit. Nothing is in flight after it when those left mean nothing any more. */
int subscription_catalog_send(struct subscription *x, const struct gb_time *now);
bool subscription_covers(const struct subscription *x, const char *id);
/* The ID in the NOTIFYs: the one that was subscribed to, when it is ours. */
const char *subscription_device_id(const struct subscription *x);
/* Positions: one is due now, and every interval from now on. */
void subscription_hasten(struct subscription *x, const struct gb_time *now);
/* Positions: asks the board when that is due. */
void subscription_ask(struct subscription *x, const struct gb_time *now);

#endif
