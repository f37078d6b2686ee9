/* SPDX-License-Identifier: MIT */
/* The body of a SUBSCRIBE (a Query), and the Response that some platforms of 2016 expect in the 200. */
#ifndef MANSCDP_SUBSCRIBE_H
#define MANSCDP_SUBSCRIBE_H

#include "manscdp/message.h"

enum subscribe_kind {
    SUBSCRIBE_CATALOG,
    SUBSCRIBE_ALARM,
    SUBSCRIBE_MOBILE_POSITION,
    SUBSCRIBE_PTZ_POSITION,
    SUBSCRIBE_KINDS
};

#define SUBSCRIBE_INTERVAL_S     5u /* default of the standard */
#define SUBSCRIBE_INTERVAL_MAX_S 86400u

struct subscribe_request {
    enum subscribe_kind kind;
    char sn[MANSCDP_SN_SIZE];
    char device_id[24];  /* "" = missing */
    uint32_t interval_s; /* of positions; >= 1; SUBSCRIBE_INTERVAL_S unless has_interval */
    bool has_interval;
    struct { /* filter of alarms; 0 and "" = all */
        unsigned first_priority, last_priority;
        char method[16], type[16];    /* as sent: "2", "12" (2016), "1/2" (2022) */
        struct manscdp_period period; /* of alarm times: StartAlarmTime or StartTime, EndAlarmTime or EndTime */
    } alarm;
    struct manscdp_bad_time bad_time; /* of alarms: an invalid time, which does not filter */
};

/* 0; -EBADMSG: malformed; -ENOTSUP: another CmdType; -E2BIG; -ENOMEM. */
int subscribe_decode(struct subscribe_request *r, struct span body, enum charset fallback);
/* By the value of Event, without its parameters. 0, or -ENOTSUP for any other name ("presence"). */
int subscribe_kind_of_event(struct span event, enum subscribe_kind *kind);
const char *subscribe_cmd_type(enum subscribe_kind kind);
void subscribe_response_put(struct buf *b, enum charset cs, const struct subscribe_request *r);

/* Whether the alarm passes the filter. unix_ms: time of the alarm; utc_offset_s: local time of the filter. */
bool subscribe_wants_alarm(const struct subscribe_request *r, unsigned priority, unsigned method, unsigned type,
                           int64_t unix_ms, int utc_offset_s);

#endif
