/* SPDX-License-Identifier: MIT */
/* MPEG-2 program stream headers (ISO 13818-1, GB/T 28181 annex C). One access unit is one pack: pack header, on key units
 * system header and PSM, then one or more PES, PTS (and DTS when it differs) in the first only. Nothing is copied: the
 * caller puts the headers between pieces of the unit. */
#ifndef CODEC_PS_H
#define CODEC_PS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "codec/rtp.h"
#include "gbagent/board.h"

#define PS_STREAM_VIDEO 0xE0u
#define PS_STREAM_AUDIO 0xC0u
#define PS_HEAD_MAX (14u + 18u + 24u + 19u)
#define PS_PES_HEAD 9u
/* A longer unit is cut into several PES, each of so many bytes with all that stands before its payload: whole RTP packets, so
 * that a PES header is never cut by a packet border (some receivers lose such a PES) and no packet has to end early. */
#define PS_PART (46u * RTP_PAYLOAD_MAX)

/* What the PSM declares; NONE = not in the stream. */
struct ps_program {
    enum gb_codec video, audio;
    uint8_t version;                        /* 0..31, another one after a change (ISO 13818-1 2.5.4.2) */
    /* Kept by ps_sent: */
    bool begun;
    uint64_t scr;                           /* begun: of the pack before */
};

struct ps_head {
    uint64_t scr;
    unsigned len;                           /* of data */
    size_t payload;                         /* bytes of the unit that the first PES takes */
    uint8_t data[PS_HEAD_MAX];
};

uint8_t ps_stream_type(enum gb_codec codec);        /* PSM stream_type; 0 = cannot be carried */
uint32_t ps_crc32(const uint8_t *data, size_t len); /* MPEG-2 */

/* All that stands before the first byte of a unit of `total` bytes, 1 or more. The SCR lies 40 ms before the decode time,
 * 400 ms where the program has sound: it rises while sound and pictures are less than that out of their order. pts and dts
 * are 90 kHz, taken modulo 2^33 and never written as 0. -EINVAL: codec not in the program. */
int ps_begin(struct ps_head *h, const struct ps_program *prog, const struct gb_unit *unit, size_t total, uint64_t pts,
             uint64_t dts);
/* A unit went out: the SCR goes on from there. */
void ps_sent(struct ps_program *prog, const struct ps_head *h);
/* The header of a further PES, PS_PES_HEAD bytes, with `rest` bytes of the unit to come. Returns how many of them it takes. */
size_t ps_continue(uint8_t *at, enum gb_kind kind, size_t rest);

#endif
