/* SPDX-License-Identifier: MIT */
/* What the files of the subscriptions share: subscription.c (the table, life, time, how NOTIFYs end), subscription_request.c
 * (SUBSCRIBE and its answer), subscription_notify.c (NOTIFY and what it says). Nobody else includes this. */
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

static inline bool subscription_is_position(const struct subscription *x)
{
    return x->want.kind == SUBSCRIBE_MOBILE_POSITION || x->want.kind == SUBSCRIBE_PTZ_POSITION;
}

/* ---- subscription.c ---- */
/* Frees it. Its bit, for those who have to know that it is gone. */
unsigned subscription_drop(struct subscription *x, const char *why);
/* A subscription to the device, an alarm centre or anything else that is no item of ours hears of every item. */
bool subscription_covers(const struct subscription *x, const char *id);

/* ---- subscription_notify.c ---- */
/* "active;expires=N" NOTIFY, body may be empty. x->in_flight is its number then. -EBUSY, -errno of sending. */
int subscription_notify(struct subscription *x, struct span body, const struct gb_time *now);
void subscription_terminate(struct subscription *x, const char *reason, const struct gb_time *now);
/* Catalog: what is not ON is to be sent first. 0 or -ENOMEM. */
int subscription_catalog_first(struct subscription *x);
/* Positions: asks the board when that is due. */
void subscription_ask(struct subscription *x, const struct gb_time *now);
/* What is due goes, when nothing is in flight. */
void subscription_pump(struct subscription *x, const struct gb_time *now);

#endif
