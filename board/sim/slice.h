/* SPDX-License-Identifier: MIT */
/* Slice headers (H.264 7.3.3, H.265 7.3.6.1): the fields that determine picture boundaries and picture order. */
#ifndef BOARD_SIM_SLICE_H
#define BOARD_SIM_SLICE_H

#include <stdbool.h>

#include "board/sim/sets.h"

struct slice {
    unsigned nal_type;
    bool first;         /* H.264: first_mb_in_slice is 0; H.265: first_slice_segment_in_pic_flag */
    bool idr;           /* H.265: either type of IDR */
    bool reference;     /* H.264: nal_ref_idc is not 0 */
    bool field, bottom; /* H.264 */
    bool redundant;     /* H.264: belongs to a redundant coded picture */
    unsigned pps;
    unsigned plane, frame_num, idr_id; /* H.264 */
    unsigned poc_type, poc_bits, lsb;  /* H.265 has type 0 */
    int delta[2];                      /* H.264: delta_pic_order_cnt_bottom, or delta_pic_order_cnt */
};

/* Reads a slice or data partition A; for H.265 the first slice of a picture. -EBADMSG: invalid, or unknown parameter
 * sets; then nal_type, first, idr and reference are still valid. */
int slice_read(const struct sets *sets, const struct nal *n, struct slice *out);
/* Whether b belongs to another primary coded picture than its predecessor a (H.264 7.4.1.2.4). */
bool slice_differs(const struct slice *a, const struct slice *b);
/* Whether b belongs to the second field of the frame whose first field contains a (H.264 3.30: same frame_num). */
bool slice_completes(const struct slice *a, const struct slice *b);

#endif
