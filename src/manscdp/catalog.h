/* SPDX-License-Identifier: MIT */
/* Response Catalog and its items (2016 A.2.1 g, annex O; 2022 A.2.1.9, annex J). */
#ifndef MANSCDP_CATALOG_H
#define MANSCDP_CATALOG_H

#include <stdbool.h>

#include "codec/charset.h"
#include "manscdp/edition.h"
#include "util/buf.h"

/* Borrowed text; "" where there is none. */
struct catalog_item {
    const char *id, *name, *manufacturer, *model, *owner, *civil_code, *block, *address, *parent;
    bool parental;                      /* has sub-devices */
    bool on;
    double longitude, latitude;         /* 0 when not known: platforms want the numbers */
    unsigned ptz_type;                  /* 0 = not said */
    bool camera;                        /* a video channel */
};

/* Everything before the items; `num` of them follow. sum_num 0 writes no list at all. */
void catalog_begin(struct buf *b, enum charset cs, const char *sn, const char *device_id, unsigned sum_num,
                   unsigned num);
void catalog_item_put(struct buf *b, enum gb_edition edition, const struct catalog_item *it);
void catalog_end(struct buf *b, unsigned sum_num);

#endif
