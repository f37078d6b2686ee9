/* SPDX-License-Identifier: MIT */
/*
 * Subscriptions of one platform (RFC 6665; 2016 and 2022 9.11): Catalog, Alarm, MobilePosition, PTZPosition. The kind
 * is the CmdType of the body, else the Event package; NOTIFYs repeat the Event value unchanged. A subscription has one
 * NOTIFY in flight at a time.
 */
#ifndef AGENT_SUBSCRIPTION_H
#define AGENT_SUBSCRIPTION_H

#include <stdbool.h>
#include <stdint.h>

#include "device/device.h"
#include "sip/scan.h"
#include "ua/ua.h"

#define SUBSCRIPTIONS_MAX          8u          /* per platform; more are refused with 486 */
#define SUBSCRIPTION_EXPIRES_S     600u        /* without an Expires header */
#define SUBSCRIPTION_EXPIRES_MIN_S 5u          /* less is refused with 423 */
#define SUBSCRIPTION_EXPIRES_MAX_S 86400u      /* more is shortened */
#define SUBSCRIPTION_RETRY_MS      5000u       /* after a NOTIFY that got 486 or 503, or could not be sent */
#define SUBSCRIPTION_ASK_MS        900u        /* for the board to report a position */
#define SUBSCRIPTION_HEAD_MS       1000u       /* interval at which the PTZ position is polled */
#define SUBSCRIPTION_UNKNOWN_MS    30000u      /* the same, if the board does not know it */
#define SUBSCRIPTION_EVENT_SIZE    160u        /* bytes of an Event value, including NUL */
#define SUBSCRIPTION_TOKEN         0x40000000u /* set in the tokens of subscriptions, but not in the router's */

struct subscription;

struct subscriptions {
    struct ua *ua;
    struct subscription *slot[SUBSCRIPTIONS_MAX]; /* NULL: unused */
    unsigned count;
    uint32_t next_notify, next_token;
};

void subscriptions_init(struct subscriptions *set, struct ua *u);
void subscriptions_free(struct subscriptions *set);
void subscriptions_offline(struct subscriptions *set);                             /* drops them without a NOTIFY */
void subscriptions_shutdown(struct subscriptions *set, const struct gb_time *now); /* a terminated NOTIFY for each */
/* Returns a bit mask of the subscriptions that ended, by slot. */
unsigned subscriptions_tick(struct subscriptions *set, const struct gb_time *now);
uint64_t subscriptions_deadline(const struct subscriptions *set);
void subscriptions_device_changed(struct subscriptions *set, const struct gb_time *now);
/* Answers a SUBSCRIBE. Returns a bit mask of the subscriptions that it ended. */
unsigned subscriptions_request(struct subscriptions *set, const struct sip_scan *s, const struct sip_origin *o,
                               const struct gb_time *now);

/* A NOTIFY ended. status: SIP status, 0 on timeout. false: its subscription had ended before. true: *end is set; the
 * caller handles the alarms and then calls subscriptions_resume. */
struct notify_end {
    unsigned slot;  /* of the subscription */
    uint32_t alarm; /* ref of its alarm; 0: none */
    unsigned gone;  /* 1 << slot if the subscription ended, otherwise 0 */
};
bool subscriptions_notify_done(struct subscriptions *set, uint32_t number, unsigned status, struct notify_end *end,
                               const struct gb_time *now);
void subscriptions_resume(struct subscriptions *set, unsigned slot, const struct gb_time *now);

/* A bit mask of the subscriptions that match this alarm, by slot. */
unsigned subscriptions_wanting_alarm(const struct subscriptions *set, const struct agent_alarm *al,
                                     const struct gb_time *now);
/* Sends an alarm as NOTIFY of the subscription at `slot`; ref is returned in notify_end. -EBUSY: try again later,
 * another NOTIFY is in flight or was refused as busy; -ENOENT: the subscription has ended; or the error of sending. */
int subscriptions_notify_alarm(struct subscriptions *set, unsigned slot, uint32_t ref, struct span body,
                               const struct gb_time *now);

/* The board's replies; NULL = unknown. -ENOENT: the subscription has ended, or the request has timed out. */
int subscriptions_reply_geo(struct subscriptions *set, uint32_t token, const struct board_geo *geo,
                            const struct gb_time *now);
int subscriptions_reply_head(struct subscriptions *set, uint32_t token, const struct board_head *head,
                             const struct gb_time *now);

#endif
