/* SPDX-License-Identifier: MIT */
/* RTP (RFC 3550) headers, and RFC 4571 framing. */
#ifndef CODEC_RTP_H
#define CODEC_RTP_H

#include <stdbool.h>
#include <stdint.h>

#define RTP_HEADER 12u
#define RTP_FRAME 2u                /* RFC 4571 length in front */
#define RTP_PAYLOAD_MAX 1400u
#define RTP_PT_PS 96u

static inline void rtp_header_write(uint8_t *p, uint8_t pt, bool marker, uint16_t seq, uint32_t ts, uint32_t ssrc)
{
    p[0] = 0x80;
    p[1] = (uint8_t)((marker ? 0x80u : 0u) | pt);
    p[2] = (uint8_t)(seq >> 8);
    p[3] = (uint8_t)seq;
    p[4] = (uint8_t)(ts >> 24);
    p[5] = (uint8_t)(ts >> 16);
    p[6] = (uint8_t)(ts >> 8);
    p[7] = (uint8_t)ts;
    p[8] = (uint8_t)(ssrc >> 24);
    p[9] = (uint8_t)(ssrc >> 16);
    p[10] = (uint8_t)(ssrc >> 8);
    p[11] = (uint8_t)ssrc;
}

#endif
