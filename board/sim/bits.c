/* SPDX-License-Identifier: MIT */
#include "board/sim/bits.h"

struct bits bits_of(enum gb_codec codec, const struct nal *n)
{
    return (struct bits){ .data = n->data, .len = n->len, .at = n->header + (codec == GB_CODEC_H265 ? 2u : 1u) };
}

unsigned bits_one(struct bits *b)
{
    if (b->left == 0) {
        if (b->at < b->len && b->zeros >= 2 && b->data[b->at] == 3) {
            b->at++;
            b->zeros = 0;
        }
        if (b->at >= b->len) {
            b->over = true;
            return 0;
        }
        b->now = b->data[b->at++];
        b->zeros = b->now ? 0 : b->zeros + 1;
        b->left = 8;
    }
    b->left--;
    return b->now >> b->left & 1u;
}

unsigned bits_read(struct bits *b, unsigned n)
{
    unsigned v = 0;

    while (n-- > 0)
        v = v << 1 | bits_one(b);
    return v;
}

void bits_skip(struct bits *b, unsigned n)
{
    while (n-- > 0 && !b->over)
        (void)bits_one(b);
}

unsigned bits_ue(struct bits *b)
{
    unsigned n = 0;

    while (!b->over && bits_one(b) == 0)
        if (++n > 31)
            b->over = true;
    return b->over ? 0 : (1u << n) - 1u + bits_read(b, n);
}

int bits_se(struct bits *b)
{
    unsigned v = bits_ue(b);

    return v & 1u ? (int)(v / 2 + 1) : -(int)(v / 2);
}
