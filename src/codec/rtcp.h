/* SPDX-License-Identifier: MIT */
/* RTCP (RFC 3550 section 6): writes sender reports and BYE, reads report blocks. */
#ifndef CODEC_RTCP_H
#define CODEC_RTCP_H

#include <stddef.h>
#include <stdint.h>

#include "util/span.h"

#define RTCP_CNAME_MAX 63u
#define RTCP_WRITE_MAX 160u /* bytes of the longest packet written */

struct rtcp_sender {
    uint32_t ssrc;
    uint64_t ntp;            /* now: seconds since 1900, fixed point 32.32 */
    uint32_t rtp_ts;         /* the same time on the media clock */
    uint32_t packets, bytes; /* sent so far, RTP payload only; may wrap */
    struct span cname;       /* truncated to RTCP_CNAME_MAX */
};

uint64_t rtcp_ntp(int64_t unix_ms);

/* Write a compound packet of SR and SDES, or SR, SDES and BYE. Return its length, 0 if it exceeds `size`. Before the
 * first packet (packets == 0), an empty RR replaces the SR (6.4). */
size_t rtcp_write_report(uint8_t *out, size_t size, const struct rtcp_sender *s);
size_t rtcp_write_bye(uint8_t *out, size_t size, const struct rtcp_sender *s);

struct rtcp_block {          /* a reception report block */
    uint32_t reporter;       /* SSRC of the receiver */
    uint32_t fraction_lost;  /* in 1/256, since the previous report */
    int32_t lost;            /* packets since the beginning; may be negative */
    uint32_t highest_seq;    /* extended */
    uint32_t jitter;         /* in units of the media clock */
    uint32_t last_sr, delay; /* middle 32 bits of the NTP time of our SR; 1/65536 s */
};

/* Finds the last report on `ssrc` in the RRs and SRs of a compound packet. 0; -EBADMSG: not RTCP, or malformed;
 * -ENOENT: none. */
int rtcp_read_block(const uint8_t *data, size_t len, uint32_t ssrc, struct rtcp_block *out);

#endif
