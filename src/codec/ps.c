/* SPDX-License-Identifier: MIT */
#include "codec/ps.h"

#include <endian.h>
#include <errno.h>
#include <stdbool.h>
#include <string.h>

#define CLOCK_MASK ((UINT64_C(1) << 33) - 1)
#define SCR_LEAD 3600u              /* 40 ms from the arrival of a pack to its decode time */
#define MUX_RATE 250000u            /* units of 50 bytes/s: 100 Mbit/s, an upper bound */
#define VIDEO_BUFFER 4096u          /* P-STD buffer, units of 1024 bytes */
#define AUDIO_BUFFER 64u            /* units of 128 bytes */

_Static_assert(PS_PES_PAYLOAD_MAX + 13u <= 0xFFFFu, "PES_packet_length has 16 bits");

struct writer {
    uint8_t *p;
};

static void put8(struct writer *w, unsigned v)
{
    *w->p++ = (uint8_t)v;
}

static void put16(struct writer *w, unsigned v)
{
    uint16_t be = htobe16((uint16_t)v);

    memcpy(w->p, &be, sizeof(be));
    w->p += sizeof(be);
}

static void put32(struct writer *w, uint32_t v)
{
    uint32_t be = htobe32(v);

    memcpy(w->p, &be, sizeof(be));
    w->p += sizeof(be);
}

uint8_t ps_stream_type(enum gb_codec codec)
{
    static const uint8_t type[] = {
        [GB_CODEC_H264] = 0x1B,  [GB_CODEC_H265] = 0x24, [GB_CODEC_G711A] = 0x90,
        [GB_CODEC_G711U] = 0x91, [GB_CODEC_AAC] = 0x0F,  [GB_CODEC_G7221] = 0x92,
    };

    return (unsigned)codec < sizeof(type) ? type[codec] : 0;
}

uint32_t ps_crc32(const uint8_t *data, size_t len)
{
    uint32_t crc = 0xFFFFFFFFu;

    /* Only PSMs of 24 bytes pass here, once a key unit: no table. */
    for (size_t i = 0; i < len; i++) {
        crc ^= (uint32_t)data[i] << 24;
        for (int bit = 0; bit < 8; bit++) {
            crc = crc & 0x80000000u ? crc << 1 ^ 0x04C11DB7u : crc << 1;
        }
    }
    return crc;
}

/* ISO 13818-1 2.5.3.3; the extension of the clock is 0. */
static void put_pack_header(struct writer *w, uint64_t scr)
{
    put32(w, 0x000001BAu);
    put32(w, 0x44000400u | (uint32_t)(scr >> 3 & 0x38000000u) | (uint32_t)(scr >> 4 & 0x03FFF800u) |
             (uint32_t)(scr >> 5 & 0x000003FFu));
    put16(w, 0x0401u | (unsigned)(scr << 11 & 0xF800u));
    put32(w, MUX_RATE << 10 | 0x000003F8u);
}

static unsigned program_streams(const struct ps_program *prog)
{
    return (prog->video != GB_CODEC_NONE) + (unsigned)(prog->audio != GB_CODEC_NONE);
}

/* 2.5.3.5 */
static void put_system_header(struct writer *w, const struct ps_program *prog)
{
    unsigned video = prog->video != GB_CODEC_NONE, audio = prog->audio != GB_CODEC_NONE;

    put32(w, 0x000001BBu);
    put16(w, 6u + 3u * program_streams(prog));
    put8(w, 0x80u | MUX_RATE >> 15);
    put8(w, MUX_RATE >> 7 & 0xFFu);
    put8(w, (MUX_RATE << 1 & 0xFEu) | 0x01u);
    put8(w, audio << 2);
    put8(w, 0xE0u | video);
    put8(w, 0x7Fu);
    if (video) {
        put8(w, PS_STREAM_VIDEO);
        put16(w, 0xE000u | VIDEO_BUFFER);
    }
    if (audio) {
        put8(w, PS_STREAM_AUDIO);
        put16(w, 0xC000u | AUDIO_BUFFER);
    }
}

/* 2.5.4 */
static void put_stream_map(struct writer *w, const struct ps_program *prog)
{
    const uint8_t *begin = w->p;
    unsigned n = program_streams(prog);

    put32(w, 0x000001BCu);
    put16(w, 10u + 4u * n);
    put8(w, 0xE0u | (prog->version & 0x1Fu));       /* current */
    put8(w, 0xFFu);
    put16(w, 0);
    put16(w, 4u * n);
    if (prog->video != GB_CODEC_NONE) {
        put8(w, ps_stream_type(prog->video));
        put8(w, PS_STREAM_VIDEO);
        put16(w, 0);
    }
    if (prog->audio != GB_CODEC_NONE) {
        put8(w, ps_stream_type(prog->audio));
        put8(w, PS_STREAM_AUDIO);
        put16(w, 0);
    }
    put32(w, ps_crc32(begin, (size_t)(w->p - begin)));
}

