/* SPDX-License-Identifier: MIT */
/* Access unit boundaries in an Annex B stream. */
#ifndef BOARD_SIM_ACCESS_H
#define BOARD_SIM_ACCESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "board/sim/sets.h"

/* Zero except for the codec before the first unit; 10 KB. */
struct access {
    struct sets sets; /* at the current position of the stream */
};

/* Length of the access unit at `from`, up to the first NAL unit of the next one (H.264 7.4.1.2.3, H.265 7.4.2.4.4); 0:
 * no slice follows. The two fields of a frame are one unit. NAL units between the slices of a picture (parameter sets,
 * SEI, prefix NAL units, slices of other layers, views or redundant pictures) do not end it: the next slice decides.
 * Call it for each unit in order. *key: an IDR or IRAP picture preceded by its parameter sets. */
size_t access_unit(struct access *a, const uint8_t *data, size_t len, size_t from, bool *key);

#endif
