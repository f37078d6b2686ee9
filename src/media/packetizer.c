/* SPDX-License-Identifier: MIT */
#include "media/packetizer.h"

#include <errno.h>
#include <stdlib.h>

#include "media/packetizer_cut.h"

_Static_assert(sizeof(struct packet_header) == 32 && sizeof(((struct packet_header *)0)->insert) >= PS_PES_HEAD,
               "a packet header has exactly the bytes of the wire");

/* ---- memory: the arrays grow when a unit exceeds all earlier ones ------------------------------------------- */

static void free_packets(struct packets *k)
{
    free(k->run);
    free(k->msg);
    free(k->header);
    k->run = NULL;
    k->msg = NULL;
    k->header = NULL;
    k->pkt_cap = 0;
}

int packets_reserve(struct packets *k, size_t npkt, size_t niov)
{
    if (npkt > k->pkt_cap) {
        free_packets(k);
        npkt += npkt / 4;
        k->run = calloc(npkt, sizeof(*k->run));
        k->msg = calloc(npkt + 1, sizeof(*k->msg));
        k->header = calloc(npkt, sizeof(*k->header));
        if (!k->run || !k->msg || !k->header) {
            free_packets(k);
            return -ENOMEM;
        }
        k->pkt_cap = npkt;
        k->nruns = 0;
        k->plain = 0;
        for (size_t i = 0; i < npkt; i++)
            k->header[i].framing = packet_framing(RTP_PAYLOAD_MAX);
    }
    if (niov > k->iov_cap) {
        free(k->iov);
        k->plain = 0;
        niov += niov / 4;
        k->iov = calloc(niov, sizeof(*k->iov));
        k->iov_cap = k->iov ? niov : 0;
    }
    return k->iov ? 0 : -ENOMEM;
}

void packed_unit_free(struct packed_unit *p)
{
    if (p) {
        for (unsigned i = 0; i < PACKET_FORMATS; i++) {
            free_packets(&p->packets[i]);
            free(p->packets[i].iov);
        }
        free(p->nal);
        free(p);
    }
}

void packets_lay_out(struct packets *k, unsigned npkt)
{
    struct iovec *iov = k->iov + 2u * k->plain + (k->plain > 0);

    if (k->plain == 0)
        k->framing_len = 0;
    for (unsigned i = k->plain; i < npkt; i++, iov += 2) {
        iov[0] = (struct iovec){ (uint8_t *)&k->header[i].head - k->framing_len, RTP_HEADER + k->framing_len };
        k->msg[i].msg_hdr.msg_iov = iov;
        k->msg[i].msg_hdr.msg_iovlen = i == 0 ? 3 : 2;
        iov += i == 0;
        iov[1].iov_len = RTP_PAYLOAD_MAX;
    }
    k->msg[npkt].msg_hdr.msg_iov = iov; /* the end; stays valid when the layout grows */
    k->plain = npkt;
}

/* Makes the iovecs cover framing_len bytes before each RTP header. noinline keeps registers free in
 * packets_write_headers. */
__attribute__((noinline)) static void cover_framing(struct packets *k, unsigned framing_len)
{
    unsigned n = k->npkt > k->plain ? k->npkt : k->plain;

    for (unsigned i = 0; i < n; i++) {
        struct iovec *iov = k->msg[i].msg_hdr.msg_iov;
        iov->iov_base = (uint8_t *)iov->iov_base + k->framing_len - framing_len;
        iov->iov_len = iov->iov_len + framing_len - k->framing_len;
    }
    k->framing_len = framing_len;
}

size_t packets_bytes_of(const struct packets *k, unsigned first, unsigned n)
{
    size_t bytes = (size_t)n * RTP_PAYLOAD_MAX;

    for (const uint32_t *run = k->run, *end = run + k->nruns; run < end; run++) /* only the last of a run is short */
        if (*run - 1u - first < n)
            bytes -= RTP_PAYLOAD_MAX - packets_len(k, *run - 1u);
    return bytes;
}

/* ---- headers -------------------------------------------------------------------------------------------------- */

/* While the low byte of the sequence number does not wrap, adding `step` yields the next head in either byte order. */
static inline void put_headers(struct packet_header *at, unsigned n, uint32_t head, uint64_t clock)
{
    const uint32_t step = htobe32(1);
    struct packet_header *end = at + n;

    if (n % 2 > 0) {
        at->head = head;
        at->clock = clock;
        at++;
        head += step;
    }
    for (; at < end; at += 2, head += 2 * step) {
        at[0].head = head;
        at[0].clock = clock;
        at[1].head = head + step;
        at[1].clock = clock;
    }
}

void packets_write_headers(struct packets *k, unsigned first, unsigned n, const struct rtp_out *out,
                           unsigned framing_len)
{
    const uint64_t clock = htobe64((uint64_t)out->ts << 32 | out->ssrc);
    const uint32_t fixed = 0x80000000u | (uint32_t)out->pt << 16;
    struct packet_header *at = k->header + first;
    unsigned seq = out->seq, run = 0x100u - (seq & 0xFFu);
    const bool ends = first + n == k->npkt;

    if (framing_len != k->framing_len)
        cover_framing(k, framing_len);
    while (n > run) {
        put_headers(at, run, htobe32(fixed | (seq & 0xFFFFu)), clock);
        at += run;
        seq += run;
        n -= run;
        run = 0x100u;
    }
    put_headers(at, n, htobe32(fixed | (seq & 0xFFFFu)), clock);
    if (ends)
        at[n - 1].head |= htobe32(0x00800000u); /* marker */
}
