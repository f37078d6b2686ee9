/* SPDX-License-Identifier: MIT */
/* Sequence and picture parameter sets: the fields that determine picture size and order (H.264 7.3.2.1.1, 7.3.2.2;
 * H.265 7.3.2.2, 7.3.2.3). */
#ifndef BOARD_SIM_SETS_H
#define BOARD_SIM_SETS_H

#include <stdbool.h>

#include "codec/nal.h"

#define SPS_MAX      32u /* H.264; H.265: 16 */
#define PPS_MAX      256u
#define SPS_SIDE_MAX 16384u

struct sps {
    unsigned id;             /* below SPS_MAX */
    unsigned width, height;  /* after cropping; 0 or above SPS_SIDE_MAX: invalid */
    bool planes;             /* separate_colour_plane_flag */
    bool frames_only;        /* no fields; always true for H.265 */
    unsigned frame_num_bits; /* H.264 */
    unsigned poc_type;       /* H.264; 0: by pic_order_cnt_lsb */
    unsigned poc_bits;       /* of pic_order_cnt_lsb, at most 16 */
    bool delta_always_zero;  /* H.264, type 1 */
};

struct pps {
    unsigned id, sps;       /* below PPS_MAX, SPS_MAX */
    bool output_flag;       /* H.265: output_flag_present_flag, */
    unsigned extra_bits;    /* num_extra_slice_header_bits */
    bool order_present;     /* H.264: bottom_field_pic_order_in_frame_present_flag, */
    bool redundant_present; /* redundant_pic_cnt_present_flag */
};

/* The latest parameter sets by ID. At the start of a stream zero, except for the codec. */
struct sets {
    enum gb_codec codec;
    struct {
        bool known;
        struct sps s;
    } sps[SPS_MAX];
    struct {
        bool known;
        struct pps s;
    } pps[PPS_MAX];
};

/* -ENOENT: another NAL unit type; -EBADMSG: invalid. */
int sps_read(enum gb_codec codec, const struct nal *n, struct sps *out);
void sets_store(struct sets *sets, const struct nal *n);           /* stores n if it is a valid parameter set */
const struct sps *sets_sps(const struct sets *sets, unsigned pps); /* the SPS of a PPS; NULL: unknown */

#endif
