/* SPDX-License-Identifier: MIT */
#include "manscdp/catalog.h"

#include <errno.h>
#include <string.h>

#define CIVIL_CODE_MAX 8u /* bytes; some platforms drop items with longer ones */

void catalog_begin(struct buf *b, enum charset cs, const char *sn, const char *device_id, unsigned sum_num,
                   unsigned num)
{
    manscdp_begin(b, cs, MANSCDP_RESPONSE, "Catalog", sn, device_id);
    xml_putf(b, "SumNum", "%u", sum_num);
    if (sum_num)
        xml_open_num(b, "DeviceList", num);
}

/* The editions that have it in Info. */
static const struct {
    const char *name;
    bool in_2016, in_2022;
} infos[CATALOG_INFOS] = {
    [CATALOG_IMAGING] = { "PhotoelectricImagingType", false, true },
    [CATALOG_POSITION] = { "PositionType", true, false },
    [CATALOG_CAPTURE_POSITION] = { "CapturePositionType", false, true },
    [CATALOG_ROOM] = { "RoomType", true, true },
    [CATALOG_USE] = { "UseType", true, false },
    [CATALOG_SUPPLY_LIGHT] = { "SupplyLightType", true, true },
    [CATALOG_DIRECTION] = { "DirectionType", true, true },
    [CATALOG_RESOLUTION] = { "Resolution", true, true },
    [CATALOG_BUSINESS_GROUP] = { "BusinessGroupID", true, false },
    [CATALOG_STREAMS] = { "StreamNumberList", false, true },
    [CATALOG_DOWNLOAD_SPEED] = { "DownloadSpeed", true, true },
    [CATALOG_MOBILE] = { "MobileDeviceType", false, true },
    [CATALOG_HORIZONTAL_ANGLE] = { "HorizontalFieldAngle", false, true },
    [CATALOG_VERTICAL_ANGLE] = { "VerticalFieldAngle", false, true },
    [CATALOG_VIEW_DISTANCE] = { "MaxViewDistance", false, true },
    [CATALOG_GRASSROOTS] = { "GrassrootsCode", false, true },
    [CATALOG_POINT_TYPE] = { "PointType", false, true },
    [CATALOG_POINT_NAME] = { "PointCommonName", false, true },
    [CATALOG_MAC] = { "MAC", false, true },
    [CATALOG_FUNCTION] = { "FunctionType", false, true },
    [CATALOG_ENCODE] = { "EncodeType", false, true },
    [CATALOG_INSTALL_TIME] = { "InstallTime", false, true },
    [CATALOG_MANAGEMENT_UNIT] = { "ManagementUnit", false, true },
    [CATALOG_CONTACT] = { "ContactInfo", false, true },
    [CATALOG_RECORD_DAYS] = { "RecordSaveDays", false, true },
    [CATALOG_INDUSTRY] = { "IndustrialClassification", false, true },
};

static const char *info_text(const struct catalog_item *it, enum catalog_info which)
{
    return it->info ? it->info[which] : "";
}

/* The text as sent in this edition; "" = none. 2011 has only PTZType. */
static const char *info_for(enum gb_edition edition, const struct catalog_item *it, enum catalog_info which)
{
    bool known = edition >= GB_2022 ? infos[which].in_2022 : edition >= GB_2016 && infos[which].in_2016;

    return known ? info_text(it, which) : "";
}

/* Required in Info since 2022: no grassroots unit, and point class "other". */
static const char *info_default(enum gb_edition edition, const struct catalog_item *it, enum catalog_info which)
{
    if (edition < GB_2022)
        return "";
    return which == CATALOG_GRASSROOTS ? "000000" : which == CATALOG_POINT_TYPE && it->camera ? "9" : "";
}

static void put_info(struct buf *b, enum gb_edition edition, const struct catalog_item *it)
{
    bool any = it->ptz_type != 0;

    for (unsigned i = 0; i < CATALOG_INFOS; i++)
        any = any || info_for(edition, it, (enum catalog_info)i)[0];
    if (!any)
        return;
    xml_open(b, "Info");
    if (it->ptz_type)
        xml_putf(b, "PTZType", "%u", it->ptz_type);
    for (unsigned i = 0; i < CATALOG_INFOS; i++) {
        const char *text = info_for(edition, it, (enum catalog_info)i);
        text = text[0] ? text : info_default(edition, it, (enum catalog_info)i);
        if (text[0])
            xml_put(b, infos[i].name, text);
    }
    xml_close(b, "Info");
}

static void put_some(struct buf *b, const char *name, const char *text)
{
    if (text && text[0])
        xml_put(b, name, text);
}

void catalog_item_put(struct buf *b, enum gb_edition edition, const struct catalog_item *it)
{
    const bool old = edition < GB_2022;

    xml_open(b, "Item");
    xml_put(b, "DeviceID", it->id);
    if (it->event)
        xml_put(b, "Event", it->event);
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
    if (!old)
        put_some(b, "SecurityLevelCode", it->security_level);
    xml_put(b, "Secrecy", it->secret ? "1" : "0");
    put_some(b, "IPAddress", it->ip_address);
    if (it->port)
        xml_putf(b, "Port", "%u", it->port);
    xml_put(b, "Status", it->on ? "ON" : "OFF");
    if (old || it->has_position) {
        manscdp_put_degrees(b, "Longitude", it->has_position ? it->longitude : 0);
        manscdp_put_degrees(b, "Latitude", it->has_position ? it->latitude : 0);
    }
    if (!old)
        put_some(b, infos[CATALOG_BUSINESS_GROUP].name, info_text(it, CATALOG_BUSINESS_GROUP));
    put_info(b, edition, it);
    xml_close(b, "Item");
}

void catalog_end(struct buf *b, unsigned sum_num)
{
    if (sum_num)
        xml_close(b, "DeviceList");
    manscdp_end(b, MANSCDP_RESPONSE);
}

void catalog_notify_begin(struct buf *b, enum charset cs, uint32_t sn, const char *device_id, unsigned num)
{
    manscdp_begin_notify(b, cs, "Catalog", sn, device_id);
    xml_putf(b, "SumNum", "%u", num);
    xml_open_num(b, "DeviceList", num);
}

void catalog_event_put(struct buf *b, const char *id, const char *event)
{
    xml_open(b, "Item");
    xml_put(b, "DeviceID", id);
    xml_put(b, "Event", event);
    xml_close(b, "Item");
}

void catalog_notify_end(struct buf *b)
{
    xml_close(b, "DeviceList");
    manscdp_end(b, MANSCDP_NOTIFY);
}

/* One end of the span; *has: it was sent. */
static int read_end(struct manscdp_request *r, const struct xml_node *root, const char *name, bool end, bool *has,
                    struct manscdp_time *out)
{
    struct manscdp_bad_time why;
    int err = manscdp_time_read(root, name, end, out, &why);

    *has = !err;
    if (err != -EBADMSG)
        return 0;
    r->bad_time = why;
    return err;
}

int catalog_query_decode(struct manscdp_request *r, const struct xml_node *root)
{
    struct manscdp_period *s = &r->u.period;
    int err = read_end(r, root, "StartTime", false, &s->has_from, &s->from);

    return err ? err : read_end(r, root, "EndTime", true, &s->has_to, &s->to);
}
