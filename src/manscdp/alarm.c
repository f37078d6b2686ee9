/* SPDX-License-Identifier: MIT */
#include "manscdp/alarm.h"

#define METHOD_VIDEO    5u
#define VIDEO_INTRUSION 6u
#define EVENT_TYPES     2u

/* By AlarmMethod: the highest AlarmType of each edition. */
static const struct {
    unsigned types_2016, types_2022;
} methods[] = {
    [1] = { 0, 0 },   /* telephone */
    [2] = { 5, 5 },   /* device (an input has no type): video lost, tampering, storage full, too hot, too cold */
    [3] = { 0, 0 },   /* SMS */
    [4] = { 0, 0 },   /* GPS */
    [5] = { 12, 13 }, /* video: manual, motion, object left, object removed, line, intrusion, wrong way ... covered */
    [6] = { 2, 2 },   /* fault: disk, fan */
    [7] = { 0, 0 },   /* other */
};

bool alarm_known(enum gb_edition edition, unsigned method, unsigned type, unsigned event_type)
{
    unsigned types;

    if (method < 1 || method >= sizeof(methods) / sizeof(methods[0]))
        return false;
    types = edition >= GB_2022 ? methods[method].types_2022 : edition >= GB_2016 ? methods[method].types_2016 : 0;
    if (type > types || event_type > EVENT_TYPES)
        return false;
    return !event_type || (method == METHOD_VIDEO && type == VIDEO_INTRUSION);
}

void alarm_notify_put(struct buf *b, enum charset cs, enum gb_edition edition, const struct alarm_notify *al)
{
    manscdp_begin_notify(b, cs, "Alarm", al->sn, al->device_id);
    xml_putf(b, "AlarmPriority", "%u", al->priority);
    xml_putf(b, "AlarmMethod", "%u", al->method);
    xml_put(b, "AlarmTime", al->time);
    if (al->description[0])
        xml_put(b, "AlarmDescription", al->description);
    if (al->has_position) {
        manscdp_put_degrees(b, "Longitude", al->longitude);
        manscdp_put_degrees(b, "Latitude", al->latitude);
    }
    if (al->type && alarm_known(edition, al->method, al->type, 0)) {
        xml_open(b, "Info");
        xml_putf(b, "AlarmType", "%u", al->type);
        if (al->event_type && alarm_known(edition, al->method, al->type, al->event_type)) {
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
