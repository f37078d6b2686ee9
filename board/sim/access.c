/* SPDX-License-Identifier: MIT */
#include "board/sim/access.h"

#include "board/sim/slice.h"

/* The role of a NAL unit in access unit boundaries. */
enum part {
    INSIDE, /* belongs to the preceding unit */
    SLICE,
    MORE,      /* belongs to the picture, cannot begin one */
    AHEAD,     /* begins the next unit, unless slices of this one follow */
    DELIMITER, /* begins the next unit */
};

/* H.264 table 7-1; 19, 20 and 21: auxiliary pictures, layers and views. */
static const uint8_t part_h264[32] = {
    [1] = SLICE,  [2] = SLICE,  [3] = MORE,      [4] = MORE,   [5] = SLICE,  [6] = AHEAD,
    [7] = AHEAD,  [8] = AHEAD,  [9] = DELIMITER, [14] = AHEAD, [15] = AHEAD, [16] = AHEAD,
    [17] = AHEAD, [18] = AHEAD, [19] = MORE,     [20] = MORE,  [21] = MORE,
};

static unsigned layer_of(const struct nal *n)
{
    const uint8_t *h = n->data + n->header;

    return (h[0] & 1u) << 5 | h[1] >> 3;
}

/* H.265 table 7-1. Only the base layer begins an access unit. */
static enum part part_of(enum gb_codec codec, const struct nal *n)
{
    const unsigned t = n->type;

    if (codec == GB_CODEC_H264)
        return (enum part)part_h264[t & 31u];
    if (nal_is_vcl(codec, t))
        return layer_of(n) == 0 ? SLICE : MORE;
    if (layer_of(n) != 0)
        return INSIDE;
    return t == 35                                                                           ? DELIMITER
           : (t >= 32 && t <= 34) || t == 39 || (t >= 41 && t <= 44) || (t >= 48 && t <= 55) ? AHEAD
                                                                                             : INSIDE;
}

/* The unit being read. */
struct open_unit {
    bool any;   /* has a slice */
    bool known; /* whose header, `last`, could be read */
    struct slice last;
    bool paired;    /* the second field has begun */
    unsigned begun; /* bit mask of colour planes whose first slice was read */
    size_t next;    /* start of the next unit if no slice of this one follows; 0: unknown */
    bool delimited;
};

static bool is_next_picture(const struct open_unit *u, const struct slice *s, bool known)
{
    if (u->delimited || !known || !u->known)
        return u->delimited || s->first;
    if (s->redundant)
        return false;
    /* Not a new picture by the standard, but some encoders repeat the header of the previous picture. */
    return slice_differs(&u->last, s) || (s->first && (u->begun & 1u << s->plane));
}

/* false: the slice belongs to the next unit. */
static bool add_slice(struct open_unit *u, const struct slice *s, bool known)
{
    bool picture = !u->any || is_next_picture(u, s, known);

    if (u->any && picture) {
        if (u->paired || !known || !u->known || !slice_completes(&u->last, s))
            return false;
        u->paired = true;
    }
    if (!known || !s->redundant) {
        u->begun = (picture ? 0 : u->begun) | (s->first ? 1u << s->plane : 0);
        u->last = *s;
        u->known = known;
    }
    u->any = true;
    u->next = 0;
    u->delimited = false;
    return true;
}

static bool belongs(struct access *a, struct open_unit *u, enum part part, const struct nal *n, size_t at)
{
    struct slice s;

    if (part == SLICE) {
        int err = slice_read(&a->sets, n, &s);
        return add_slice(u, &s, !err && a->sets.codec == GB_CODEC_H264); /* H.265 needs only `first` */
    }
    if (part == MORE) {
        u->next = u->delimited ? u->next : 0;
    } else if ((part == AHEAD || part == DELIMITER) && u->any) {
        u->next = u->next ? u->next : at;
        u->delimited |= part == DELIMITER;
    }
    sets_store(&a->sets, n);
    return true;
}

size_t access_unit(struct access *a, const uint8_t *data, size_t len, size_t from, bool *key)
{
    const enum gb_codec codec = a->sets.codec;
    unsigned sets = 0, need = codec == GB_CODEC_H265 ? 7 : 3;
    struct open_unit u = { .any = false };
    bool idr = false;
    size_t at = from, end = len;
    struct nal n;

    while (nal_next(codec, data, len, at, &n)) {
        const enum part part = part_of(codec, &n);

        at = (size_t)(n.data - data);
        if (!belongs(a, &u, part, &n, at)) {
            end = u.next ? u.next : at;
            break;
        }
        if (!u.any && part == AHEAD && nal_is_parameter_set(codec, n.type))
            sets |= 1u << (codec == GB_CODEC_H265 ? n.type - 32u : n.type - 7u);
        idr |= part == SLICE && nal_is_key(codec, n.type);
        at += n.len;
        end = u.next ? u.next : len;
    }
    *key = u.any && idr && sets == need;
    return u.any ? end - from : 0;
}
