/* SPDX-License-Identifier: MIT */
#include "shell/plan.h"

#include <endian.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "shell/plan_priv.h"

static void free_packets(struct packets *k)
{
    free(k->pkt);
    free(k->run);
    free(k->msg);
    free(k->hole);
    k->pkt = NULL;
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
        k->pkt = calloc(npkt, sizeof(*k->pkt));
        k->run = calloc(npkt, sizeof(*k->run));
        k->msg = calloc(npkt, sizeof(*k->msg));
        k->hole = calloc(npkt, PLAN_HOLE);
        if (!k->pkt || !k->run || !k->msg || !k->hole) {
            free_packets(k);
            return -ENOMEM;
        }
        k->pkt_cap = npkt;
        k->nruns = 0;
        for (size_t i = 0; i < npkt; i++) {
            plan_put_front(k->hole + i * PLAN_HOLE, RTP_PAYLOAD_MAX);
        }
    }
    if (niov > k->iov_cap) {
        free(k->iov);
        niov += niov / 4;
        k->iov = calloc(niov, sizeof(*k->iov));
        k->iov_cap = k->iov ? niov : 0;
    }
    return k->iov ? 0 : -ENOMEM;
}

/* ---- cutting ------------------------------------------------------------------------------------------------ */

void plan_restore_holes(struct packets *k)
{
    for (unsigned i = 0; i < k->nruns; i++) {
        plan_put_front(k->hole + (size_t)(k->run[i] - 1) * PLAN_HOLE, RTP_PAYLOAD_MAX);
    }
    k->nruns = 0;
}

/* The bulk of a unit: full packets of one slice, no more than the open run has room for. Returns the bytes taken. */
static inline size_t add_full(struct cutter *c, const uint8_t *data, size_t len)
{
    size_t n = len / RTP_PAYLOAD_MAX, room = plan_run_room(c);
    uint32_t iov = (uint32_t)(c->iov - c->k->iov);

    n = n < room ? n : room;
    for (const struct plan_packet *end = c->pkt + n; c->pkt < end; plan_next_packet(c)) {
        *c->pkt = (struct plan_packet){ .iov = iov, .at = c->at, .niov = 2, .len = RTP_PAYLOAD_MAX };
        c->iov[0] = (struct iovec){ c->hole + PLAN_FRONT, RTP_HEADER };
        c->iov[1] = (struct iovec){ (void *)(uintptr_t)data, RTP_PAYLOAD_MAX };
        c->msg->msg_hdr.msg_iov = c->iov;
        c->msg->msg_hdr.msg_iovlen = 2;
        iov += 2;
        c->iov += 2;
        c->at += RTP_PAYLOAD_MAX;
        data += RTP_PAYLOAD_MAX;
    }
    return n * RTP_PAYLOAD_MAX;
}

/* ---- PS ------------------------------------------------------------------------------------------------------ */

static bool is_header(const struct plan *p, const uint8_t *data)
{
    return (uintptr_t)data - (uintptr_t)p->pack.header < sizeof(p->pack.header);
}

static void cut(struct plan *p, struct packets *k)
{
    struct cutter c;

    plan_cut_begin(&c, k);
    for (const struct ps_slice *s = p->pack.slice, *end = s + p->pack.nslices; s < end; s++) {
        const uint8_t *data = s->data;
        size_t len = s->len;
        /* Some receivers lose a PES whose header is cut by a packet border. */
        if (c.open && c.room < len && is_header(p, data)) {
            plan_close_packet(&c);
        }
        while (len > 0) {
            size_t n;
            if (!c.open && len >= RTP_PAYLOAD_MAX) {
                n = add_full(&c, data, len);
            } else {
                if (!c.open) {
                    plan_open_packet(&c, 0);
                }
                n = len < c.room ? len : c.room;
                plan_add_bytes(&c, data, n);
            }
            data += n;
            len -= n;
        }
    }
    plan_cut_end(&c);
}

int plan_build(struct plan *p, const struct ps_program *prog, uint64_t pts, uint64_t dts)
{
    struct packets *k = &p->packets[PLAN_PS];
    int err = ps_pack(&p->pack, prog, &p->unit, pts, dts);

    if (!err && (p->pack.bytes > k->bytes_fit || p->pack.nslices > k->slices_fit)) {
        /* Upper bounds: a packet ends at RTP_PAYLOAD_MAX, before a PES header that would be cut, or at
         * PLAN_PACKET_IOV_MAX; each packet adds a hole and at most one cut of a slice. */
        size_t npkt = p->pack.bytes / RTP_PAYLOAD_MAX + 2u + p->pack.bytes / PS_PES_PAYLOAD_MAX + 1u +
                      p->pack.nslices / (PLAN_PACKET_IOV_MAX - 2u);
        k->bytes_fit = 0;
        err = plan_reserve(k, npkt, p->pack.nslices + 2u * npkt);
        if (!err) {
            k->bytes_fit = p->pack.bytes;
            k->slices_fit = p->pack.nslices;
        }
    }
    if (!err) {
        cut(p, k);
    }
    return err;
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

/* ---- headers -------------------------------------------------------------------------------------------------- */

static void show_front(struct packets *k, unsigned front)
{
    for (unsigned i = 0; i < k->npkt; i++) {
        struct iovec *iov = &k->iov[k->pkt[i].iov];
        iov->iov_base = (uint8_t *)iov->iov_base + k->front - front;
        iov->iov_len = iov->iov_len + front - k->front;
    }
    k->front = front;
}

static inline uint8_t *put_header(uint8_t *at, uint32_t word, uint64_t rest)
{
    uint32_t be = htobe32(word);

    memcpy(at, &be, sizeof(be));
    memcpy(at + sizeof(be), &rest, sizeof(rest));
    return at + PLAN_HOLE;
}

/* n headers; the sequence, in the lower half of the word, does not wrap among them. */
static uint8_t *put_headers(uint8_t *at, unsigned n, uint32_t word, uint64_t rest)
{
    for (; n >= 4; n -= 4, word += 4) {
        at = put_header(at, word, rest);
        at = put_header(at, word + 1, rest);
        at = put_header(at, word + 2, rest);
        at = put_header(at, word + 3, rest);
    }
    for (; n > 0; n--) {
        at = put_header(at, word++, rest);
    }
    return at;
}

void plan_headers(struct packets *k, unsigned first, unsigned n, const struct rtp_out *out, unsigned front)
{
    uint8_t *at = k->hole + (size_t)first * PLAN_HOLE + PLAN_FRONT;
    const uint32_t head = 0x80000000u | (uint32_t)out->pt << 16;
    const uint64_t rest = htobe64((uint64_t)out->ts << 32 | out->ssrc);
    unsigned run = 0x10000u - out->seq;

    if (front != k->front) {
        show_front(k, front);
    }
    run = n < run ? n : run;
    at = put_headers(at, run, head | out->seq, rest);
    if (n > run) {
        at = put_headers(at, n - run, head, rest);
    }
    if (first + n == k->npkt) {
        at[1 - (ptrdiff_t)PLAN_HOLE] |= 0x80;      /* marker */
    }
}
