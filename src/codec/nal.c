/* SPDX-License-Identifier: MIT */
#include "codec/nal.h"

#include <string.h>

enum nal_role {
    ROLE_OTHER = 0,
    ROLE_VCL = 1,
    ROLE_KEY = 2, /* with VCL: a slice of an IDR or IRAP picture */
    ROLE_SET = 4, /* VPS, SPS, PPS */
};

/* H.264 table 7-1 */
static const uint8_t role_h264[32] = {
    [1] = ROLE_VCL, [2] = ROLE_VCL, [3] = ROLE_VCL, [4] = ROLE_VCL, [5] = ROLE_VCL | ROLE_KEY,
    [7] = ROLE_SET, [8] = ROLE_SET,
};

/* H.265 table 7-1 */
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
    [32] = ROLE_SET,
    [33] = ROLE_SET,
    [34] = ROLE_SET,
};

static unsigned role_of(enum gb_codec codec, unsigned type)
{
    if (codec == GB_CODEC_H264)
        return type < 32 ? role_h264[type] : ROLE_OTHER;
    if (codec == GB_CODEC_H265)
        return type < 64 ? role_h265[type] : ROLE_OTHER;
    return ROLE_OTHER;
}

size_t nal_start(const uint8_t *data, size_t len, size_t from)
{
    const uint8_t *p;

    if (len < 3 || from > len - 3)
        return len;
    /* 01 is rarer than 00, and memchr is fast. */
    for (p = data + from + 2; p < data + len; p++) {
        p = memchr(p, 1, (size_t)(data + len - p));
        if (!p)
            break;
        if (p[-1] == 0 && p[-2] == 0)
            return (size_t)(p - 2 - data);
    }
    return len;
}

bool nal_next(enum gb_codec codec, const uint8_t *data, size_t len, size_t from, struct nal *out)
{
    size_t header_bytes = codec == GB_CODEC_H265 ? 2 : 1;

    while (from < len) {
        size_t at = nal_start(data, len, from);
        if (len - at < 3 + header_bytes)
            return false;
        size_t begin = at > from && data[at - 1] == 0 ? at - 1 : at;
        size_t end = nal_start(data, len, at + 3);
        /* One zero belongs to the next unit's four-byte start code, further ones to this unit. */
        if (end < len && end > at + 3 && data[end - 1] == 0)
            end--;
        if (end - at >= 3 + header_bytes) {
            uint8_t h = data[at + 3];
            out->data = data + begin;
            out->len = end - begin;
            out->header = (unsigned)(at + 3 - begin);
            out->type = codec == GB_CODEC_H265 ? (h >> 1) & 0x3Fu : h & 0x1Fu;
            return true;
        }
        from = end; /* an empty NAL unit */
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
    return (role_of(codec, type) & ROLE_SET) != 0;
}
