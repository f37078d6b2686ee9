/* SPDX-License-Identifier: MIT */
#include "manscdp/device.h"

void device_info_report(struct buf *b, const struct manscdp_request *r, const struct manscdp_facts *f)
{
    (void)r;
    if (!f->ok)
        return;
    xml_put(b, "DeviceName", f->target_name);
    xml_put(b, "Result", "OK");
    if (f->edition == GB_2011)
        xml_put(b, "DeviceType", "IPC");
    xml_put(b, "Manufacturer", f->manufacturer);
    xml_put(b, "Model", f->model);
    xml_put(b, "Firmware", f->firmware);
    if (f->edition == GB_2011) {
        xml_putf(b, "MaxCamera", "%u", f->channels);
        xml_putf(b, "MaxAlarm", "%u", f->alarm_inputs);
    } else {
        xml_putf(b, "Channel", "%u", f->channels);
    }
}

static void put_switch(struct buf *b, const char *name, int state)
{
    if (state >= 0)
        xml_put(b, name, state ? "ON" : "OFF");
}

void device_status_report(struct buf *b, const struct manscdp_request *r, const struct manscdp_facts *f)
{
    (void)r;
    /* Required in an ERROR, too. ONLINE there is who answers: platforms take OFFLINE for the device, whatever ID they asked. */
    if (!f->ok) {
        xml_put(b, "Online", "ONLINE");
        xml_put(b, "Status", "ERROR");
        return;
    }
    xml_put(b, "Result", "OK");
    xml_put(b, "Online", f->online ? "ONLINE" : "OFFLINE");
    xml_put(b, "Status", f->reason[0] ? "ERROR" : "OK");
    if (f->reason[0])
        xml_put(b, "Reason", f->reason);
    put_switch(b, "Encode", f->encode);
    put_switch(b, "Record", f->record);
    xml_put(b, "DeviceTime", f->time);
    if (!f->nduty)
        return;
    xml_open_num(b, "Alarmstatus", f->nduty);
    for (unsigned i = 0; i < f->nduty; i++) {
        xml_open(b, "Item");
        xml_put(b, "DeviceID", f->duty[i].id);
        xml_put(b, "DutyStatus", f->duty[i].alarm ? "ALARM" : f->duty[i].off ? "OFFDUTY" : "ONDUTY");
        xml_close(b, "Item");
    }
    xml_close(b, "Alarmstatus");
}
