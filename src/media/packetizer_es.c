/* SPDX-License-Identifier: MIT */
/* Elementary streams over RTP: H.264 (RFC 6184, packetization mode 1) and H.265 (RFC 7798), without aggregation. Start
 * codes are omitted; only FU headers are copied. */
#include <errno.h>
#include <stdlib.h>

#include "codec/nal.h"
#include "media/packetizer_cut.h"

#define FU_H264  28u
#define FU_H265  49u
#define FU_START 0x80u
#define FU_END   0x40u

struct place {
    unsigned seg;
    size_t at;
};

struct packed_nal {
    struct place begin; /* after the start code */
    size_t len;         /* without trailing zero bytes */
};

struct nals {
    const struct gb_unit *unit;
    struct packed_nal *nal;
    unsigned count;
    struct place open;
    bool is_open;
};

/* Bytes between `from` and (seg, at), which does not precede it. */
static size_t distance(const struct gb_unit *u, struct place from, unsigned seg, size_t at)
{
    size_t n = at;

    for (unsigned i = from.seg; i < seg; i++)
        n += u->seg[i].len;
    return n - from.at;
}

/* Ends the open NAL unit before (seg, at). Its trailing zero bytes belong to the next start code. */
static int close_nal(struct nals *w, unsigned seg, size_t at)
{
    const struct gb_unit *u = w->unit;
    size_t len;

    if (!w->is_open)
        return 0;
    w->is_open = false;
    len = distance(u, w->open, seg, at);
    while (len > 0) {
        if (at == 0) {
            at = u->seg[--seg].len;
            continue;
        }
        if (u->seg[seg].data[at - 1] != 0)
            break;
        at--;
        len--;
    }
    if (len <= (u->codec == GB_CODEC_H265 ? 2u : 1u))
        return 0;
    if (w->count == PACKED_NALS_MAX)
        return -E2BIG;
    w->nal[w->count++] = (struct packed_nal){ .begin = w->open, .len = len };
    return 0;
}

/* A start code never spans two segments (gbagent/board.h). */
static int find_nals(struct nals *w)
{
    const struct gb_unit *u = w->unit;
    int err = 0;

    for (unsigned i = 0; i < u->nseg && !err; i++) {
        size_t len = u->seg[i].len, at = nal_start(u->seg[i].data, len, 0);
        while (at < len && !err) {
            err = close_nal(w, i, at);
            w->open = (struct place){ i, at + 3 };
            w->is_open = true;
            at = nal_start(u->seg[i].data, len, at + 3);
        }
    }
    return err ? err : close_nal(w, u->nseg - 1, u->seg[u->nseg - 1].len);
}

static uint8_t next_byte(const struct gb_unit *u, struct place *p)
{
    while (p->at == u->seg[p->seg].len) {
        p->seg++;
        p->at = 0;
    }
    return u->seg[p->seg].data[p->at++];
}

/* Adds up to `len` bytes to the open packet. Returns how many fitted. */
static size_t fill(struct cutter *c, struct packets *k, const struct gb_unit *u, struct place *p, size_t len)
{
    size_t done = 0;

    while (done < len && c->room > 0) {
        size_t n = u->seg[p->seg].len - p->at;
        if (n == 0) {
            p->seg++;
            p->at = 0;
            continue;
        }
        n = n < len - done ? n : len - done;
        n = n < c->room ? n : c->room;
        cutter_add(c, k, u->seg[p->seg].data + p->at, n);
        p->at += n;
        done += n;
    }
    return done;
}

static void put_fragments(struct cutter *c, struct packets *k, const struct gb_unit *u, struct packed_nal nal)
{
    bool h265 = u->codec == GB_CODEC_H265;
    uint8_t head[2] = { next_byte(u, &nal.begin), 0 }, type = head[0] & 0x1Fu, *fu = NULL;
    unsigned flag = FU_START;

    nal.len--;
    if (h265) {
        type = head[0] >> 1 & 0x3Fu;
        head[1] = next_byte(u, &nal.begin);
        nal.len--;
    }
    while (nal.len > 0) {
        fu = c->header->insert;
        cutter_open(c, h265 ? 3 : 2);
        fu[0] = (uint8_t)(h265 ? (head[0] & 0x81u) | FU_H265 << 1 : (head[0] & 0xE0u) | FU_H264);
        if (h265)
            *++fu = head[1];
        *++fu = (uint8_t)(flag | type);
        flag = 0;
        nal.len -= fill(c, k, u, &nal.begin, nal.len);
    }
    if (c->room > 0)
        cutter_close(c, k);
    *fu |= FU_END;
}

/* Number of segments that a NAL unit spans, counted up to PACKET_IOV_MAX. */
static unsigned slices(const struct gb_unit *u, const struct packed_nal *nal)
{
    size_t got = u->seg[nal->begin.seg].len - nal->begin.at;
    unsigned n = 1;

    while (got < nal->len && n < PACKET_IOV_MAX)
        got += u->seg[nal->begin.seg + n++].len;
    return n;
}

int packetizer_build_es(struct packed_unit *p)
{
    const struct gb_unit *u = &p->unit;
    struct packets *k = &p->packets[PACKET_ES];
    struct nals w = { .unit = u };
    struct cutter c;
    size_t npkt = 0, bytes = 0;
    int err;

    if (u->kind != GB_VIDEO || (u->codec != GB_CODEC_H264 && u->codec != GB_CODEC_H265) || u->nseg == 0)
        return -EINVAL;
    if (u->nseg > GB_UNIT_SEGMENTS_MAX)
        return -E2BIG;
    if (!p->nal)
        p->nal = calloc(PACKED_NALS_MAX, sizeof(*p->nal));
    w.nal = p->nal;
    if (!w.nal)
        return -ENOMEM;
    err = find_nals(&w);
    if (err || w.count == 0)
        return err ? err : -EINVAL;
    for (unsigned i = 0; i < w.count; i++) {
        bytes += w.nal[i].len;
        npkt += w.nal[i].len / (RTP_PAYLOAD_MAX - 3u) + 1u;
    }
    if (bytes > GB_UNIT_BYTES_MAX)
        return -E2BIG;
    npkt += u->nseg / (PACKET_IOV_MAX - 2u) + 1u;
    err = packets_reserve(k, npkt, u->nseg + 3u * npkt);
    if (err)
        return err;
    c = cutter_begin(k);
    for (unsigned i = 0; i < w.count; i++) {
        if (w.nal[i].len <= RTP_PAYLOAD_MAX && slices(u, &w.nal[i]) < PACKET_IOV_MAX) {
            cutter_open(&c, 0);
            (void)fill(&c, k, u, &w.nal[i].begin, w.nal[i].len);
            if (c.room > 0)
                cutter_close(&c, k);
        } else {
            put_fragments(&c, k, u, w.nal[i]);
        }
    }
    cutter_end(&c, k);
    return 0;
}
