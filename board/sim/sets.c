/* SPDX-License-Identifier: MIT */
#include "board/sim/sets.h"

#include <errno.h>
#include <string.h>

#include "board/sim/bits.h"

#define H264_SPS 7u
#define H264_PPS 8u
#define H265_SPS 33u
#define H265_PPS 34u

static void skip_scaling_list(struct bits *b, unsigned size)
{
    int last = 8, next = 8;

    for (unsigned i = 0; i < size && !b->over; i++) {
        if (next != 0)
            next = (int)((unsigned)last + (unsigned)bits_se(b)) & 255;
        last = next == 0 ? last : next;
    }
}

/* H.264 7.3.2.1.1 */
static void read_order(struct bits *b, struct sps *s)
{
    unsigned n;

    s->frame_num_bits = bits_ue(b) + 4;
    s->poc_type = bits_ue(b);
    if (s->poc_type == 0) {
        s->poc_bits = bits_ue(b) + 4;
    } else if (s->poc_type == 1) {
        s->delta_always_zero = bits_one(b);
        (void)bits_ue(b);
        (void)bits_ue(b);
        n = bits_ue(b);
        for (unsigned i = 0; i < n && i < 256 && !b->over; i++)
            (void)bits_ue(b);
    }
}

/* The fields of high profiles that follow the parameter set's ID. Returns chroma_format_idc. */
static unsigned high_profile(struct bits *b, bool *planes)
{
    unsigned chroma = bits_ue(b), lists = chroma == 3 ? 12 : 8;

    if (chroma == 3)
        *planes = bits_one(b);
    (void)bits_ue(b);
    (void)bits_ue(b);
    bits_skip(b, 1);
    if (bits_one(b)) {
        for (unsigned i = 0; i < lists; i++)
            if (bits_one(b))
                skip_scaling_list(b, i < 6 ? 16 : 64);
    }
    return chroma;
}

static bool is_high(unsigned profile)
{
    static const uint8_t high[] = { 100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135 };

    return memchr(high, (int)profile, sizeof(high)) != NULL;
}

/* Subtracts the cropping from the size; x, y: samples per cropping unit. */
static void crop(struct bits *b, unsigned x, unsigned y, struct sps *s)
{
    if (bits_one(b)) {
        unsigned left = bits_ue(b), right = bits_ue(b), top = bits_ue(b), bottom = bits_ue(b);
        if (left <= SPS_SIDE_MAX && right <= SPS_SIDE_MAX && top <= SPS_SIDE_MAX && bottom <= SPS_SIDE_MAX) {
            s->width -= x * (left + right);
            s->height -= y * (top + bottom);
        }
    }
}

static void read_h264(struct bits *b, struct sps *s)
{
    unsigned profile = bits_read(b, 8), chroma = 1;

    bits_skip(b, 16);
    s->id = bits_ue(b);
    if (is_high(profile))
        chroma = high_profile(b, &s->planes);
    read_order(b, s);
    (void)bits_ue(b);
    bits_skip(b, 1);
    s->width = (bits_ue(b) + 1) * 16;
    s->height = (bits_ue(b) + 1) * 16;
    s->frames_only = bits_one(b);
    if (!s->frames_only) {
        bits_skip(b, 1);
        s->height *= 2;
    }
    bits_skip(b, 1);
    crop(b, chroma == 1 || chroma == 2 ? 2 : 1, (chroma == 1 ? 2u : 1u) * (2u - s->frames_only), s);
}

/* H.265 7.3.2.2 */
static void read_h265(struct bits *b, struct sps *s)
{
    unsigned layers, present = 0, chroma;

    bits_skip(b, 4);
    layers = bits_read(b, 3);
    bits_skip(b, 1 + 96);
    for (unsigned i = 0; i < layers; i++) {
        present += bits_one(b) ? 88 : 0;
        present += bits_one(b) ? 8 : 0;
    }
    bits_skip(b, layers > 0 ? 2 * (8 - layers) : 0);
    bits_skip(b, present);
    s->id = bits_ue(b);
    chroma = bits_ue(b);
    if (chroma == 3)
        s->planes = bits_one(b);
    s->width = bits_ue(b);
    s->height = bits_ue(b);
    crop(b, chroma == 1 || chroma == 2 ? 2 : 1, chroma == 1 ? 2 : 1, s);
    (void)bits_ue(b);
    (void)bits_ue(b);
    s->poc_bits = bits_ue(b) + 4;
    s->frames_only = true;
}