static void put_timestamp(struct writer *w, unsigned tag, uint64_t t)
{
    put8(w, tag << 4 | (unsigned)(t >> 29 & 0x0Eu) | 1u);
    put16(w, (unsigned)(t >> 14 & 0xFFFEu) | 1u);
    put16(w, (unsigned)(t << 1 & 0xFFFEu) | 1u);
}

struct pes {
    unsigned stream_id;
    bool first, with_dts;
    uint64_t pts, dts;
};

/* 2.4.3.6; payload <= PS_PES_PAYLOAD_MAX */
static void put_pes_header(struct writer *w, const struct pes *pes, size_t payload)
{
    unsigned extra = !pes->first ? 0 : pes->with_dts ? 10 : 5;

    put32(w, 0x00000100u | pes->stream_id);
    put16(w, (unsigned)(3u + extra + payload));
    put8(w, pes->first ? 0x84u : 0x80u);    /* data_alignment_indicator */
    put8(w, !pes->first ? 0x00u : pes->with_dts ? 0xC0u : 0x80u);
    put8(w, extra);
    if (pes->first) {
        put_timestamp(w, pes->with_dts ? 3 : 2, pes->pts);
        if (pes->with_dts) {
            put_timestamp(w, 1, pes->dts);
        }
    }
}

static void add_slice(struct ps_pack *p, const uint8_t *data, size_t len)
{
    p->slice[p->nslices].data = data;
    p->slice[p->nslices].len = len;
    p->nslices++;
    p->bytes += len;
}

static int unit_bytes(const struct gb_unit *unit, size_t *out)
{
    size_t total = 0;

    if (unit->nseg > GB_UNIT_SEGMENTS_MAX) {
        return -E2BIG;
    }
    for (unsigned i = 0; i < unit->nseg; i++) {
        if (unit->seg[i].len > GB_UNIT_BYTES_MAX - total) {
            return -E2BIG;
        }
        total += unit->seg[i].len;
    }
    *out = total;
    return total ? 0 : -EINVAL;
}

/* The segments between the PES headers. `w` stands behind what precedes the first PES. */
static void add_pes(struct ps_pack *p, struct writer *w, struct pes *pes, const struct gb_unit *unit, size_t total)
{
    uint8_t *slice_begin = p->header;
    unsigned seg = 0;
    size_t seg_at = 0;

    while (total > 0) {
        size_t payload = total < PS_PES_PAYLOAD_MAX ? total : PS_PES_PAYLOAD_MAX;
        put_pes_header(w, pes, payload);
        add_slice(p, slice_begin, (size_t)(w->p - slice_begin));
        slice_begin = w->p;
        total -= payload;
        while (payload > 0) {
            size_t n = unit->seg[seg].len - seg_at;
            n = n < payload ? n : payload;
            if (n > 0) {
                add_slice(p, unit->seg[seg].data + seg_at, n);
            }
            payload -= n;
            seg_at += n;
            if (seg_at == unit->seg[seg].len) {
                seg++;
                seg_at = 0;
            }
        }
        pes->first = false;
    }
}

/* Receivers read 0 as "no PTS". */
static uint64_t clock33(uint64_t t)
{
    t &= CLOCK_MASK;
    return t ? t : 1;
}

int ps_pack(struct ps_pack *p, const struct ps_program *prog, const struct gb_unit *unit, uint64_t pts, uint64_t dts)
{
    bool video = unit->kind == GB_VIDEO;
    enum gb_codec codec = video ? prog->video : prog->audio;
    struct pes pes = { .stream_id = video ? PS_STREAM_VIDEO : PS_STREAM_AUDIO, .first = true };
    struct writer w = { p->header };
    size_t total;
    int err;

    p->nslices = 0;
    p->bytes = 0;
    if (codec == GB_CODEC_NONE || unit->codec != codec || ps_stream_type(codec) == 0) {
        return -EINVAL;
    }
    err = unit_bytes(unit, &total);
    if (err) {
        return err;
    }
    pes.pts = clock33(pts);
    pes.dts = clock33(dts);
    pes.with_dts = pes.pts != pes.dts;
    p->scr = (pes.dts - SCR_LEAD) & CLOCK_MASK;
    if (prog->begun && ((prog->scr - p->scr) & CLOCK_MASK) < SCR_LEAD) {
        p->scr = (prog->scr + 1) & CLOCK_MASK;
    }
    put_pack_header(&w, p->scr);
    if (video && unit->key) {
        put_system_header(&w, prog);
        put_stream_map(&w, prog);
    }
    add_pes(p, &w, &pes, unit, total);
    return 0;
}
