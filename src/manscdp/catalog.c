/* SPDX-License-Identifier: MIT */
#include "manscdp/catalog.h"

#include <string.h>

#include "manscdp/message.h"

#define CIVIL_CODE_MAX 8u               /* platforms drop longer ones */

void catalog_begin(struct buf *b, enum charset cs, const char *sn, const char *device_id, unsigned sum_num,
                   unsigned num)
{
    manscdp_begin(b, cs, MANSCDP_RESPONSE, "Catalog", sn, device_id);
    xml_putf(b, "SumNum", "%u", sum_num);
    if (sum_num)
        xml_open_num(b, "DeviceList", num);
}

static void put_info(struct buf *b, enum gb_edition edition, const struct catalog_item *it)
{
    if (!it->ptz_type)
        return;
    xml_open(b, "Info");
    xml_putf(b, "PTZType", "%u", it->ptz_type);
    if (edition >= GB_2022) {
        /* Required inside Info: no grass-roots unit, and a point of no class. */
        xml_put(b, "GrassrootsCode", "000000");
        if (it->camera)
            xml_put(b, "PointType", "9");
    }
    xml_close(b, "Info");
}

void catalog_item_put(struct buf *b, enum gb_edition edition, const struct catalog_item *it)
{
    const bool old = edition < GB_2022;

    xml_open(b, "Item");
    xml_put(b, "DeviceID", it->id);
    xml_put(b, "Name", it->name);
    xml_put(b, "Manufacturer", it->manufacturer);
    xml_put(b, "Model", it->model);
    if (old)
        xml_put(b, "Owner", it->owner);
    xml_putf(b, "CivilCode", "%.*s", (int)CIVIL_CODE_MAX, it->civil_code);
    if (it->block[0])
        xml_put(b, "Block", it->block);
    xml_put(b, "Address", it->address);
    xml_put(b, "Parental", it->parental ? "1" : "0");
    xml_put(b, "ParentID", it->parent);
    if (old)
        xml_put(b, "SafetyWay", "0");
    xml_put(b, "RegisterWay", "1");
    xml_put(b, "Secrecy", "0");
    xml_put(b, "Status", it->on ? "ON" : "OFF");
    manscdp_put_degrees(b, "Longitude", it->longitude);
    manscdp_put_degrees(b, "Latitude", it->latitude);
    put_info(b, edition, it);
    xml_close(b, "Item");
}

void catalog_end(struct buf *b, unsigned sum_num)
{
    if (sum_num)
        xml_close(b, "DeviceList");
    manscdp_end(b, MANSCDP_RESPONSE);
}
