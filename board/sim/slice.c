/* SPDX-License-Identifier: MIT */
#include "board/sim/slice.h"

#include <errno.h>

#include "board/sim/bits.h"

enum { H264_IDR = 5, H265_BLA = 16, H265_IDR = 19, H265_IDR_LAST = 20, H265_IRAP_LAST = 23 };

static void read_order(struct bits *b, const struct sps *s, const struct pps *p, struct slice *out)
{
    if (out->poc_type == 0) {
        out->lsb = bits_read(b, s->poc_bits);
        out->delta[0] = p->order_present && !out->field ? bits_se(b) : 0;
    } else if (out->poc_type == 1 && !s->delta_always_zero) {
        out->delta[0] = bits_se(b);
        out->delta[1] = p->order_present && !out->field ? bits_se(b) : 0;
    }
}

static int read_h264(const struct sets *sets, const struct nal *n, struct slice *out)
{
    struct bits b = bits_of(sets->codec, n);
    const struct sps *s;

    out->idr = n->type == H264_IDR;
    out->reference = (n->data[n->header] & 0x60u) != 0;
    out->first = bits_ue(&b) == 0 && !b.over;
    (void)bits_ue(&b);
    out->pps = bits_ue(&b);
    s = sets_sps(sets, out->pps);
    if (!s)
        return -EBADMSG;
    out->plane = s->planes ? bits_read(&b, 2) : 0;
    out->frame_num = bits_read(&b, s->frame_num_bits);
    out->field = !s->frames_only && bits_one(&b);
    out->bottom = out->field && bits_one(&b);
    out->idr_id = out->idr ? bits_ue(&b) : 0;
    out->poc_type = s->poc_type;
    out->poc_bits = s->poc_bits;
    read_order(&b, s, &sets->pps[out->pps].s, out);
    out->redundant = sets->pps[out->pps].s.redundant_present && bits_ue(&b) > 0;
    return b.over ? -EBADMSG : 0;
}

static int read_h265(const struct sets *sets, const struct nal *n, struct slice *out)
{
    struct bits b = bits_of(sets->codec, n);
    const struct sps *s;

    out->idr = n->type == H265_IDR || n->type == H265_IDR_LAST;
    out->first = bits_one(&b);
    if (n->type >= H265_BLA && n->type <= H265_IRAP_LAST)
        bits_skip(&b, 1);
    out->pps = bits_ue(&b);
    s = sets_sps(sets, out->pps);
    if (!s)
        return -EBADMSG;
    bits_skip(&b, sets->pps[out->pps].s.extra_bits);
    (void)bits_ue(&b);
    bits_skip(&b, (sets->pps[out->pps].s.output_flag ? 1 : 0) + (s->planes ? 2u : 0));
    out->poc_bits = s->poc_bits;
    out->lsb = out->idr ? 0 : bits_read(&b, s->poc_bits);
    return b.over ? -EBADMSG : 0;
}

int slice_read(const struct sets *sets, const struct nal *n, struct slice *out)
{
    *out = (struct slice){ .nal_type = n->type };
    return sets->codec == GB_CODEC_H265 ? read_h265(sets, n, out) : read_h264(sets, n, out);
}

bool slice_differs(const struct slice *a, const struct slice *b)
{
    return a->frame_num != b->frame_num || a->pps != b->pps || a->field != b->field || a->bottom != b->bottom ||
           a->reference != b->reference || a->idr != b->idr || a->idr_id != b->idr_id || a->poc_type != b->poc_type ||
           a->lsb != b->lsb || a->delta[0] != b->delta[0] || a->delta[1] != b->delta[1];
}

bool slice_completes(const struct slice *a, const struct slice *b)
{
    return a->field && b->field && a->bottom != b->bottom && a->frame_num == b->frame_num && !b->idr;
}
