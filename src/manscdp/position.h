/* SPDX-License-Identifier: MIT */
/* MobilePosition and PTZPosition: answers and notifications. */
#ifndef MANSCDP_POSITION_H
#define MANSCDP_POSITION_H

#include "gbagent/board.h"
#include "manscdp/message.h"

struct mobile_position {
    const char *device_id;
    bool list;                /* DeviceList of 2022; false: flat form of 2016 */
    char time[WALLTIME_TEXT]; /* when it was measured */
    struct board_geo geo;
};

/* Write the part after DeviceID of a Response or Notify. */
void mobile_position_put(struct buf *b, const struct mobile_position *p);
void ptz_position_put(struct buf *b, const struct board_head *head);

void mobile_position_notify(struct buf *b, enum charset cs, uint32_t sn, const struct mobile_position *p);
void ptz_position_notify(struct buf *b, enum charset cs, uint32_t sn, const char *device_id,
                         const struct board_head *head);

#endif
