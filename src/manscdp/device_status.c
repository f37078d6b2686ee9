/* SPDX-License-Identifier: MIT */
#include "manscdp/device_status.h"

#include "codec/xml.h"

static void put_switch(struct buf *b, const char *name, int state)
{
    if (state >= 0)
        xml_put(b, name, state ? "ON" : "OFF");
}

void device_status_put(struct buf *b, const struct device_status *s)
{
    xml_put(b, "Result", "OK");
    xml_put(b, "Online", s->online ? "ONLINE" : "OFFLINE");
    xml_put(b, "Status", s->reason[0] ? "ERROR" : "OK");
    if (s->reason[0])
        xml_put(b, "Reason", s->reason);
    put_switch(b, "Encode", s->encode);
    put_switch(b, "Record", s->record);
    xml_put(b, "DeviceTime", s->time);
    if (!s->nduty)
        return;
    xml_open_num(b, "Alarmstatus", s->nduty);
    for (unsigned i = 0; i < s->nduty; i++) {
        xml_open(b, "Item");
        xml_put(b, "DeviceID", s->duty[i].id);
        xml_put(b, "DutyStatus", s->duty[i].alarm ? "ALARM" : s->duty[i].off ? "OFFDUTY" : "ONDUTY");
        xml_close(b, "Item");
    }
    xml_close(b, "Alarmstatus");
}

/* Also required in an ERROR. ONLINE, because platforms apply OFFLINE to the whole device, whatever the ID. */
void device_status_put_error(struct buf *b)
{
    xml_put(b, "Online", "ONLINE");
    xml_put(b, "Status", "ERROR");
}
