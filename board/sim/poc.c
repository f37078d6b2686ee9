/* SPDX-License-Identifier: MIT */
#include "board/sim/poc.h"

#include <errno.h>
#include <stdlib.h>

#include "board/sim/bits.h"
#include "board/sim/sets.h"
#include "codec/nal.h"

enum { H264_IDR = 5, H264_END = 10, H265_RADL_N = 6, H265_RASL_R = 9, H265_BLA = 16, H265_BLA_LAST = 18, H265_IDR = 19,
       H265_IDR_LAST = 20, H265_CRA = 21, H265_IRAP_LAST = 23, H265_END = 36 };

struct known_sps { bool known; struct sps s; };
struct known_pps { bool known; struct pps s; };

struct reader {
    enum gb_codec codec;
    struct known_sps sps[SPS_MAX];
    struct known_pps pps[PPS_MAX];
    bool ended;                 /* an end of sequence came, or nothing yet */
    int64_t msb;                /* of the last picture that others count from */
    unsigned lsb;
    int64_t decoded;            /* type 2: that is the order */
};

/* What a picture's first slice says. */
struct picture {
    bool starts;                /* all before it are shown first */
    bool anchor;                /* those after it count from it */
    bool plain;                 /* no order but that of decoding */
    unsigned lsb, bits;
};

struct place {
    int64_t poc;
    uint32_t unit;
};

static const struct sps *sps_of(const struct reader *r, unsigned pps)
{
    if (pps >= PPS_MAX || !r->pps[pps].known || !r->sps[r->pps[pps].s.sps].known) {
        return NULL;
    }
    return &r->sps[r->pps[pps].s.sps].s;
}

/* H.264 7.3.3 */
static int read_h264(const struct reader *r, const struct nal *n, struct picture *out)
{
    struct bits b = bits_of(r->codec, n);
    const struct sps *s;

    (void)bits_ue(&b);
    (void)bits_ue(&b);
    s = sps_of(r, bits_ue(&b));
    if (!s) {
        return -EBADMSG;
    }
    bits_skip(&b, (s->planes ? 2 : 0) + s->frame_num_bits);
    if (!s->frames_only && bits_one(&b)) {
        bits_skip(&b, 1);
    }
    out->starts = n->type == H264_IDR;
    if (out->starts) {
        (void)bits_ue(&b);
    }
    out->anchor = (n->data[n->header] & 0x60u) != 0;
    out->plain = s->poc_type == 2;
    out->bits = s->poc_bits;
    out->lsb = s->poc_type == 0 ? bits_take(&b, s->poc_bits) : 0;
    return s->poc_type == 1 ? -ENOTSUP : s->poc_type > 2 || b.over ? -EBADMSG : 0;
}

/* H.265 7.3.6.1 */
static int read_h265(const struct reader *r, const struct nal *n, struct picture *out)
{
    const unsigned tid = n->data[n->header + 1] & 7u;
    struct bits b = bits_of(r->codec, n);
    const struct sps *s;
    unsigned pps;
    bool idr = n->type == H265_IDR || n->type == H265_IDR_LAST;

    bits_skip(&b, 1);
    if (n->type >= H265_BLA && n->type <= H265_IRAP_LAST) {
        bits_skip(&b, 1);
    }
    pps = bits_ue(&b);
    s = sps_of(r, pps);
    if (!s) {
        return -EBADMSG;
    }
    bits_skip(&b, r->pps[pps].s.extra_bits);
    (void)bits_ue(&b);
    bits_skip(&b, (r->pps[pps].s.output_flag ? 1 : 0) + (s->planes ? 2u : 0));
    out->starts = idr || (n->type >= H265_BLA && n->type <= H265_BLA_LAST) || (n->type == H265_CRA && r->ended);
    /* Not RADL, RASL or a picture that none of its layer refers to. */
    out->anchor = tid == 1 && (n->type >= H265_BLA || (n->type & 1u)) && (n->type < H265_RADL_N || n->type > H265_RASL_R);
    out->bits = s->poc_bits;
    out->lsb = idr ? 0 : bits_take(&b, s->poc_bits);
    return b.over ? -EBADMSG : 0;
}

