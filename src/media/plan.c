/* SPDX-License-Identifier: MIT */
#include "media/plan.h"

#include <errno.h>
#include <stdbool.h>

#include "media/plan_cut.h"

_Static_assert(sizeof(struct plan_hole) == 32 && sizeof(((struct plan_hole *)0)->insert) >= PS_PES_HEAD,
               "a hole is what stands on the wire");

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
    for (; (size_t)(end - data) >= RTP_PAYLOAD_MAX; data += RTP_PAYLOAD_MAX) {
        c->msg->msg_hdr.msg_iov = c->iov;
        c->msg->msg_hdr.msg_iovlen = 2;
        *c->iov++ = (struct iovec){ &c->hole->head, RTP_HEADER };
        *c->iov++ = (struct iovec){ (void *)(uintptr_t)data, RTP_PAYLOAD_MAX };
        c->msg++;
        c->hole++;
    }
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

/* The usual unit, one slice in one PES. After another such one only addresses and the end differ. */
static void cut_plain(struct plan *p, struct packets *k, size_t total)
{
    const size_t bytes = p->head.len + total, first = RTP_PAYLOAD_MAX - p->head.len;
    const unsigned npkt = (unsigned)((bytes + RTP_PAYLOAD_MAX - 1u) / RTP_PAYLOAD_MAX);
    const uint8_t *data = p->unit.seg->data;
    struct iovec *iov = k->iov, *end = iov + 2u * npkt;
    uint32_t missing = (uint32_t)(npkt * RTP_PAYLOAD_MAX - bytes);

    plan_restore_fronts(k);
    if (k->plain > 0) {
        iov[2u * k->npkt].iov_len = RTP_PAYLOAD_MAX;
    }
    if (k->plain < npkt) {
        plan_lay(k, npkt);
    }
    iov[1] = (struct iovec){ p->head.data, p->head.len };
    iov[2] = (struct iovec){ (void *)(uintptr_t)data, first };
    for (iov += 4, data += first; iov <= end; iov += 2, data += RTP_PAYLOAD_MAX) {
        iov->iov_base = (void *)(uintptr_t)data;
    }
    end->iov_len -= missing;
    k->hole[npkt - 1].front = plan_front(RTP_PAYLOAD_MAX - missing);
    k->payload = bytes;
    k->npkt = npkt;
    k->run[0] = npkt;
    k->nruns = 1;
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
        err = plan_make_room(k, total, p->unit.nseg);
    }
    if (!err && p->unit.nseg == 1 && total == p->head.payload) {
        cut_plain(p, k, total);
    } else if (!err) {
        cut(p, k, total);
    }
    return err;
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
        plan_show_front(k, front);
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
