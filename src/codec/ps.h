/* SPDX-License-Identifier: MIT */
/* MPEG-2 program stream headers around leased memory (ISO 13818-1, GB/T 28181 annex C). Nothing is copied: the
 * result is a list of slices, headers of ours between segments of the access unit. */
#ifndef CODEC_PS_H
#define CODEC_PS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "gbagent/board.h"

#define PS_STREAM_VIDEO 0xE0u
#define PS_STREAM_AUDIO 0xC0u
#define PS_PES_PAYLOAD_MAX 65400u       /* a longer unit is cut into several PES */
#define PS_PES_MAX (GB_UNIT_BYTES_MAX / PS_PES_PAYLOAD_MAX + 2u)
#define PS_HEADER_BYTES (14u + 18u + 24u + 19u + PS_PES_MAX * 9u)
#define PS_SLICES_MAX (1u + 2u * PS_PES_MAX + GB_UNIT_SEGMENTS_MAX)

struct ps_slice {
    const uint8_t *data;
    size_t len;
};

/* What the PSM declares; NONE = not in the stream. */
struct ps_program {
    enum gb_codec video, audio;
    uint8_t version;                        /* 0..31, another one after a change (ISO 13818-1 2.5.4.2) */
    bool begun;
    uint64_t scr;                           /* begun: of the pack before */
};

struct ps_pack {
    uint64_t scr;
    unsigned nslices;
    size_t bytes;                           /* sum of the slices */
    struct ps_slice slice[PS_SLICES_MAX];
    uint8_t header[PS_HEADER_BYTES];
};

uint8_t ps_stream_type(enum gb_codec codec);        /* PSM stream_type; 0 = cannot be carried */
uint32_t ps_crc32(const uint8_t *data, size_t len); /* MPEG-2 */

/* One access unit = one pack: pack header; on key units system header and PSM; then one or more PES, PTS (and DTS when
 * it differs) in the first only. The SCR lies 40 ms before the decode time; where sound and pictures come out of their order
 * it still rises, as long as they are nearer than that. pts and dts are 90 kHz, taken modulo 2^33 and never written as 0. The slices borrow
 * the unit's segments and p->header. -EINVAL: codec not in the program; -E2BIG: a limit of board.h passed. */
int ps_pack(struct ps_pack *p, const struct ps_program *prog, const struct gb_unit *unit, uint64_t pts, uint64_t dts);

#endif
