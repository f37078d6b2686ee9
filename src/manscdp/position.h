/* SPDX-License-Identifier: MIT */
/* Where a camera is (MobilePosition) and where its head points (PTZPosition). */
#ifndef MANSCDP_POSITION_H
#define MANSCDP_POSITION_H

#include "gbagent/board.h"
#include "manscdp/message.h"

struct position_notify {
    enum manscdp_root root;             /* NOTIFY; RESPONSE to a query */
    const char *sn, *device_id;
    bool list;                          /* 2022's DeviceList; false: 2016's flat form with DeviceID */
    char time[WALLTIME_TEXT];           /* when it was measured */
    struct board_geo geo;
};

void mobile_position_put(struct buf *b, enum charset cs, const struct position_notify *p);
/* Response to a single query. */
void mobile_position_report(struct buf *b, const struct manscdp_request *r, const struct manscdp_facts *f);

void ptz_position_put(struct buf *b, enum charset cs, enum manscdp_root root, const char *sn, const char *device_id,
                      const struct board_head *head);
void ptz_position_fields(struct buf *b, const struct board_head *head);

#endif
