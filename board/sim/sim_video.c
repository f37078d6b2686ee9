/* SPDX-License-Identifier: MIT */
/* The size of a clip's pictures, from the sequence parameter set at its beginning (H.264 7.3.2.1.1, H.265 7.3.2.2). */
#include "board/sim/sim.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "codec/nal.h"

#define HEAD_BYTES 65536u
#define H264_SPS 7u
#define H265_SPS 33u
#define SIDE_MAX 16384u

/* ---- bits, with the emulation prevention bytes left out ---------------------------------------- */

struct bits {
    const uint8_t *data;
    size_t len, at;             /* in bytes */
    unsigned left, zeros;       /* bits of `now` that are left; zero bytes before it */
    uint8_t now;
    bool over;
};

static unsigned bit(struct bits *b)
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

static unsigned take(struct bits *b, unsigned n)
{
    unsigned v = 0;

    while (n-- > 0) {
        v = v << 1 | bit(b);
    }
    return v;
}

static void skip(struct bits *b, unsigned n)
{
    while (n-- > 0 && !b->over) {
        (void)bit(b);
    }
}

/* ue(v); past 31 leading zeros it is broken. */
static unsigned golomb(struct bits *b)
{
    unsigned n = 0;

    while (!b->over && bit(b) == 0) {
        if (++n > 31) {
            b->over = true;
        }
    }
    return b->over ? 0 : (1u << n) - 1u + take(b, n);
}

static int golomb_signed(struct bits *b)
{
    unsigned v = golomb(b);

    return v & 1u ? (int)(v / 2 + 1) : -(int)(v / 2);
}

/* ---- the parameter sets ------------------------------------------------------------------------- */

static void skip_scaling_list(struct bits *b, unsigned size)
{
    int last = 8, next = 8;

    for (unsigned i = 0; i < size && !b->over; i++) {
        if (next != 0) {
            next = (last + golomb_signed(b)) & 255;
        }
        last = next == 0 ? last : next;
    }
}

static void skip_poc(struct bits *b)
{
    unsigned type = golomb(b), n;

    if (type == 0) {
        (void)golomb(b);
    } else if (type == 1) {
        skip(b, 1);
        (void)golomb(b);
        (void)golomb(b);
        n = golomb(b);
        for (unsigned i = 0; i < n && i < 256 && !b->over; i++) {
            (void)golomb(b);
        }
    }
}

/* Of the high profiles; what follows the parameter set's ID. */
static unsigned high_profile(struct bits *b)
{
    unsigned chroma = golomb(b), lists = chroma == 3 ? 12 : 8;

    if (chroma == 3) {
        skip(b, 1);
    }
    (void)golomb(b);
    (void)golomb(b);
    skip(b, 1);
    if (bit(b)) {
        for (unsigned i = 0; i < lists; i++) {
            if (bit(b)) {
                skip_scaling_list(b, i < 6 ? 16 : 64);
            }
        }
    }
    return chroma;
}

static bool is_high(unsigned profile)
{
    static const uint8_t high[] = { 100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135 };

    return memchr(high, (int)profile, sizeof(high)) != NULL;
}

/* Takes what is cut off at the borders from *w and *h; xy: samples of a unit of each. */
static void crop(struct bits *b, unsigned x, unsigned y, unsigned *w, unsigned *h)
{
    if (bit(b)) {
        unsigned left = golomb(b), right = golomb(b), top = golomb(b), bottom = golomb(b);
        if (left <= SIDE_MAX && right <= SIDE_MAX && top <= SIDE_MAX && bottom <= SIDE_MAX) {
            *w -= x * (left + right);
            *h -= y * (top + bottom);
        }
    }
}

static void read_h264(struct bits *b, unsigned *w, unsigned *h)
{
    unsigned profile = take(b, 8), chroma = 1, frames;

    skip(b, 16);
    (void)golomb(b);
    if (is_high(profile)) {
        chroma = high_profile(b);
    }
    (void)golomb(b);
    skip_poc(b);
    (void)golomb(b);
    skip(b, 1);
    *w = (golomb(b) + 1) * 16;
    *h = (golomb(b) + 1) * 16;
    frames = bit(b);
    if (!frames) {
        skip(b, 1);
        *h *= 2;
    }
    skip(b, 1);
    crop(b, chroma == 1 || chroma == 2 ? 2 : 1, (chroma == 1 ? 2u : 1u) * (2 - frames), w, h);
}

static void read_h265(struct bits *b, unsigned *w, unsigned *h)
{
    unsigned layers, present = 0, chroma;

    skip(b, 4);
    layers = take(b, 3);
    skip(b, 1 + 96);
    for (unsigned i = 0; i < layers; i++) {
        present += bit(b) ? 88 : 0;
        present += bit(b) ? 8 : 0;
    }
    skip(b, layers > 0 ? 2 * (8 - layers) : 0);
    skip(b, present);
    (void)golomb(b);
    chroma = golomb(b);
    if (chroma == 3) {
        skip(b, 1);
    }
    *w = golomb(b);
    *h = golomb(b);
    crop(b, chroma == 1 || chroma == 2 ? 2 : 1, chroma == 1 ? 2 : 1, w, h);
}

int sim_video_size(enum gb_codec codec, const uint8_t *data, size_t len, unsigned *width, unsigned *height)
{
    const bool h265 = codec == GB_CODEC_H265;
    struct nal n;

    for (size_t at = 0; nal_next(codec, data, len, at, &n); at = (size_t)(n.data - data) + n.len) {
        struct bits b = { .data = n.data, .len = n.len, .at = n.header + (h265 ? 2u : 1u) };
        unsigned w = 0, h = 0;

        if (n.type != (h265 ? H265_SPS : H264_SPS)) {
            continue;
        }
        if (h265) {
            read_h265(&b, &w, &h);
        } else {
            read_h264(&b, &w, &h);
        }
        if (b.over || w == 0 || h == 0 || w > SIDE_MAX || h > SIDE_MAX) {
            return -EBADMSG;
        }
        *width = w;
        *height = h;
        return 0;
    }
    return -ENOENT;
}

int sim_clip_size(const char *source, enum gb_codec *codec, unsigned *width, unsigned *height)
{
    char path[PATH_MAX];
    uint8_t *head = malloc(HEAD_BYTES);
    FILE *f = NULL;
    int err = head ? clip_path(source, path, sizeof(path)) : -ENOMEM;

    if (!err) {
        f = fopen(path, "rbe");
        err = f ? 0 : -errno;
    }
    if (!err) {
        *codec = clip_codec(path);
        err = sim_video_size(*codec, head, fread(head, 1, HEAD_BYTES, f), width, height);
    }
    if (f) {
        (void)fclose(f);
    }
    free(head);
    return err;
}
