/* SPDX-License-Identifier: MIT */
/* Where a camera is (MobilePosition) and where its head points (PTZPosition). */
#ifndef MANSCDP_POSITION_H
#define MANSCDP_POSITION_H

#include "gbagent/board.h"
#include "manscdp/message.h"

struct mobile_position {
    const char *device_id;
    bool list;                          /* 2022's DeviceList; false: 2016's flat form with DeviceID */
    char time[WALLTIME_TEXT];           /* when it was measured */
    struct board_geo geo;
};

/* What follows DeviceID, in a Response and in a Notify. */
void mobile_position_put(struct buf *b, const struct mobile_position *p);
void ptz_position_put(struct buf *b, const struct board_head *head);

void mobile_position_notify(struct buf *b, enum charset cs, uint32_t sn, const struct mobile_position *p);
void ptz_position_notify(struct buf *b, enum charset cs, uint32_t sn, const char *device_id,
                         const struct board_head *head);

#endif
