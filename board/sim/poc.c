/* SPDX-License-Identifier: MIT */
#include "board/sim/poc.h"

#include <errno.h>
#include <stdlib.h>

#include "board/sim/slice.h"

enum {
    H264_END = 10,
    H265_RADL_N = 6,
    H265_RASL_R = 9,
    H265_BLA = 16,
    H265_BLA_LAST = 18,
    H265_CRA = 21,
    H265_END = 36
};

struct reader {
    struct sets sets;
    bool ended;  /* at an end of sequence, or at the start */
    int64_t msb; /* of the last anchor picture */
    unsigned lsb;
    int64_t decoded; /* type 2: decoding order */
};

/* From the first slice of a frame or field. */
struct picture {
    bool starts; /* all earlier pictures are displayed before it */
    bool anchor; /* later pictures count from it */
    bool plain;  /* displayed in decoding order */
    unsigned lsb, bits;
};

/* One frame, or its two fields. */
struct pictures {
    struct picture of[2];
    unsigned n;
};

struct place {
    int64_t poc;
    uint32_t unit;
};

static int read_picture(const struct reader *r, const struct nal *n, const struct slice *s, struct picture *out)
{
    const bool h265 = r->sets.codec == GB_CODEC_H265;
    const unsigned type = n->type;

    out->bits = s->poc_bits;
    out->lsb = s->lsb;
    if (h265) {
        out->starts = s->idr || (type >= H265_BLA && type <= H265_BLA_LAST) || (type == H265_CRA && r->ended);
        /* Not RADL, RASL or a sub-layer non-reference picture. */
        out->anchor = (n->data[n->header + 1] & 7u) == 1 && (type >= H265_BLA || (type & 1u)) &&
                      (type < H265_RADL_N || type > H265_RASL_R);
        return 0;
    }
    out->starts = s->idr;
    out->anchor = s->reference;
    out->plain = s->poc_type == 2;
    return s->poc_type == 1 ? -ENOTSUP : s->poc_type > 2 ? -EBADMSG : 0;
}

/* The next slice of a unit: of the same picture, or of its second field. */
static int read_slice(const struct reader *r, const struct nal *n, struct slice *first, struct pictures *out)
{
    struct slice s;
    int err;

    if (out->n == 2 || (out->n == 1 && !first->field))
        return 0;
    err = slice_read(&r->sets, n, &s);
    if (out->n == 1)
        return !err && slice_completes(first, &s) ? read_picture(r, n, &s, &out->of[out->n++]) : 0;
    *first = s;
    return err ? err : read_picture(r, n, &s, &out->of[out->n++]);
}

/* Reads the parameter sets and pictures of an access unit, and whether the sequence ends. */
static int read_unit(struct reader *r, const uint8_t *data, size_t len, struct pictures *out)
{
    const enum gb_codec codec = r->sets.codec;
    struct slice first = { .field = false };
    bool end = false;
    struct nal n;
    int err = 0;

    for (size_t at = 0; !err && nal_next(codec, data, len, at, &n); at = (size_t)(n.data - data) + n.len) {
        if (nal_is_vcl(codec, n.type))
            err = read_slice(r, &n, &first, out);
        else
            sets_store(&r->sets, &n);
        end |= n.type == (codec == GB_CODEC_H265 ? H265_END : H264_END);
    }
    r->ended = end;
    return err ? err : out->n ? 0 : -EBADMSG;
}

/* H.264 8.2.1.1, H.265 8.3.1 */
static int64_t count_of(struct reader *r, const struct picture *p)
{
    const unsigned full = 1u << p->bits;
    int64_t msb = r->msb;

    if (p->plain)
        return ++r->decoded;
    if (p->starts)
        msb = 0;
    else if (p->lsb < r->lsb && r->lsb - p->lsb >= full / 2)
        msb += full;
    else if (p->lsb > r->lsb && p->lsb - r->lsb > full / 2)
        msb -= full;
    if (p->anchor || p->starts) {
        r->msb = msb;
        r->lsb = p->lsb;
    }
    return msb + p->lsb;
}

/* The picture order count of the field displayed first. */
static int64_t count_of_unit(struct reader *r, const struct pictures *p)
{
    int64_t first = count_of(r, &p->of[0]), second = p->n > 1 ? count_of(r, &p->of[1]) : first;

    return second < first ? second : first;
}

static int compare(const void *a, const void *b)
{
    const struct place *x = a, *y = b;

    if (x->poc != y->poc)
        return x->poc < y->poc ? -1 : 1;
    return x->unit < y->unit ? -1 : 1;
}

/* Units first .. end - 1 are a coded video sequence: all earlier units are displayed before it. */
static int put_in_order(struct clip *c, struct place *at, size_t first, size_t end)
{
    qsort(at + first, end - first, sizeof(*at), compare);
    for (size_t shown = first; shown < end; shown++) {
        struct clip_unit *u = &c->unit[at[shown].unit];
        int64_t shift = (int64_t)shown - at[shown].unit;

        if (shift > (int64_t)POC_REORDER_MAX || -shift > (int64_t)POC_REORDER_MAX)
            return -EBADMSG;
        u->shift = (int8_t)shift;
        c->ahead = shift > (int64_t)c->ahead ? (unsigned)shift : c->ahead;
        c->delay = -shift > (int64_t)c->delay ? (unsigned)-shift : c->delay;
    }
    return 0;
}

/* Sets `whole`. */
static void mark_whole(struct clip *c)
{
    size_t next = 0; /* after the last displayed of the earlier units */

    for (size_t i = 0; i < c->count; i++) {
        size_t shown = (size_t)((int64_t)i + c->unit[i].shift);

        c->unit[i].whole = next == i;
        next = shown + 1 > next ? shown + 1 : next;
    }
}

static void set_decoding_order(struct clip *c)
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

    set_decoding_order(c);
    if (!err) {
        r->sets.codec = c->codec;
        r->ended = true;
    }
    for (size_t i = 0; i < c->count && !err; i++) {
        struct pictures p = { .n = 0 };
        err = read_unit(r, c->data + c->unit[i].at, c->unit[i].len, &p);
        if (!err && p.of[0].starts) {
            err = put_in_order(c, at, first, i);
            first = i;
        }
        if (!err)
            at[i] = (struct place){ count_of_unit(r, &p), (uint32_t)i };
    }
    if (!err)
        err = put_in_order(c, at, first, c->count);
    if (err)
        set_decoding_order(c);
    else
        mark_whole(c);
    free(at);
    free(r);
    return err;
}
