/* SPDX-License-Identifier: MIT */
/* Query CruiseTrackQuery, and what it and CruiseTrackListQuery are answered with (2022: A.2.4, A.2.6). */
#ifndef MANSCDP_CRUISE_H
#define MANSCDP_CRUISE_H

#include "manscdp/request.h"

#define CRUISE_SPEED_MAX 15u            /* CruisePoint's Speed is 1..15 */

/* u.number: 0 when there is no Number. -EBADMSG. */
int cruise_track_decode(struct manscdp_request *r, const struct xml_node *root);

/* Behind DeviceID: `num` of `total` items follow. total 0 writes no list at all, as what is refused has none. Names are cut to
 * the 32 bytes they may have. */
void cruise_list_open(struct buf *b, unsigned total, unsigned num);
void cruise_list_item_put(struct buf *b, unsigned number, const char *name);
void cruise_list_close(struct buf *b, unsigned total);

/* The same of the points of one track; name NULL: there is no such track. */
void cruise_track_open(struct buf *b, unsigned number, const char *name, unsigned total, unsigned num);
/* speed: as PTZCmd said it, 0..4095; more than 15 reads 15, none 1. */
void cruise_point_put(struct buf *b, unsigned preset, unsigned stay_s, unsigned speed);
void cruise_track_close(struct buf *b, unsigned total);

#endif
