/* SPDX-License-Identifier: MIT */
/* What the header of a slice says of its picture (H.264 7.3.3, H.265 7.3.6.1), as far as borders and order of pictures need it. */
#ifndef BOARD_SIM_SLICE_H
#define BOARD_SIM_SLICE_H

#include <stdbool.h>

#include "board/sim/sets.h"

struct slice {
    unsigned nal_type;
    bool first;                 /* H.264: first_mb_in_slice is 0; H.265: first_slice_segment_in_pic_flag */
    bool idr;                   /* H.265: of either kind */
    bool reference;             /* H.264: nal_ref_idc is not 0 */
    bool field, bottom;         /* H.264 */
    bool redundant;             /* H.264: of a redundant coded picture */
    unsigned pps;
    unsigned plane, frame_num, idr_id;      /* H.264 */
    unsigned poc_type, poc_bits, lsb;       /* H.265 has type 0 */
    int delta[2];               /* H.264: delta_pic_order_cnt_bottom, or delta_pic_order_cnt */
};

/* A slice or a data partition A; of H.265 the first one of a picture. -EBADMSG: broken, or of parameter sets that are not known;
 * nal_type, first, idr and reference are filled in all the same. */
int slice_read(const struct sets *sets, const struct nal *n, struct slice *out);
/* Whether b is of another primary coded picture than a, which was before it (H.264 7.4.1.2.4). */
bool slice_differs(const struct slice *a, const struct slice *b);
/* Whether b is of the second field of the frame whose first field has a (H.264 3.30: both of one frame_num). */
bool slice_completes(const struct slice *a, const struct slice *b);

#endif
