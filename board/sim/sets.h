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
};

struct pps {
    unsigned id, sps;           /* below PPS_MAX, SPS_MAX */
    bool output_flag;           /* H.265: output_flag_present_flag, */
    unsigned extra_bits;        /* num_extra_slice_header_bits */
};

/* -ENOENT: another kind of NAL; -EBADMSG: broken. */
int sps_read(enum gb_codec codec, const struct nal *n, struct sps *out);
int pps_read(enum gb_codec codec, const struct nal *n, struct pps *out);

#endif
