/* SPDX-License-Identifier: MIT */
/* H.264 and H.265 byte streams (Annex B): start codes and NAL unit types. */
#ifndef CODEC_NAL_H
#define CODEC_NAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "gbagent/board.h"

struct nal {
    const uint8_t *data; /* begins with the start code; borrowed */
    size_t len;          /* up to the next start code or the end */
    unsigned header;     /* offset of the NAL header byte: 3 or 4 */
    unsigned type;
};

/* Index of the first start code 00 00 01 at or after `from`; len if there is none. */
size_t nal_start(const uint8_t *data, size_t len, size_t from);

/* Finds the first NAL unit at or after `from`; false if there is none. trailing_zero_8bits belong to the unit before
 * them. */
bool nal_next(enum gb_codec codec, const uint8_t *data, size_t len, size_t from, struct nal *out);
bool nal_is_vcl(enum gb_codec codec, unsigned type);
bool nal_is_key(enum gb_codec codec, unsigned type); /* IDR; H.265: IRAP */
bool nal_is_parameter_set(enum gb_codec codec, unsigned type);

#endif
