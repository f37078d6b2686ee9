/* SPDX-License-Identifier: MIT */
/* Sequence and picture parameter sets, as far as the size and the order of pictures need them (H.264 7.3.2.1.1, 7.3.2.2;
 * H.265 7.3.2.2, 7.3.2.3). */
#ifndef BOARD_SIM_SETS_H
#define BOARD_SIM_SETS_H

#include <stdbool.h>

#include "codec/nal.h"

#define SPS_MAX 32u             /* of H.264; H.265 has 16 */
#define PPS_MAX 256u
#define SPS_SIDE_MAX 16384u

struct sps {
    unsigned id;                /* below SPS_MAX */
    unsigned width, height;     /* without what is cropped; 0 or more than SPS_SIDE_MAX: broken */
    bool planes;                /* separate_colour_plane_flag */
    bool frames_only;           /* no fields; H.265 has none */
    unsigned frame_num_bits;    /* H.264 */
    unsigned poc_type;          /* H.264; 0 is by pic_order_cnt_lsb */
    unsigned poc_bits;          /* of pic_order_cnt_lsb, at most 16 */
    bool delta_always_zero;     /* H.264, of type 1 */
};

struct pps {
    unsigned id, sps;           /* below PPS_MAX, SPS_MAX */
    bool output_flag;           /* H.265: output_flag_present_flag, */
    unsigned extra_bits;        /* num_extra_slice_header_bits */
    bool order_present;         /* H.264: bottom_field_pic_order_in_frame_present_flag, */
    bool redundant_present;     /* redundant_pic_cnt_present_flag */
};

/* Those that came last, by their ID. Zeroed but for the codec at the beginning of a stream. */
struct sets {
    enum gb_codec codec;
    struct { bool known; struct sps s; } sps[SPS_MAX];
    struct { bool known; struct pps s; } pps[PPS_MAX];
};

/* -ENOENT: another kind of NAL; -EBADMSG: broken. */
int sps_read(enum gb_codec codec, const struct nal *n, struct sps *out);
int pps_read(enum gb_codec codec, const struct nal *n, struct pps *out);
void sets_note(struct sets *sets, const struct nal *n);         /* what it sets, where it is one and whole */
const struct sps *sets_sps(const struct sets *sets, unsigned pps);      /* that a picture of that PPS has; NULL: not known */

#endif
