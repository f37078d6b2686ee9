/* SPDX-License-Identifier: MIT */
/* MPEG-2 program stream headers (ISO 13818-1, GB/T 28181 annex C). One access unit becomes one pack: pack header, for
 * key units system header and PSM, then one or more PES packets, of which only the first has a PTS (and a DTS if it
 * differs). The payload is not copied: the caller sends the headers between pieces of the unit. */
#ifndef CODEC_PS_H
#define CODEC_PS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "codec/rtp.h"
#include "gbagent/board.h"

#define PS_STREAM_VIDEO 0xE0u
#define PS_STREAM_AUDIO 0xC0u
#define PS_HEAD_MAX     (14u + 18u + 24u + 19u)
#define PS_PES_HEAD     9u
/* Bytes of a PES packet with all headers before it; longer units become several. It is a multiple of the RTP payload,
 * so that only the last RTP packet may be short and no PES header is split between two (some receivers lose such a
 * PES). */
#define PS_PART (46u * RTP_PAYLOAD_MAX)

/* The streams that the PSM declares; NONE = absent. */
struct ps_program {
    enum gb_codec video, audio;
    uint8_t version; /* 0 to 31, incremented after a change (ISO 13818-1 2.5.4.2) */
    /* Maintained by ps_sent(): */
    bool begun;
    uint64_t scr; /* of the previous pack, if begun; 90 kHz */
};

struct ps_head {
    uint64_t scr;
    unsigned len;   /* bytes in data */
    size_t payload; /* bytes of the unit in the first PES packet */
    uint8_t data[PS_HEAD_MAX];
};

uint8_t ps_stream_type(enum gb_codec codec);        /* PSM stream_type; 0 = not supported in PS */
uint32_t ps_crc32(const uint8_t *data, size_t len); /* MPEG-2 */

/* Writes all headers before the first byte of a unit of `total` >= 1 bytes. The SCR is 40 ms before the decode time,
 * with audio 400 ms: it keeps rising as long as audio and video are less than that out of order. pts and dts: 90 kHz,
 * taken modulo 2^33 and never written as 0. 0, or -EINVAL: codec not in the program. */
int ps_begin(struct ps_head *h, const struct ps_program *prog, const struct gb_unit *unit, size_t total, uint64_t pts,
             uint64_t dts);
/* To be called for each unit sent: the next SCR continues from it. */
void ps_sent(struct ps_program *prog, const struct ps_head *h);
/* Writes the PS_PES_HEAD bytes of a further PES header, with `rest` bytes of the unit left. Returns its payload
 * bytes. */
size_t ps_continue(uint8_t *at, enum gb_kind kind, size_t rest);

#endif
