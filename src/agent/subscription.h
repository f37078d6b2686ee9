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

#include "device/device.h"
#include "sip/scan.h"
#include "ua/ua.h"

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

struct subscription;

struct subscriptions {
    struct ua *ua;
    struct subscription *slot[SUBSCRIPTIONS_MAX];       /* NULL = free */
    unsigned count;
    uint32_t next_notify, next_token;
};

void subscriptions_init(struct subscriptions *set, struct ua *u);
void subscriptions_free(struct subscriptions *set);
void subscriptions_offline(struct subscriptions *set);          /* dropped without a word: the link is gone */
void subscriptions_shutdown(struct subscriptions *set, const struct gb_time *now);      /* a terminated NOTIFY for each */
/* The subscriptions that ended, a bit each, for those who count on them. */
unsigned subscriptions_tick(struct subscriptions *set, const struct gb_time *now);
uint64_t subscriptions_deadline(const struct subscriptions *set);
void subscriptions_device_changed(struct subscriptions *set, const struct gb_time *now);
/* A SUBSCRIBE; answers it. Those that it ended, likewise. */
unsigned subscriptions_request(struct subscriptions *set, const struct sip_scan *s, const struct sip_origin *o,
                               const struct gb_time *now);

/* A NOTIFY ended. status: of SIP, 0 timeout. false: nobody cares. Else subscriptions_go_on is due, once those who use the
 * subscription have sent what they want to. */
struct notify_end {
    unsigned slot;                      /* of the subscription */
    uint32_t alarm;                     /* ref of the alarm it carried; 0 = none */
    unsigned gone;                      /* the subscription ended, a bit at `slot` */
};
bool subscriptions_notify_done(struct subscriptions *set, uint32_t number, unsigned status, struct notify_end *end,
                               const struct gb_time *now);
void subscriptions_go_on(struct subscriptions *set, unsigned slot, const struct gb_time *now);

/* The alarm subscriptions that want this alarm, a bit each. */
unsigned subscriptions_wanting_alarm(const struct subscriptions *set, const struct agent_alarm *al, const struct gb_time *now);
/* The alarm as NOTIFY of subscription number `slot`; ref comes back in notify_end. -EBUSY: one is in flight, try again
 * later; -ENOENT: the subscription is gone; -errno of sending. */
int subscriptions_notify_alarm(struct subscriptions *set, unsigned slot, uint32_t ref, struct span body,
                               const struct gb_time *now);

/* The board's answers to our questions; NULL = not known. -ENOENT: the subscription is gone. */
int subscriptions_reply_geo(struct subscriptions *set, uint32_t token, const struct board_geo *geo, const struct gb_time *now);
int subscriptions_reply_head(struct subscriptions *set, uint32_t token, const struct board_head *head, const struct gb_time *now);

#endif
