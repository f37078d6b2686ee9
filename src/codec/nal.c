/* SPDX-License-Identifier: MIT */
#include "codec/nal.h"

#include <string.h>

/* What a NAL type means for access units. */
enum nal_role {
    ROLE_OTHER = 0,
    ROLE_VCL = 1,           /* a slice; opens a picture when its first-in-picture flag is set */
    ROLE_KEY = 2,           /* with VCL: a slice of an IDR or IRAP picture */
    ROLE_FIRST = 4,         /* after a slice it begins the next access unit */
    ROLE_PS_A = 8,          /* SPS */
    ROLE_PS_B = 16,         /* PPS */
    ROLE_PS_C = 32,         /* VPS */
};
#define ROLE_PS (ROLE_PS_A | ROLE_PS_B | ROLE_PS_C)

/* H.264 table 7-1 and 7.4.1.2.3. */
static const uint8_t role_h264[32] = {
    [1] = ROLE_VCL,
    [2] = ROLE_VCL,
    [3] = ROLE_VCL,
    [4] = ROLE_VCL,
    [5] = ROLE_VCL | ROLE_KEY,
    [6] = ROLE_FIRST,
    [7] = ROLE_FIRST | ROLE_PS_A,
    [8] = ROLE_FIRST | ROLE_PS_B,
    [9] = ROLE_FIRST,
    [14] = ROLE_FIRST,
    [15] = ROLE_FIRST,
    [16] = ROLE_FIRST,
    [17] = ROLE_FIRST,
    [18] = ROLE_FIRST,
};

/* H.265 table 7-1 and 7.4.2.4.4. */
static const uint8_t role_h265[64] = {
    [0] = ROLE_VCL,
    [1] = ROLE_VCL,
    [2] = ROLE_VCL,
    [3] = ROLE_VCL,
    [4] = ROLE_VCL,
    [5] = ROLE_VCL,
    [6] = ROLE_VCL,
    [7] = ROLE_VCL,
    [8] = ROLE_VCL,
    [9] = ROLE_VCL,
    [16] = ROLE_VCL | ROLE_KEY,
    [17] = ROLE_VCL | ROLE_KEY,
    [18] = ROLE_VCL | ROLE_KEY,
    [19] = ROLE_VCL | ROLE_KEY,
    [20] = ROLE_VCL | ROLE_KEY,
    [21] = ROLE_VCL | ROLE_KEY,
    [32] = ROLE_FIRST | ROLE_PS_C,
    [33] = ROLE_FIRST | ROLE_PS_A,
    [34] = ROLE_FIRST | ROLE_PS_B,
    [35] = ROLE_FIRST,
    [39] = ROLE_FIRST,
    [41] = ROLE_FIRST,
    [42] = ROLE_FIRST,
    [43] = ROLE_FIRST,
    [44] = ROLE_FIRST,
    [48] = ROLE_FIRST,
    [49] = ROLE_FIRST,
    [50] = ROLE_FIRST,
    [51] = ROLE_FIRST,
    [52] = ROLE_FIRST,
    [53] = ROLE_FIRST,
    [54] = ROLE_FIRST,
    [55] = ROLE_FIRST,
};

static unsigned role_of(enum gb_codec codec, unsigned type)
{
    if (codec == GB_CODEC_H264) {
        return type < 32 ? role_h264[type] : ROLE_OTHER;
    }
    if (codec == GB_CODEC_H265) {
        return type < 64 ? role_h265[type] : ROLE_OTHER;
    }
    return ROLE_OTHER;
}

size_t nal_start(const uint8_t *data, size_t len, size_t from)
{
    const uint8_t *p;

    if (len < 3 || from > len - 3) {
        return len;
    }
    /* A one is rarer than a zero, and memchr is what libc does best. */
    for (p = data + from + 2; p < data + len; p++) {
        p = memchr(p, 1, (size_t)(data + len - p));
        if (!p) {
            break;
        }
        if (p[-1] == 0 && p[-2] == 0) {
            return (size_t)(p - 2 - data);
        }
    }
    return len;
}

bool nal_next(enum gb_codec codec, const uint8_t *data, size_t len, size_t from, struct nal *out)
{
    size_t header_bytes = codec == GB_CODEC_H265 ? 2 : 1;

    while (from < len) {
        size_t at = nal_start(data, len, from);
        if (len - at < 3 + header_bytes) {
            return false;
        }
        size_t begin = at > from && data[at - 1] == 0 ? at - 1 : at;
        size_t end = nal_start(data, len, at + 3);
        /* The zero byte of the next NAL's four-byte start code is that NAL's, further zeros are ours. */
        if (end < len && end > at + 3 && data[end - 1] == 0) {
            end--;
        }
        if (end - at >= 3 + header_bytes) {
            uint8_t h = data[at + 3];
            out->data = data + begin;
            out->len = end - begin;
            out->header = (unsigned)(at + 3 - begin);
            out->type = codec == GB_CODEC_H265 ? (h >> 1) & 0x3Fu : h & 0x1Fu;
            return true;
        }
        from = end;         /* an empty NAL */
    }
    return false;
}

bool nal_is_vcl(enum gb_codec codec, unsigned type)
{
    return (role_of(codec, type) & ROLE_VCL) != 0;
}

bool nal_is_key(enum gb_codec codec, unsigned type)
{
    return (role_of(codec, type) & ROLE_KEY) != 0;
}

bool nal_is_parameter_set(enum gb_codec codec, unsigned type)
{
    return (role_of(codec, type) & ROLE_PS) != 0;
}

/* H.264: first_mb_in_slice, ue(v), is 0 when its first bit is set (arbitrary slice order is not used by
 * cameras; partitions B and C carry no such field). H.265: first_slice_segment_in_pic_flag of layer 0. */
static bool opens_picture(enum gb_codec codec, const struct nal *n)
{
    const uint8_t *h = n->data + n->header;

    if (codec == GB_CODEC_H265) {
        unsigned layer = (h[0] & 1u) << 5 | h[1] >> 3;
        return n->len > n->header + 2u && layer == 0 && (h[2] & 0x80u) != 0;
    }
    return n->type != 3 && n->type != 4 && n->len > n->header + 1u && (h[1] & 0x80u) != 0;
}

size_t nal_access_unit(enum gb_codec codec, const uint8_t *data, size_t len, size_t from, bool *key)
{
    unsigned sets = 0, need = codec == GB_CODEC_H265 ? ROLE_PS : ROLE_PS_A | ROLE_PS_B;
    bool slice = false, idr = false;
    size_t at = from;
    struct nal n;

    *key = false;
    while (nal_next(codec, data, len, at, &n)) {
        unsigned role = role_of(codec, n.type);
        if (slice && ((role & ROLE_FIRST) || ((role & ROLE_VCL) && opens_picture(codec, &n)))) {
            *key = idr && sets == need;
            return (size_t)(n.data - data) - from;
        }
        if (!slice) {
            sets |= role & ROLE_PS;
        }
        slice |= (role & ROLE_VCL) != 0;
        idr |= (role & ROLE_KEY) != 0;
        at = (size_t)(n.data - data) + n.len;
    }
    if (!slice) {
        return 0;
    }
    *key = idr && sets == need;
    return len - from;
}
