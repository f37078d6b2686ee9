/* SPDX-License-Identifier: MIT */
/* What PresetQuery, HomePositionQuery, CruiseTrackListQuery, CruiseTrackQuery (2016 A.2.6, 2022 A.2.6.10 on), PTZPosition
 * and SDCardStatus are answered with. */
#ifndef MANSCDP_PRESETS_H
#define MANSCDP_PRESETS_H

#include "manscdp/message.h"

#define TRACK_SPEED_MAX 15u             /* CruisePoint's Speed is 1..15 */

void preset_item_put(struct buf *b, unsigned number, const char *name);
void track_item_put(struct buf *b, unsigned number, const char *name);
void track_name_put(struct buf *b, const char *name);           /* cut to the 32 bytes it may have */
/* speed: as PTZCmd said it, 0..4095; more than 15 reads 15, none 1. */
void track_point_put(struct buf *b, unsigned preset, unsigned stay_s, unsigned speed);

/* u.number: 0 when there is no Number. -EBADMSG. */
int track_query_decode(struct manscdp_request *r, const struct xml_node *root);

/* Of those that are answered in pages: what a refused one has. */
void preset_report(struct buf *b, const struct manscdp_request *r, const struct manscdp_facts *f);
void tracks_report(struct buf *b, const struct manscdp_request *r, const struct manscdp_facts *f);
void track_report(struct buf *b, const struct manscdp_request *r, const struct manscdp_facts *f);

void home_report(struct buf *b, const struct manscdp_request *r, const struct manscdp_facts *f);
void head_report(struct buf *b, const struct manscdp_request *r, const struct manscdp_facts *f);
void storage_report(struct buf *b, const struct manscdp_request *r, const struct manscdp_facts *f);

#endif
