/* SPDX-License-Identifier: MIT */
/*
 * What a platform subscribed to on one link: Catalog, Alarm, MobilePosition, PTZPosition. A subscription is typed by the
 * body's CmdType, else by its Event package; the Event value goes back as it came. NOTIFYs of one subscription are
 * serial: the next one goes when the last was answered.
 */
#ifndef AGENT_SUBSCRIPTION_H
#define AGENT_SUBSCRIPTION_H

#include <stdbool.h>
#include <stdint.h>

#include "agent/ua.h"
#include "device/device.h"
#include "manscdp/subscribe.h"
#include "sip/dialog.h"
#include "sip/scan.h"

struct agent;

#define SUBSCRIPTIONS_MAX 8u            /* of one link; a further one is answered 486 */
#define SUBSCRIPTION_EXPIRES_S 600u     /* without an Expires header */
#define SUBSCRIPTION_EXPIRES_MIN_S 5u   /* less is answered 423 */
#define SUBSCRIPTION_EXPIRES_MAX_S 86400u       /* more is shortened */
#define SUBSCRIPTION_RETRY_MS 5000u     /* after a NOTIFY that got 486 or could not be sent */
#define SUBSCRIPTION_ASK_MS 900u        /* the board has to say within where it is */
#define SUBSCRIPTION_HEAD_MS 1000u      /* how often the head is looked at */
#define SUBSCRIPTION_UNKNOWN_MS 30000u  /* and a board that does not know is asked again */
#define SUBSCRIPTION_EVENT_SIZE 160u    /* of an Event value */
#define SUBSCRIPTION_TOKEN 0x40000000u  /* in the tokens of our questions; the router's have it not */

/* One line of a Catalog NOTIFY that is to be sent. */
struct catalog_change {
    char id[GBID_SIZE];
    const char *event;                  /* ON, OFF, VLOST, DEFECT, ADD, DEL, UPDATE */
};

struct subscription {
    struct agent *agent;
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

struct subscriptions {
    struct subscription *slot[SUBSCRIPTIONS_MAX];       /* NULL = free */
    uint32_t next_notify, next_token;
};

void subscriptions_free(struct agent *a);
void subscriptions_offline(struct agent *a);                    /* dropped without a word: the link is gone */
void subscriptions_shutdown(struct agent *a, const struct gb_time *now);        /* a terminated NOTIFY for each */
void subscriptions_tick(struct agent *a, const struct gb_time *now);
uint64_t subscriptions_deadline(const struct agent *a);
void subscriptions_device_changed(struct agent *a, const struct gb_time *now);
/* A SUBSCRIBE; answers it. */
void subscription_request(struct agent *a, const struct sip_scan *s, const struct sip_origin *o,
                          const struct gb_time *now);
/* A NOTIFY ended. status: of SIP, 0 timeout. */
void subscription_notify_done(struct agent *a, uint32_t number, unsigned status, const struct gb_time *now);
/* The board's answers to our questions; NULL = not known. -ENOENT: the subscription is gone. */
int subscription_reply_geo(struct agent *a, uint32_t token, const struct board_geo *geo, const struct gb_time *now);
int subscription_reply_head(struct agent *a, uint32_t token, const struct board_head *head, const struct gb_time *now);

/* ---- between subscription.c, subscription_request.c, subscription_send.c and subscription_body.c ---- */

/* Frees it; alarms that waited for it go another way. */
void subscription_drop(struct subscription *x, const char *why, const struct gb_time *now);
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
