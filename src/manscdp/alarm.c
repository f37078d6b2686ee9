/* SPDX-License-Identifier: MIT */
#include "manscdp/alarm.h"

#include <stdio.h>

#define METHOD_DEVICE 2u
#define METHOD_FAULT 6u
#define METHOD_VIDEO 5u
#define VIDEO_INTRUSION 6u

static bool has_types(unsigned method)
{
    return method == METHOD_DEVICE || method == METHOD_VIDEO || method == METHOD_FAULT;
}

void alarm_notify_put(struct buf *b, enum charset cs, enum gb_edition edition, const struct alarm_notify *al)
{
    char sn[16];

    snprintf(sn, sizeof(sn), "%u", (unsigned)al->sn);
    manscdp_begin(b, cs, MANSCDP_NOTIFY, "Alarm", sn, al->device_id);
    xml_putf(b, "AlarmPriority", "%u", al->priority);
    xml_putf(b, "AlarmMethod", "%u", al->method);
    xml_put(b, "AlarmTime", al->time);
    if (al->description[0])
        xml_put(b, "AlarmDescription", al->description);
    if (al->has_position) {
        manscdp_put_degrees(b, "Longitude", al->longitude);
        manscdp_put_degrees(b, "Latitude", al->latitude);
    }
    /* 2011 knows neither. The other methods have no types; EventType belongs to intrusion alone. */
    if (al->type && has_types(al->method) && edition >= GB_2016) {
        xml_open(b, "Info");
        xml_putf(b, "AlarmType", "%u", al->type);
        if (al->event_type && al->method == METHOD_VIDEO && al->type == VIDEO_INTRUSION) {
            xml_open(b, "AlarmTypeParam");
            xml_putf(b, "EventType", "%u", al->event_type);
            xml_close(b, "AlarmTypeParam");
        }
        xml_close(b, "Info");
    }
    manscdp_end(b, MANSCDP_NOTIFY);
}

int alarm_response_decode(struct manscdp_request *r, const struct xml_node *root)
{
    r->u.result_ok = span_case_eq_str(span_of(xml_text(root, "Result")), "OK");
    return 0;
}
