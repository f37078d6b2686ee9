/* SPDX-License-Identifier: MIT */
/* Query RecordInfo (A.2.4) and the items of its Response (A.2.1 h, A.2.6). */
#ifndef MANSCDP_RECORD_H
#define MANSCDP_RECORD_H

#include "manscdp/request.h"

struct record_item {
    const char *device_id; /* of the channel */
    const char *name;      /* not empty */
    const struct board_record *record;
    char start[WALLTIME_TEXT], end[WALLTIME_TEXT];
    const char *location; /* RecordLocation (2022): ID of the device that stores it; "" = omitted */
};

/* Reads a query into u.records. Empty elements mean any. 0; -EBADMSG: StartTime or EndTime is missing or invalid;
 * -ENOENT: a filter is too long to match anything. */
int record_query_decode(struct manscdp_request *r, const struct xml_node *root);
/* The list after DeviceID; `num` of `sum_num` items follow. sum_num 0 (also in an ERROR): no list. */
void record_list_open(struct buf *b, const char *name, unsigned sum_num, unsigned num);

/* Writes everything before the items; with Result ERROR unless ok. */
void record_begin(struct buf *b, enum charset cs, const char *sn, const char *device_id, bool ok, const char *name,
                  unsigned sum_num, unsigned num);
void record_item_put(struct buf *b, enum gb_edition edition, const struct record_item *it);
void record_end(struct buf *b, unsigned sum_num);

#endif
