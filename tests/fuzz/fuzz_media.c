/* SPDX-License-Identifier: MIT */
/* Annex B data, split into access units that are packed as PS. The units together must equal the input, the payloads of
 * the PES packets the unit, and no PES length may be 0. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "board/sim/access.h"
#include "tests/unit/ps_join.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool ok)
{
    if (!ok)
        abort();
}

/* Walks the PES packets of a pack, which must contain `unit`. */
static void check_pack(const uint8_t *ps, size_t n, const uint8_t *unit, size_t len)
{
    size_t at = 0, skip = 14, pes = 0, got = 0;

    require(n > skip);
    for (at = skip; at < n; at += 6 + pes) {
        require(n - at > 9 && ps[at] == 0 && ps[at + 1] == 0 && ps[at + 2] == 1);
        pes = (size_t)ps[at + 4] << 8 | ps[at + 5];
        require(pes > 0 && pes <= n - at - 6);
        if (ps[at + 3] != PS_STREAM_VIDEO)
            continue;
        skip = 3u + ps[at + 8];
        require(skip < pes && pes - skip <= len - got && memcmp(ps + at + 6 + skip, unit + got, pes - skip) == 0);
        got += pes - skip;
    }
    require(got == len);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct access access;
    size_t at = 0, len;
    bool key;

    if (size < 2)
        return 0;
    enum gb_codec codec = data[0] & 1 ? GB_CODEC_H265 : GB_CODEC_H264;
    const struct ps_program program = { .video = codec, .audio = data[0] & 2 ? GB_CODEC_G711A : GB_CODEC_NONE };
    unsigned cut = data[1];

    data += 2;
    size -= 2;
    memset(&access, 0, sizeof(access));
    access.sets.codec = codec;
    while ((len = access_unit(&access, data, size, at, &key)) > 0) {
        require(len <= size - at);
        size_t first = len * cut / 255;
        const struct gb_segment seg[] = { { data + at, first }, { data + at + first, len - first } };
        const struct gb_unit unit = { .kind = GB_VIDEO, .codec = codec, .key = key, .seg = seg, .nseg = 2 };
        uint8_t *ps = malloc(PS_JOIN_ROOM(len));
        size_t n = 0;
        require(ps && ps_join(ps, &n, &program, &unit, at, at + cut) == 0 && n <= PS_JOIN_ROOM(len));
        check_pack(ps, n, data + at, len);
        free(ps);
        at += len;
    }
    return 0;
}
