/* SPDX-License-Identifier: MIT */
#include "codec/rtcp.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#define NTP_UNIX     2208988800u /* seconds from 1900 to 1970 */
#define VERSION      2u
#define BLOCK_BYTES  24u
#define SENDER_BYTES 20u /* in an SR, between SSRC and report blocks */

enum { RTCP_SR = 200, RTCP_RR = 201, RTCP_SDES = 202, RTCP_BYE = 203 };
enum { SDES_END = 0, SDES_CNAME = 1 };

static uint8_t *put32(uint8_t *p, uint32_t v)
{
    p[0] = (uint8_t)(v >> 24);
    p[1] = (uint8_t)(v >> 16);
    p[2] = (uint8_t)(v >> 8);
    p[3] = (uint8_t)v;
    return p + 4;
}

static uint32_t get32(const uint8_t *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

/* `words`: length of the whole packet in 32-bit words. */
static uint8_t *put_head(uint8_t *p, unsigned count, unsigned type, size_t words)
{
    return put32(p, VERSION << 30 | count << 24 | type << 16 | (uint32_t)(words - 1u));
}

uint64_t rtcp_ntp(int64_t unix_ms)
{
    uint64_t ms = (uint64_t)unix_ms + NTP_UNIX * UINT64_C(1000);

    return ms / 1000u << 32 | (ms % 1000u << 32) / 1000u;
}

size_t rtcp_write_report(uint8_t *out, size_t size, const struct rtcp_sender *s)
{
    size_t cname = s->cname.n < RTCP_CNAME_MAX ? s->cname.n : RTCP_CNAME_MAX;
    size_t chunk = (4u + 2u + cname + 1u + 3u) & ~(size_t)3; /* SSRC, item, end, padded to a word */
    size_t first = s->packets ? 8u + SENDER_BYTES : 8u;
    uint8_t *p = out;

    if (size < first + 4u + chunk)
        return 0;
    p = put_head(p, 0, s->packets ? RTCP_SR : RTCP_RR, first / 4u);
    p = put32(p, s->ssrc);
    if (s->packets) {
        p = put32(p, (uint32_t)(s->ntp >> 32));
        p = put32(p, (uint32_t)s->ntp);
        p = put32(p, s->rtp_ts);
        p = put32(p, s->packets);
        p = put32(p, s->bytes);
    }
    p = put_head(p, 1, RTCP_SDES, 1u + chunk / 4u);
    memset(p, SDES_END, chunk);
    put32(p, s->ssrc);
    p[4] = SDES_CNAME;
    p[5] = (uint8_t)cname;
    memcpy(p + 6, s->cname.p, cname);
    return first + 4u + chunk;
}

size_t rtcp_write_bye(uint8_t *out, size_t size, const struct rtcp_sender *s)
{
    size_t n = rtcp_write_report(out, size, s);

    if (n == 0 || size - n < 8u)
        return 0;
    put32(put_head(out + n, 1, RTCP_BYE, 2), s->ssrc);
    return n + 8u;
}

static void read_block(const uint8_t *p, uint32_t reporter, struct rtcp_block *out)
{
    uint32_t lost = get32(p + 4);

    out->reporter = reporter;
    out->fraction_lost = lost >> 24;
    out->lost = (int32_t)(lost & 0x7FFFFFu) - (int32_t)(lost & 0x800000u);
    out->highest_seq = get32(p + 8);
    out->jitter = get32(p + 12);
    out->last_sr = get32(p + 16);
    out->delay = get32(p + 20);
}

int rtcp_read_block(const uint8_t *data, size_t len, uint32_t ssrc, struct rtcp_block *out)
{
    bool found = false;

    if (len < 8)
        return -EBADMSG;
    while (len > 0) {
        size_t bytes, at;
        if (len < 4 || data[0] >> 6 != VERSION || data[1] < RTCP_SR || data[1] > 223u)
            return -EBADMSG;
        bytes = 4u * (((size_t)data[2] << 8 | data[3]) + 1u);
        if (bytes > len)
            return -EBADMSG;
        at = data[1] == RTCP_SR ? 8u + SENDER_BYTES : 8u;
        if (data[1] == RTCP_SR || data[1] == RTCP_RR) {
            unsigned count = data[0] & 0x1Fu;
            if (at + count * BLOCK_BYTES > bytes)
                return -EBADMSG;
            for (; count > 0; count--, at += BLOCK_BYTES) {
                if (get32(data + at) == ssrc) {
                    read_block(data + at, get32(data + 4), out);
                    found = true;
                }
            }
        }
        data += bytes;
        len -= bytes;
    }
    return found ? 0 : -ENOENT;
}
