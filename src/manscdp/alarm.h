/* SPDX-License-Identifier: MIT */
/* Notify Alarm (A.2.5) and the platform's Response. */
#ifndef MANSCDP_ALARM_H
#define MANSCDP_ALARM_H

#include "manscdp/request.h"

struct alarm_notify {
    uint32_t sn;
    const char *device_id;     /* of the input or channel that raised it */
    unsigned priority, method; /* 1 to 4; 1 to 7 */
    unsigned type, event_type; /* 0 = none */
    char time[WALLTIME_TEXT];  /* local time; required */
    const char *description;   /* "" = none */
    bool has_position;
    double longitude, latitude;
};

/* Whether A.2.5 of that edition has this combination of AlarmMethod, AlarmType (0 = none) and EventType (0 = none).
 * 2011 has methods alone; video type 13 (lens covered) is new in 2022. */
bool alarm_known(enum gb_edition edition, unsigned method, unsigned type, unsigned event_type);

/* Types that the edition lacks are left out. */
void alarm_notify_put(struct buf *b, enum charset cs, enum gb_edition edition, const struct alarm_notify *al);
int alarm_response_decode(struct manscdp_request *r, const struct xml_node *root); /* u.result_ok; always 0 */

#endif
