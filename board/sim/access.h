/* SPDX-License-Identifier: MIT */
/* Where one picture ends and the next begins in an Annex B stream. */
#ifndef BOARD_SIM_ACCESS_H
#define BOARD_SIM_ACCESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "board/sim/sets.h"

/* Zeroed but for its codec before the first unit; 10 KB. */
struct access {
    struct sets sets;           /* as they stand where the stream was read to */
};

/* The access unit that begins at `from`: its length up to the next one's first NAL (H.264 7.4.1.2.3, H.265 7.4.2.4.4); 0: no
 * slice follows. The two fields of a frame are one. What may stand between the slices of a picture (parameter sets, SEI, prefix
 * NALs, slices of other layers, views or redundant pictures) does not end it: the next slice decides. To be called for one unit
 * after the other. *key: it is an IDR or IRAP picture with its parameter sets before it. */
size_t access_unit(struct access *a, const uint8_t *data, size_t len, size_t from, bool *key);

#endif
