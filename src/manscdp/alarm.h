/* SPDX-License-Identifier: MIT */
/* Notify Alarm (A.2.5) and the platform's Response to it. */
#ifndef MANSCDP_ALARM_H
#define MANSCDP_ALARM_H

#include "manscdp/request.h"

struct alarm_notify {
    uint32_t sn;
    const char *device_id;              /* of the input or channel that raised it */
    unsigned priority, method;          /* 1..4; 1..7 */
    unsigned type, event_type;          /* 0 = not said */
    char time[WALLTIME_TEXT];           /* mandatory */
    const char *description;
    bool has_position;
    double longitude, latitude;
};

/* Whether that edition's A.2.5 has this AlarmMethod with this AlarmType (0 = none), and this EventType (0 = none) with
 * both. 2011 has methods alone, type 13 of video (the picture is covered) came in 2022. */
bool alarm_known(enum gb_edition edition, unsigned method, unsigned type, unsigned event_type);

/* A type that the edition does not have is left out. */
void alarm_notify_put(struct buf *b, enum charset cs, enum gb_edition edition, const struct alarm_notify *al);
int alarm_response_decode(struct manscdp_request *r, const struct xml_node *root);

#endif
