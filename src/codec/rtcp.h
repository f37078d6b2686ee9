/* SPDX-License-Identifier: MIT */
/* RTCP (RFC 3550 section 6): what a sender of media writes, and the receiver reports on it that come back. */
#ifndef CODEC_RTCP_H
#define CODEC_RTCP_H

#include <stddef.h>
#include <stdint.h>

#include "util/span.h"

#define RTCP_CNAME_MAX 63u
#define RTCP_WRITE_MAX 160u             /* the longest packet written here */

struct rtcp_sender {
    uint32_t ssrc;
    uint64_t ntp;                       /* now: seconds since 1900, 32.32 */
    uint32_t rtp_ts;                    /* the same moment on the media clock */
    uint32_t packets, bytes;            /* sent so far; RTP payload only; they wrap */
    struct span cname;                  /* cut to RTCP_CNAME_MAX */
};

uint64_t rtcp_ntp(int64_t unix_ms);

/* Compound packets: SR and SDES; SR, SDES and BYE. Return the length, 0 when `size` is less than that. A sender that has
 * not sent anything yet (packets == 0) gives an empty RR instead of the SR (6.4). */
size_t rtcp_write_report(uint8_t *out, size_t size, const struct rtcp_sender *s);
size_t rtcp_write_bye(uint8_t *out, size_t size, const struct rtcp_sender *s);

struct rtcp_block {                     /* a reception report block */
    uint32_t reporter;                  /* SSRC of the receiver */
    uint32_t fraction_lost;             /* of 256, since the report before */
    int32_t lost;                       /* since the beginning; may be negative */
    uint32_t highest_seq;               /* extended */
    uint32_t jitter;                    /* in units of the media clock */
    uint32_t last_sr, delay;            /* middle 32 bits of our NTP; units of 1/65536 s */
};

/* The last report on `ssrc` in a compound packet, from its RRs and SRs. -EBADMSG: not RTCP, or broken; -ENOENT: none in it. */
int rtcp_read_block(const uint8_t *data, size_t len, uint32_t ssrc, struct rtcp_block *out);

#endif
