/* SPDX-License-Identifier: MIT */
#include "media/packetizer.h"

#include <errno.h>
#include <stdlib.h>

#include "media/packetizer_cut.h"

_Static_assert(sizeof(struct plan_hole) == 32 && sizeof(((struct plan_hole *)0)->insert) >= PS_PES_HEAD,
               "a hole is what stands on the wire");

/* ---- where everything lies: the arrays grow for a unit that is larger than any before ---------------------- */

static void free_packets(struct packets *k)
{
    free(k->run);
    free(k->msg);
    free(k->hole);
    k->run = NULL;
    k->msg = NULL;
    k->hole = NULL;
    k->pkt_cap = 0;
}

int plan_reserve(struct packets *k, size_t npkt, size_t niov)
{
    if (npkt > k->pkt_cap) {
        free_packets(k);
        npkt += npkt / 4;
        k->run = calloc(npkt, sizeof(*k->run));
        k->msg = calloc(npkt + 1, sizeof(*k->msg));
        k->hole = calloc(npkt, sizeof(*k->hole));
        if (!k->run || !k->msg || !k->hole) {
            free_packets(k);
            return -ENOMEM;
        }
        k->pkt_cap = npkt;
        k->nruns = 0;
        k->plain = 0;
        for (size_t i = 0; i < npkt; i++) {
            k->hole[i].front = plan_front(RTP_PAYLOAD_MAX);
        }
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

void plan_free(struct plan *p)
{
    if (p) {
        for (unsigned i = 0; i < PLAN_FORMATS; i++) {
            free_packets(&p->packets[i]);
            free(p->packets[i].iov);
        }
        free(p->nal);
        free(p);
    }
}

void plan_lay(struct packets *k, unsigned npkt)
{
    struct iovec *iov = k->iov + 2u * k->plain + (k->plain > 0);

    if (k->plain == 0) {
        k->front = 0;
    }
    for (unsigned i = k->plain; i < npkt; i++, iov += 2) {
        iov[0] = (struct iovec){ (uint8_t *)&k->hole[i].head - k->front, RTP_HEADER + k->front };
        k->msg[i].msg_hdr.msg_iov = iov;
        k->msg[i].msg_hdr.msg_iovlen = i == 0 ? 3 : 2;
        iov += i == 0;
        iov[1].iov_len = RTP_PAYLOAD_MAX;
    }
    k->msg[npkt].msg_hdr.msg_iov = iov;         /* as it will be when there are more */
    k->plain = npkt;
}

/* The iovecs show so many bytes before the RTP headers. Inlined, it would take registers from the headers of every unit. */
__attribute__((noinline)) static void show_front(struct packets *k, unsigned front)
{
    unsigned n = k->npkt > k->plain ? k->npkt : k->plain;

    for (unsigned i = 0; i < n; i++) {
        struct iovec *iov = k->msg[i].msg_hdr.msg_iov;
        iov->iov_base = (uint8_t *)iov->iov_base + k->front - front;
        iov->iov_len = iov->iov_len + front - k->front;
    }
    k->front = front;
}

size_t plan_bytes_of(const struct packets *k, unsigned first, unsigned n)
{
    size_t bytes = (size_t)n * RTP_PAYLOAD_MAX;

    for (const uint32_t *run = k->run, *end = run + k->nruns; run < end; run++) {     /* only their last are short */
        if (*run - 1u - first < n) {
            bytes -= RTP_PAYLOAD_MAX - plan_len(k, *run - 1u);
        }
    }
    return bytes;
}

/* ---- headers -------------------------------------------------------------------------------------------------- */

/* As long as the lower byte of the sequence does not wrap, the next head is an addition away in any byte order. */
static inline void put_headers(struct plan_hole *at, unsigned n, uint32_t head, uint64_t clock)
{
    const uint32_t step = htobe32(1);
    struct plan_hole *end = at + n;

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

void plan_headers(struct packets *k, unsigned first, unsigned n, const struct rtp_out *out, unsigned front)
{
    const uint64_t clock = htobe64((uint64_t)out->ts << 32 | out->ssrc);
    const uint32_t fixed = 0x80000000u | (uint32_t)out->pt << 16;
    struct plan_hole *at = k->hole + first;
    unsigned seq = out->seq, run = 0x100u - (seq & 0xFFu);
    const bool ends = first + n == k->npkt;

    if (front != k->front) {
        show_front(k, front);
    }
    while (n > run) {
        put_headers(at, run, htobe32(fixed | (seq & 0xFFFFu)), clock);
        at += run;
        seq += run;
        n -= run;
        run = 0x100u;
    }
    put_headers(at, n, htobe32(fixed | (seq & 0xFFFFu)), clock);
    if (ends) {
        at[n - 1].head |= htobe32(0x00800000u);     /* marker */
    }
}
