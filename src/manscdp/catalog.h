/* SPDX-License-Identifier: MIT */
/* Response Catalog and its items (2016 A.2.1 g, annex O; 2022 A.2.1.9, annex J). */
#ifndef MANSCDP_CATALOG_H
#define MANSCDP_CATALOG_H

#include <stdbool.h>
#include <stdint.h>

#include "manscdp/request.h"

/* The text elements of an item's Info, in the order of both editions. */
enum catalog_info {
    CATALOG_IMAGING,          /* 2022 PhotoelectricImagingType */
    CATALOG_POSITION,         /* 2016 PositionType */
    CATALOG_CAPTURE_POSITION, /* 2022 CapturePositionType */
    CATALOG_ROOM,
    CATALOG_USE, /* 2016 */
    CATALOG_SUPPLY_LIGHT,
    CATALOG_DIRECTION,
    CATALOG_RESOLUTION,
    CATALOG_BUSINESS_GROUP, /* 2022: next to Info instead of in it */
    CATALOG_STREAMS,        /* 2022 StreamNumberList; 2022 also below, except DownloadSpeed */
    CATALOG_DOWNLOAD_SPEED,
    CATALOG_MOBILE,
    CATALOG_HORIZONTAL_ANGLE,
    CATALOG_VERTICAL_ANGLE,
    CATALOG_VIEW_DISTANCE,
    CATALOG_GRASSROOTS,
    CATALOG_POINT_TYPE,
    CATALOG_POINT_NAME,
    CATALOG_MAC,
    CATALOG_FUNCTION,
    CATALOG_ENCODE,
    CATALOG_INSTALL_TIME,
    CATALOG_MANAGEMENT_UNIT,
    CATALOG_CONTACT,
    CATALOG_RECORD_DAYS,
    CATALOG_INDUSTRY,
    CATALOG_INFOS
};

#define CATALOG_INFO_SIZE 48 /* bytes of one text, including NUL */

/* Texts are borrowed; "" = none. */
struct catalog_item {
    const char *id, *name, *manufacturer, *model, *owner, *civil_code, *block, *address, *parent;
    bool parental; /* has sub-devices */
    bool on;
    bool has_position; /* otherwise 2022 omits both and older editions send 0, because platforms expect
                                         * a number */
    double longitude, latitude;
    unsigned ptz_type; /* PTZType; 0 = omitted */
    bool camera;       /* a video channel */
    bool secret;
    const char *ip_address;                /* NULL or "": omitted */
    unsigned port;                         /* 0 = omitted */
    const char *security_level;            /* 2022: A, B or C of GB 35114; NULL or "": omitted */
    const char (*info)[CATALOG_INFO_SIZE]; /* CATALOG_INFOS texts; NULL: none */
    const char *event;                     /* of a NOTIFY: ADD, UPDATE ...; NULL: none */
};

/* Writes everything before the `num` items of this message. sum_num 0: no list. */
void catalog_begin(struct buf *b, enum charset cs, const char *sn, const char *device_id, unsigned sum_num,
                   unsigned num);
void catalog_item_put(struct buf *b, enum gb_edition edition, const struct catalog_item *it);
void catalog_end(struct buf *b, unsigned sum_num);
/* Reads StartTime and EndTime into u.period; each may be missing or empty. 0, or -EBADMSG: invalid time. */
int catalog_query_decode(struct manscdp_request *r, const struct xml_node *root);
/* A NOTIFY of changes; SumNum counts the items of this message. Items: catalog_item_put for ADD and UPDATE, otherwise
 * catalog_event_put. */
void catalog_notify_begin(struct buf *b, enum charset cs, uint32_t sn, const char *device_id, unsigned num);
void catalog_event_put(struct buf *b, const char *id, const char *event);
void catalog_notify_end(struct buf *b);

#endif