int sps_read(enum gb_codec codec, const struct nal *n, struct sps *out)
{
    struct bits b = bits_of(codec, n);

    memset(out, 0, sizeof(*out));
    if (n->type != (codec == GB_CODEC_H265 ? H265_SPS : H264_SPS))
        return -ENOENT;
    if (codec == GB_CODEC_H265)
        read_h265(&b, out);
    else
        read_h264(&b, out);
    return b.over || out->id >= SPS_MAX || out->poc_bits > 16 || out->frame_num_bits > 16 ? -EBADMSG : 0;
}

/* num_slice_groups_minus1 and the fields that depend on it. */
static void skip_slice_groups(struct bits *b)
{
    unsigned more = bits_ue(b), type = more > 0 ? bits_ue(b) : 1, n, size = 1;

    if (more > 7)
        b->over = true;
    switch (b->over ? 1 : type) {
    case 0:
        for (unsigned i = 0; i <= more && !b->over; i++)
            (void)bits_ue(b);
        break;
    case 2:
        for (unsigned i = 0; i < 2 * more && !b->over; i++)
            (void)bits_ue(b);
        break;
    case 3:
    case 4:
    case 5:
        bits_skip(b, 1);
        (void)bits_ue(b);
        break;
    case 6:
        n = bits_ue(b);
        while (more >> size)
            size++;
        for (unsigned i = 0; i <= n && !b->over; i++)
            bits_skip(b, size);
        break;
    default:
        break;
    }
}

/* H.264 7.3.2.2, after the IDs. */
static void read_pps_h264(struct bits *b, struct pps *p)
{
    bits_skip(b, 1);
    p->order_present = bits_one(b);
    skip_slice_groups(b);
    (void)bits_ue(b);
    (void)bits_ue(b);
    bits_skip(b, 3);
    (void)bits_se(b);
    (void)bits_se(b);
    (void)bits_se(b);
    bits_skip(b, 2);
    p->redundant_present = bits_one(b);
}

/* H.264 7.3.2.2, H.265 7.3.2.3.1 */
static int pps_read(enum gb_codec codec, const struct nal *n, struct pps *out)
{
    const bool h265 = codec == GB_CODEC_H265;
    struct bits b = bits_of(codec, n);

    memset(out, 0, sizeof(*out));
    if (n->type != (h265 ? H265_PPS : H264_PPS))
        return -ENOENT;
    out->id = bits_ue(&b);
    out->sps = bits_ue(&b);
    if (h265) {
        bits_skip(&b, 1);
        out->output_flag = bits_one(&b);
        out->extra_bits = bits_read(&b, 3);
    } else {
        read_pps_h264(&b, out);
    }
    return b.over || out->id >= PPS_MAX || out->sps >= SPS_MAX ? -EBADMSG : 0;
}

void sets_store(struct sets *sets, const struct nal *n)
{
    struct sps s;
    struct pps p;

    if (sps_read(sets->codec, n, &s) == 0) {
        sets->sps[s.id].known = true;
        sets->sps[s.id].s = s;
    } else if (pps_read(sets->codec, n, &p) == 0) {
        sets->pps[p.id].known = true;
        sets->pps[p.id].s = p;
    }
}

const struct sps *sets_sps(const struct sets *sets, unsigned pps)
{
    if (pps >= PPS_MAX || !sets->pps[pps].known || !sets->sps[sets->pps[pps].s.sps].known)
        return NULL;
    return &sets->sps[sets->pps[pps].s.sps].s;
}
