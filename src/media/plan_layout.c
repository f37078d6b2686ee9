/* SPDX-License-Identifier: MIT */
/* The arrays of a plan: they grow for a unit that is larger than any before. What lies where in them. */
#include <errno.h>
#include <stdlib.h>

#include "media/plan_cut.h"

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

/* Upper bounds: a packet is full, or ends at PLAN_PACKET_IOV_MAX, where a PES ends after such a one, or at the end. Each has a
 * hole and at most one cut of a slice. */
int plan_make_room(struct packets *k, size_t bytes, size_t nseg)
{
    size_t pes = bytes / (PS_PART - PS_PES_HEAD) + 2u;
    size_t npkt = (bytes + PS_HEAD_MAX + pes * PS_PES_HEAD) / RTP_PAYLOAD_MAX + pes + nseg / (PLAN_PACKET_IOV_MAX - 2u) + 1u;
    int err = plan_reserve(k, npkt, 1u + nseg + pes + 2u * npkt);

    k->bytes_fit = err ? 0 : bytes;
    k->slices_fit = err ? 0 : nseg;
    return err;
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

void plan_show_front(struct packets *k, unsigned front)
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
