/* SPDX-License-Identifier: MIT */
/* A unit as MPEG program stream over RTP: packet boundaries, and where the pack and PES headers go. */
#include <errno.h>

#include "media/packetizer_cut.h"

static int unit_bytes(const struct gb_unit *unit, size_t *out)
{
    size_t total = 0;

    if (unit->nseg > GB_UNIT_SEGMENTS_MAX)
        return -E2BIG;
    for (const struct gb_segment *s = unit->seg, *end = s + unit->nseg; s < end; s++) {
        if (s->len > GB_UNIT_BYTES_MAX - total)
            return -E2BIG;
        total += s->len;
    }
    *out = total;
    return total ? 0 : -EINVAL;
}

/* The bulk of a unit: full packets of one slice. Returns the rest of the data. */
static inline const uint8_t *cut_full(struct cutter *c, const uint8_t *data, const uint8_t *end)
{
    for (; (size_t)(end - data) >= RTP_PAYLOAD_MAX; data += RTP_PAYLOAD_MAX) {
        c->msg->msg_hdr.msg_iov = c->iov;
        c->msg->msg_hdr.msg_iovlen = 2;
        *c->iov++ = (struct iovec){ &c->header->head, RTP_HEADER };
        *c->iov++ = (struct iovec){ (void *)(uintptr_t)data, RTP_PAYLOAD_MAX };
        c->msg++;
        c->header++;
    }
    return data;
}

static inline void cut_bytes(struct cutter *c, struct packets *k, const uint8_t *data, size_t len)
{
    for (const uint8_t *end = data + len; data < end;) {
        if (c->room == 0) {
            data = cut_full(c, data, end);
            if (data == end)
                return;
            cutter_open(c, 0);
        }
        len = (size_t)(end - data) < c->room ? (size_t)(end - data) : c->room;
        cutter_add(c, k, data, len);
        data += len;
    }
}

/* The usual unit, one segment in one PES. If the previous one was plain, only addresses and the end change. */
static void cut_plain(struct packed_unit *p, struct packets *k, size_t total)
{
    const size_t bytes = p->head.len + total, first = RTP_PAYLOAD_MAX - p->head.len;
    const unsigned npkt = (unsigned)((bytes + RTP_PAYLOAD_MAX - 1u) / RTP_PAYLOAD_MAX);
    const uint8_t *data = p->unit.seg->data;
    struct iovec *iov = k->iov, *end = iov + 2u * npkt;
    uint32_t missing = (uint32_t)(npkt * RTP_PAYLOAD_MAX - bytes);

    packets_restore_framing(k);
    if (k->plain > 0)
        iov[2u * k->npkt].iov_len = RTP_PAYLOAD_MAX;
    if (k->plain < npkt)
        packets_lay_out(k, npkt);
    iov[1] = (struct iovec){ p->head.data, p->head.len };
    iov[2] = (struct iovec){ (void *)(uintptr_t)data, first };
    for (iov += 4, data += first; iov <= end; iov += 2, data += RTP_PAYLOAD_MAX)
        iov->iov_base = (void *)(uintptr_t)data;
    end->iov_len -= missing;
    k->header[npkt - 1].framing = packet_framing(RTP_PAYLOAD_MAX - missing);
    k->payload = bytes;
    k->npkt = npkt;
    k->run[0] = npkt;
    k->nruns = 1;
}

static void cut(struct packed_unit *p, struct packets *k, size_t rest)
{
    const struct gb_segment *s = p->unit.seg;
    struct cutter c = cutter_begin(k);
    size_t pes = p->head.payload, at = 0, n;

    cutter_open(&c, 0);
    cutter_add(&c, k, p->head.data, p->head.len);
    for (;;) {
        n = s->len - at < pes ? s->len - at : pes;
        if (n > 0)
            cut_bytes(&c, k, s->data + at, n);
        pes -= n;
        rest -= n;
        at += n;
        if (rest == 0)
            break;
        if (at == s->len) {
            s++;
            at = 0;
        }
        if (pes == 0) {
            if (c.room > 0)
                cutter_close(&c, k);
            pes = ps_continue(c.header->insert, p->unit.kind, rest);
            cutter_open(&c, PS_PES_HEAD);
        }
    }
    cutter_end(&c, k);
}

/* Upper bounds: a packet is full or ends at PACKET_IOV_MAX, at the end of a PES or at the end of the unit. Each adds
 * one iovec for its header and at most one for a divided slice. */
static int make_room(struct packets *k, size_t bytes, size_t nseg)
{
    size_t pes = bytes / (PS_PART - PS_PES_HEAD) + 2u;
    size_t npkt = (bytes + PS_HEAD_MAX + pes * PS_PES_HEAD) / RTP_PAYLOAD_MAX + pes + nseg / (PACKET_IOV_MAX - 2u) + 1u;
    int err = packets_reserve(k, npkt, 1u + nseg + pes + 2u * npkt);

    k->bytes_fit = err ? 0 : bytes;
    k->slices_fit = err ? 0 : nseg;
    return err;
}

int packetizer_build_ps(struct packed_unit *p, const struct ps_program *prog, uint64_t pts, uint64_t dts)
{
    struct packets *k = &p->packets[PACKET_PS];
    size_t total;
    int err = unit_bytes(&p->unit, &total);

    if (!err)
        err = ps_begin(&p->head, prog, &p->unit, total, pts, dts);
    if (!err && (total > k->bytes_fit || p->unit.nseg > k->slices_fit))
        err = make_room(k, total, p->unit.nseg);
    if (!err && p->unit.nseg == 1 && total == p->head.payload)
        cut_plain(p, k, total);
    else if (!err)
        cut(p, k, total);
    return err;
}
