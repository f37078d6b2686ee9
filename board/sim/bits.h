/* SPDX-License-Identifier: MIT */
/* Bits of a NAL, most significant first, with the emulation prevention bytes left out (H.264 and H.265 7.2, 9.1, 9.2). */
#ifndef BOARD_SIM_BITS_H
#define BOARD_SIM_BITS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "codec/nal.h"

/* Past its end everything is 0 and `over` is set. */
struct bits {
    const uint8_t *data;
    size_t len, at;             /* in bytes */
    unsigned left, zeros;       /* bits of `now` that are left; zero bytes before it */
    uint8_t now;
    bool over;
};

struct bits bits_of(enum gb_codec codec, const struct nal *n);     /* behind the NAL header */
unsigned bits_one(struct bits *b);
unsigned bits_take(struct bits *b, unsigned n);     /* n <= 32 */
void bits_skip(struct bits *b, unsigned n);
unsigned bits_ue(struct bits *b);                   /* ue(v); past 31 leading zeros it is broken */
int bits_se(struct bits *b);                        /* se(v) */

#endif