/* What of an access unit stands before its first slice, that slice, and whether the sequence ends. */
static int read_unit(struct reader *r, const uint8_t *data, size_t len, struct picture *out)
{
    const bool h265 = r->codec == GB_CODEC_H265;
    struct nal n;
    bool have = false, end = false;
    int err = 0;

    for (size_t at = 0; !err && nal_next(r->codec, data, len, at, &n); at = (size_t)(n.data - data) + n.len) {
        struct sps s;
        struct pps p;

        if (!have && nal_is_vcl(r->codec, n.type)) {
            err = h265 ? read_h265(r, &n, out) : read_h264(r, &n, out);
            have = true;
        } else if (sps_read(r->codec, &n, &s) == 0) {
            r->sps[s.id] = (struct known_sps){ true, s };
        } else if (pps_read(r->codec, &n, &p) == 0) {
            r->pps[p.id] = (struct known_pps){ true, p };
        }
        end |= n.type == (h265 ? H265_END : H264_END);
    }
    r->ended = end;
    return err ? err : have ? 0 : -EBADMSG;
}

/* H.264 8.2.1.1, H.265 8.3.1 */
static int64_t count_of(struct reader *r, const struct picture *p)
{
    const unsigned full = 1u << p->bits;
    int64_t msb = r->msb;

    if (p->plain) {
        return ++r->decoded;
    }
    if (p->starts) {
        msb = 0;
    } else if (p->lsb < r->lsb && r->lsb - p->lsb >= full / 2) {
        msb += full;
    } else if (p->lsb > r->lsb && p->lsb - r->lsb > full / 2) {
        msb -= full;
    }
    if (p->anchor || p->starts) {
        r->msb = msb;
        r->lsb = p->lsb;
    }
    return msb + p->lsb;
}

static int compare(const void *a, const void *b)
{
    const struct place *x = a, *y = b;

    if (x->poc != y->poc) {
        return x->poc < y->poc ? -1 : 1;
    }
    return x->unit < y->unit ? -1 : 1;
}

/* Units first .. end - 1 are a sequence: all before them are shown first. */
static int put_in_order(struct clip *c, struct place *at, size_t first, size_t end)
{
    qsort(at + first, end - first, sizeof(*at), compare);
    for (size_t shown = first; shown < end; shown++) {
        struct clip_unit *u = &c->unit[at[shown].unit];
        int64_t shift = (int64_t)shown - at[shown].unit;

        if (shift > (int64_t)POC_REORDER_MAX || -shift > (int64_t)POC_REORDER_MAX) {
            return -EBADMSG;
        }
        u->shift = (int8_t)shift;
        c->ahead = shift > (int64_t)c->ahead ? (unsigned)shift : c->ahead;
        c->delay = -shift > (int64_t)c->delay ? (unsigned)-shift : c->delay;
    }
    return 0;
}

/* Whether exactly those before a unit are shown before it. */
static void mark_whole(struct clip *c)
{
    size_t next = 0;            /* behind the last that is shown of those before */

    for (size_t i = 0; i < c->count; i++) {
        size_t shown = (size_t)((int64_t)i + c->unit[i].shift);

        c->unit[i].whole = next == i;
        next = shown + 1 > next ? shown + 1 : next;
    }
}

static void as_decoded(struct clip *c)
{
    c->ahead = c->delay = 0;
    for (size_t i = 0; i < c->count; i++) {
        c->unit[i].shift = 0;
        c->unit[i].whole = true;
    }
}

int poc_order(struct clip *c)
{
    struct reader *r = calloc(1, sizeof(*r));
    struct place *at = malloc(c->count * sizeof(*at));
    size_t first = 0;
    int err = r && at ? 0 : -ENOMEM;

    as_decoded(c);
    if (!err) {
        r->codec = c->codec;
        r->ended = true;
    }
    for (size_t i = 0; i < c->count && !err; i++) {
        struct picture p = { .starts = false };
        err = read_unit(r, c->data + c->unit[i].at, c->unit[i].len, &p);
        if (!err && p.starts) {
            err = put_in_order(c, at, first, i);
            first = i;
        }
        if (!err) {
            at[i] = (struct place){ count_of(r, &p), (uint32_t)i };
        }
    }
    if (!err) {
        err = put_in_order(c, at, first, c->count);
    }
    if (err) {
        as_decoded(c);
    } else {
        mark_whole(c);
    }
    free(at);
    free(r);
    return err;
}
