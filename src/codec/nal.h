/* SPDX-License-Identifier: MIT */
/* H.264 / H.265 Annex B: start codes and NAL types. */
#ifndef CODEC_NAL_H
#define CODEC_NAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "gbagent/board.h"

struct nal {
    const uint8_t *data;        /* at its start code */
    size_t len;                 /* to the next start code or the end */
    unsigned header;            /* offset of the NAL header byte: 3 or 4 */
    unsigned type;
};

/* Index of the first start code 00 00 01 at or after `from`; len when there is none. */
size_t nal_start(const uint8_t *data, size_t len, size_t from);

/* The first NAL at or after `from` in data[0..len); false when there is none. Zero bytes between NALs
 * (trailing_zero_8bits) count to the NAL before. */
bool nal_next(enum gb_codec codec, const uint8_t *data, size_t len, size_t from, struct nal *out);
bool nal_is_vcl(enum gb_codec codec, unsigned type);
bool nal_is_key(enum gb_codec codec, unsigned type);            /* IDR; H.265: IRAP */
bool nal_is_parameter_set(enum gb_codec codec, unsigned type);

#endif
