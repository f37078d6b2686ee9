/* SPDX-License-Identifier: MIT */
#include "manscdp/cruise.h"

#include <errno.h>

#define NAME_MAX_BYTES 32u

int cruise_track_decode(struct manscdp_request *r, const struct xml_node *root)
{
    const char *text = xml_text(root, "Number");
    uint64_t number = 0;

    if (text && text[0] && span_u64(span_of(text), 255, &number))
        return -EBADMSG;
    r->u.number = (unsigned)number;
    return 0;
}

static void put_name(struct buf *b, const char *name)
{
    char text[NAME_MAX_BYTES + 1];

    span_copy_cut(span_of(name), text, sizeof(text));
    xml_put(b, "Name", text);
}

void cruise_list_open(struct buf *b, unsigned total, unsigned num)
{
    xml_putf(b, "SumNum", "%u", total);
    if (total)
        xml_open_num(b, "CruiseTrackList", num);
}

void cruise_list_item_put(struct buf *b, unsigned number, const char *name)
{
    xml_open(b, "CruiseTrack");
    xml_putf(b, "Number", "%u", number);
    put_name(b, name);
    xml_close(b, "CruiseTrack");
}

void cruise_list_close(struct buf *b, unsigned total)
{
    if (total)
        xml_close(b, "CruiseTrackList");
}

void cruise_track_open(struct buf *b, unsigned number, const char *name, unsigned total, unsigned num)
{
    xml_putf(b, "Number", "%u", number);
    if (name)
        put_name(b, name);
    xml_putf(b, "SumNum", "%u", total);
    if (total)
        xml_open_num(b, "CruisePointList", num);
}

void cruise_point_put(struct buf *b, unsigned preset, unsigned stay_s, unsigned speed)
{
    xml_open(b, "CruisePoint");
    xml_putf(b, "PresetIndex", "%u", preset);
    xml_putf(b, "StayTime", "%u", stay_s);
    xml_putf(b, "Speed", "%u", !speed ? 1 : speed > CRUISE_SPEED_MAX ? CRUISE_SPEED_MAX : speed);
    xml_close(b, "CruisePoint");
}

void cruise_track_close(struct buf *b, unsigned total)
{
    if (total)
        xml_close(b, "CruisePointList");
}
