/* SPDX-License-Identifier: MIT */
#include "manscdp/position.h"

/* Two decimals; integers as in manscdp_put_degrees. */
static void put_number(struct buf *b, const char *name, double value)
{
    bool usable = value >= -1e9 && value <= 1e9;
    long long cents = usable ? (long long)(value * 100 + (value < 0 ? -0.5 : 0.5)) : 0;
    unsigned long long size = (unsigned long long)(cents < 0 ? -cents : cents);

    xml_putf(b, name, "%s%llu.%02llu", cents < 0 ? "-" : "", size / 100, size % 100);
}

static void put_place(struct buf *b, const struct board_geo *geo)
{
    manscdp_put_degrees(b, "Longitude", geo->longitude);
    manscdp_put_degrees(b, "Latitude", geo->latitude);
    put_number(b, "Speed", geo->speed);
    put_number(b, "Direction", geo->direction);
    put_number(b, "Altitude", geo->altitude);
}

void mobile_position_put(struct buf *b, const struct mobile_position *p)
{
    xml_put(b, "Time", p->time);
    if (!p->list) {
        put_place(b, &p->geo);
        return;
    }
    xml_put(b, "SumNum", "1");
    xml_open_num(b, "DeviceList", 1);
    xml_open(b, "Item");
    xml_put(b, "DeviceID", p->device_id);
    xml_put(b, "CaptureTime", p->time);
    put_place(b, &p->geo);
    xml_close(b, "Item");
    xml_close(b, "DeviceList");
}

void ptz_position_put(struct buf *b, const struct board_head *head)
{
    put_number(b, "Pan", head->pan);
    put_number(b, "Tilt", head->tilt);
    put_number(b, "Zoom", head->zoom);
    if (!head->has_view)
        return;
    put_number(b, "HorizontalFieldAngle", head->horizontal_angle);
    put_number(b, "VerticalFieldAngle", head->vertical_angle);
    put_number(b, "MaxViewDistance", head->max_distance);
}

void mobile_position_notify(struct buf *b, enum charset cs, uint32_t sn, const struct mobile_position *p)
{
    manscdp_begin_notify(b, cs, "MobilePosition", sn, p->device_id);
    mobile_position_put(b, p);
    manscdp_end(b, MANSCDP_NOTIFY);
}

void ptz_position_notify(struct buf *b, enum charset cs, uint32_t sn, const char *device_id,
                         const struct board_head *head)
{
    manscdp_begin_notify(b, cs, "PTZPosition", sn, device_id);
    ptz_position_put(b, head);
    manscdp_end(b, MANSCDP_NOTIFY);
}
