/* SPDX-License-Identifier: MIT */
#include "shell/plan.h"

#include <errno.h>
#include <stdlib.h>

#include "shell/plan_cut.h"

_Static_assert(sizeof(struct plan_hole) == 32 && sizeof(((struct plan_hole *)0)->insert) >= PS_PES_HEAD,
               "a hole is what stands on the wire");

/* ---- memory -------------------------------------------------------------------------------------------------- */

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
        for (size_t i = 0; i < npkt; i++) {
            k->hole[i].front = plan_front(RTP_PAYLOAD_MAX);
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
static int make_room(struct packets *k, size_t bytes, size_t nseg)
{
    size_t pes = bytes / (PS_PART - PS_PES_HEAD) + 2u;
    size_t npkt = (bytes + PS_HEAD_MAX + pes * PS_PES_HEAD) / RTP_PAYLOAD_MAX + pes + nseg / (PLAN_PACKET_IOV_MAX - 2u) + 1u;
    int err = plan_reserve(k, npkt, 1u + nseg + pes + 2u * npkt);

    k->bytes_fit = err ? 0 : bytes;
    k->slices_fit = err ? 0 : nseg;
    return err;
}

/* ---- PS ------------------------------------------------------------------------------------------------------ */

static int unit_bytes(const struct gb_unit *unit, size_t *out)
{
    size_t total = 0;

    if (unit->nseg > GB_UNIT_SEGMENTS_MAX) {
        return -E2BIG;
    }
    for (const struct gb_segment *s = unit->seg, *end = s + unit->nseg; s < end; s++) {
        if (s->len > GB_UNIT_BYTES_MAX - total) {
            return -E2BIG;
        }
        total += s->len;
    }
    *out = total;
    return total ? 0 : -EINVAL;
}

/* The bulk of a unit: full packets of one slice. Returns where the data goes on. */
static inline const uint8_t *cut_full(struct cutter *c, const uint8_t *data, const uint8_t *end)
{
    size_t n = (size_t)(end - data) / RTP_PAYLOAD_MAX;
    struct plan_hole *hole = c->hole;
    struct mmsghdr *msg = c->msg;
    struct iovec *iov = c->iov;

    for (struct plan_hole *stop = hole + n; hole < stop; hole++, msg++, iov += 2, data += RTP_PAYLOAD_MAX) {
        msg->msg_hdr.msg_iov = iov;
        msg->msg_hdr.msg_iovlen = 2;
        iov[0].iov_base = &hole->head;
        iov[0].iov_len = RTP_HEADER;
        iov[1].iov_base = (void *)(uintptr_t)data;
        iov[1].iov_len = RTP_PAYLOAD_MAX;
    }
    c->hole = hole;
    c->msg = msg;
    c->iov = iov;
    return data;
}

static inline void cut_bytes(struct cutter *c, struct packets *k, const uint8_t *data, size_t len)
{
    for (const uint8_t *end = data + len; data < end;) {
        if (c->room == 0) {
            data = cut_full(c, data, end);
            if (data == end) {
                return;
            }
            plan_open(c, 0);
        }
        len = (size_t)(end - data) < c->room ? (size_t)(end - data) : c->room;
        plan_add(c, k, data, len);
        data += len;
    }
}

static void cut(struct plan *p, struct packets *k, size_t rest)
{
    const struct gb_segment *s = p->unit.seg;
    struct cutter c = plan_cut_begin(k);
    size_t pes = p->head.payload, at = 0, n;

    plan_open(&c, 0);
    plan_add(&c, k, p->head.data, p->head.len);
    for (;;) {
        n = s->len - at < pes ? s->len - at : pes;
        if (n > 0) {
            cut_bytes(&c, k, s->data + at, n);
        }
        pes -= n;
        rest -= n;
        at += n;
        if (rest == 0) {
            break;
        }
        if (at == s->len) {
            s++;
            at = 0;
        }
        if (pes == 0) {
            if (c.room > 0) {
                plan_close(&c, k);
            }
            pes = ps_continue(c.hole->insert, p->unit.kind, rest);
            plan_open(&c, PS_PES_HEAD);
        }
    }
    plan_cut_end(&c, k);
}

int plan_build(struct plan *p, const struct ps_program *prog, uint64_t pts, uint64_t dts)
{
    struct packets *k = &p->packets[PLAN_PS];
    size_t total;
    int err = unit_bytes(&p->unit, &total);

    if (!err) {
        err = ps_begin(&p->head, prog, &p->unit, total, pts, dts);
    }
    if (!err && (total > k->bytes_fit || p->unit.nseg > k->slices_fit)) {
        err = make_room(k, total, p->unit.nseg);
    }
    if (!err) {
        cut(p, k, total);
    }
    return err;
}

/* ---- headers -------------------------------------------------------------------------------------------------- */

static void show_front(struct packets *k, unsigned front)
{
    for (unsigned i = 0; i < k->npkt; i++) {
        struct iovec *iov = k->msg[i].msg_hdr.msg_iov;
        iov->iov_base = (uint8_t *)iov->iov_base + k->front - front;
        iov->iov_len = iov->iov_len + front - k->front;
    }
    k->front = front;
}

/* x */
static inline struct plan_hole *put_headers(struct plan_hole *at, unsigned n, uint32_t head, uint64_t clock)
{
    const uint32_t step = htobe32(1);

    for (; n >= 4; n -= 4, at += 4, head += 4 * step) {
        at[0].head = head;
        at[0].clock = clock;
        at[1].head = head + step;
        at[1].clock = clock;
        at[2].head = head + 2 * step;
        at[2].clock = clock;
        at[3].head = head + 3 * step;
        at[3].clock = clock;
    }
    for (; n > 0; n--, at++, head += step) {
        at->head = head;
        at->clock = clock;
    }
    return at;
}

void plan_headers(struct packets *k, unsigned first, unsigned n, const struct rtp_out *out, unsigned front)
{
    const uint32_t fixed = 0x80000000u | (uint32_t)out->pt << 16;
    const uint64_t clock = htobe64((uint64_t)out->ts << 32 | out->ssrc);
    struct plan_hole *at = k->hole + first, *end = at + n;
    unsigned seq = out->seq;

    if (front != k->front) {
        show_front(k, front);
    }
    while (at < end) {
        /* Until the lower byte of the sequence wraps, the next one is an addition away in any byte order. */
        unsigned left = (unsigned)(end - at), run = 0x100u - (seq & 0xFFu);
        run = left < run ? left : run;
        at = put_headers(at, run, htobe32(fixed | (seq & 0xFFFFu)), clock);
        seq += run;
    }
    if (first + n == k->npkt) {
        at[-1].head |= htobe32(0x00800000u);        /* marker */
    }
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
