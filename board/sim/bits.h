/* SPDX-License-Identifier: MIT */
/* Reads the bits of a NAL unit, skipping emulation prevention bytes (H.264 and H.265 7.2, 9.1, 9.2). */
#ifndef BOARD_SIM_BITS_H
#define BOARD_SIM_BITS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "codec/nal.h"

/* Past the end all reads return 0 and set `over`. */
struct bits {
    const uint8_t *data;
    size_t len, at;       /* in bytes */
    unsigned left, zeros; /* unread bits of `now`; zero bytes before it */
    uint8_t now;
    bool over;
};

struct bits bits_of(enum gb_codec codec, const struct nal *n); /* after the NAL unit header */
unsigned bits_one(struct bits *b);
unsigned bits_read(struct bits *b, unsigned n); /* n <= 32 */
void bits_skip(struct bits *b, unsigned n);
unsigned bits_ue(struct bits *b); /* ue(v); more than 31 leading zeros are invalid */
int bits_se(struct bits *b);      /* se(v) */

#endif
