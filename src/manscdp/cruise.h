/* SPDX-License-Identifier: MIT */
/* CruiseTrackQuery, and the answers to it and to CruiseTrackListQuery (2022: A.2.4, A.2.6). */
#ifndef MANSCDP_CRUISE_H
#define MANSCDP_CRUISE_H

#include "manscdp/request.h"

#define CRUISE_SPEED_MAX 15u /* Speed of a CruisePoint is 1 to 15 */

/* Reads Number into u.number; 0 if missing. 0, -EBADMSG. */
int cruise_track_decode(struct manscdp_request *r, const struct xml_node *root);

/* The list after DeviceID; `num` of `total` items follow. total 0 (also in an ERROR): no list. Names are truncated to
 * 32 bytes, the limit of the standard. */
void cruise_list_open(struct buf *b, unsigned total, unsigned num);
void cruise_list_item_put(struct buf *b, unsigned number, const char *name);
void cruise_list_close(struct buf *b, unsigned total);

/* The points of one track; name NULL: no such track. */
void cruise_track_open(struct buf *b, unsigned number, const char *name, unsigned total, unsigned num);
/* speed: as in PTZCmd, 0 to 4095, limited to 1 to CRUISE_SPEED_MAX. */
void cruise_point_put(struct buf *b, unsigned preset, unsigned stay_s, unsigned speed);
void cruise_track_close(struct buf *b, unsigned total);

#endif
