/* SPDX-License-Identifier: MIT */
#include "shell/plan.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static int reserve_packets(struct plan *p, size_t n)
{
    if (n <= p->pkt_cap) {
        return 0;
    }
    n += n / 4;
    struct plan_packet *pkt = calloc(n, sizeof(*pkt));
    struct mmsghdr *msg = calloc(n, sizeof(*msg));
    uint8_t *hole = calloc(n, PLAN_HOLE);
    if (!pkt || !msg || !hole) {
        free(pkt);
        free(msg);
        free(hole);
        return -ENOMEM;
    }
    free(p->pkt);
    free(p->msg);
    free(p->hole);
    p->pkt = pkt;
    p->msg = msg;
    p->hole = hole;
    p->pkt_cap = n;
    return 0;
}

static int reserve_iov(struct plan *p, size_t n)
{
    if (n <= p->iov_cap) {
        return 0;
    }
    n += n / 4;
    struct iovec *iov = calloc(n, sizeof(*iov));
    if (!iov) {
        return -ENOMEM;
    }
    free(p->iov);
    p->iov = iov;
    p->iov_cap = n;
    return 0;
}

/* Upper bounds: a packet ends at RTP_PAYLOAD_MAX, before a PES header that would be cut, or at
 * PLAN_PACKET_IOV_MAX; each packet adds a hole and at most one cut of a slice. */
static int reserve(struct plan *p)
{
    size_t npkt = p->pack.bytes / RTP_PAYLOAD_MAX + 2u + p->pack.bytes / PS_PES_PAYLOAD_MAX + 1u +
                  p->pack.nslices / (PLAN_PACKET_IOV_MAX - 2u);
    int err = reserve_packets(p, npkt);

    return err ? err : reserve_iov(p, p->pack.nslices + 2u * npkt);
}

static bool is_header(const struct plan *p, const struct ps_slice *s)
{
    uintptr_t at = (uintptr_t)s->data, begin = (uintptr_t)p->pack.header;

    return at >= begin && at < begin + sizeof(p->pack.header);
}

struct cutter {
    struct plan *p;
    size_t iov;
    size_t room;            /* left in the packet that is open; 0 = none is */
};

static void open_packet(struct cutter *c)
{
    struct plan *p = c->p;
    struct plan_packet *pkt = &p->pkt[p->npkt];

    pkt->iov = (uint32_t)c->iov;
    pkt->niov = 1;
    pkt->len = 0;
    p->iov[c->iov].iov_base = p->hole + p->npkt * PLAN_HOLE;
    p->iov[c->iov].iov_len = PLAN_HOLE;
    c->iov++;
    p->npkt++;
    c->room = RTP_PAYLOAD_MAX;
}

static void add_bytes(struct cutter *c, const uint8_t *data, size_t len)
{
    struct plan_packet *pkt = &c->p->pkt[c->p->npkt - 1];
    struct iovec *iov = &c->p->iov[c->iov++];

    iov->iov_base = (void *)(uintptr_t)data;
    iov->iov_len = len;
    pkt->niov++;
    pkt->len = (uint16_t)(pkt->len + len);
    c->room = pkt->niov == PLAN_PACKET_IOV_MAX ? 0 : c->room - len;
}

static void cut(struct plan *p)
{
    struct cutter c = { .p = p };

    p->npkt = 0;
    p->payload = p->pack.bytes;
    for (unsigned i = 0; i < p->pack.nslices; i++) {
        struct ps_slice s = p->pack.slice[i];
        /* Some receivers lose a PES whose header is cut by a packet border. */
        if (c.room > 0 && c.room < s.len && is_header(p, &s)) {
            c.room = 0;
        }
        while (s.len > 0) {
            if (c.room == 0) {
                open_packet(&c);
            }
            size_t n = s.len < c.room ? s.len : c.room;
            add_bytes(&c, s.data, n);
            s.data += n;
            s.len -= n;
        }
    }
    for (unsigned i = 0; i < p->npkt; i++) {
        p->msg[i].msg_hdr.msg_iov = p->iov + p->pkt[i].iov;
        p->msg[i].msg_hdr.msg_iovlen = p->pkt[i].niov;
    }
}

int plan_build(struct plan *p, const struct ps_program *prog, uint64_t pts, uint64_t dts)
{
    int err = ps_pack(&p->pack, prog, &p->unit, pts, dts);

    if (!err) {
        err = reserve(p);
    }
    if (!err) {
        cut(p);
    }
    return err;
}

void plan_free(struct plan *p)
{
    if (p) {
        free(p->pkt);
        free(p->msg);
        free(p->hole);
        free(p->iov);
        free(p);
    }
}

void plan_headers(struct plan *p, unsigned first, unsigned n, const struct rtp_out *out, bool framed)
{
    for (unsigned i = first; i < first + n; i++) {
        uint8_t *hole = p->hole + (size_t)i * PLAN_HOLE;
        struct iovec *iov = &p->iov[p->pkt[i].iov];
        unsigned len = RTP_HEADER + p->pkt[i].len;

        hole[0] = (uint8_t)(len >> 8);
        hole[1] = (uint8_t)len;
        rtp_header_write(hole + RTP_FRAME, out->pt, i + 1 == p->npkt, (uint16_t)(out->seq + (i - first)), out->ts,
                         out->ssrc);
        iov->iov_base = framed ? hole : hole + RTP_FRAME;
        iov->iov_len = framed ? PLAN_HOLE : RTP_HEADER;
    }
}
