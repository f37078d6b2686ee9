/* SPDX-License-Identifier: MIT */
/* The body of a SUBSCRIBE (a Query, 4.1) and the small Response some 2016 peers expect in its 200. */
#ifndef MANSCDP_SUBSCRIBE_H
#define MANSCDP_SUBSCRIBE_H

#include "manscdp/message.h"

enum subscribe_kind {
    SUBSCRIBE_CATALOG, SUBSCRIBE_ALARM, SUBSCRIBE_MOBILE_POSITION, SUBSCRIBE_PTZ_POSITION, SUBSCRIBE_KINDS
};

#define SUBSCRIBE_INTERVAL_S 5u         /* the standard's default */
#define SUBSCRIBE_INTERVAL_MAX_S 86400u

struct subscribe_request {
    enum subscribe_kind kind;
    char sn[MANSCDP_SN_SIZE];
    char device_id[24];                 /* "" when there was none */
    uint32_t interval_s;                /* positions; 1..; SUBSCRIBE_INTERVAL_S unless has_interval */
    bool has_interval;
    struct {                            /* alarms; 0 and "" = all */
        unsigned first_priority, last_priority;
        char method[16], type[16];      /* as sent: "2", "12" (2016), "1/2" (2022) */
        struct manscdp_span span;       /* when they are raised: StartAlarmTime or StartTime, EndAlarmTime or EndTime */
    } alarm;
    struct manscdp_bad_time bad_time;       /* of a subscription to alarms: a time that cannot be read, and so no filter */
};

/* 0; -EBADMSG broken, -ENOTSUP: no such CmdType, -E2BIG, -ENOMEM. */
int subscribe_decode(struct subscribe_request *r, struct span body, enum charset fallback);
/* By the name of an Event package, parameters cut: -ENOTSUP when it names none ("presence"). */
int subscribe_kind_of_event(struct span event, enum subscribe_kind *kind);
const char *subscribe_cmd_type(enum subscribe_kind kind);
void subscribe_response_put(struct buf *b, enum charset cs, const struct subscribe_request *r);

/* Does the filter let this alarm through? unix_ms: when it was raised; the filter's times are at utc_offset_s. */
bool subscribe_wants_alarm(const struct subscribe_request *r, unsigned priority, unsigned method, unsigned type,
                           int64_t unix_ms, int utc_offset_s);

#endif
