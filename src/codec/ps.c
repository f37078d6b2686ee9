/* SPDX-License-Identifier: MIT */
#include "codec/ps.h"

#include <errno.h>
#include <stdbool.h>

#include "codec/ps_put.h"

_Static_assert(PS_PART - 6u <= 0xFFFFu, "PES_packet_length has 16 bits");

/* ISO 13818-1 2.5.3.3, with a clock extension of 0 */
static inline uint8_t *put_pack_header(uint8_t *at, uint64_t scr)
{
    uint32_t low = (uint32_t)scr, bit32 = (uint32_t)(scr >> 32);

    at = put32(at, 0x000001BAu);
    at = put32(at,
               0x44000400u | bit32 << 29 | (low >> 3 & 0x18000000u) | (low >> 4 & 0x03FFF800u) | (low >> 5 & 0x3FFu));
    at = put16(at, 0x0401u | (low << 11 & 0xF800u));
    return put32(at, PS_MUX_RATE << 10 | 0x000003F8u);
}

/* 2.4.3.7 */
static inline uint8_t *put_timestamp(uint8_t *at, unsigned tag, uint64_t t)
{
    uint32_t low = (uint32_t)t;

    at = put8(at, tag << 4 | (unsigned)(t >> 29 & 0x0Eu) | 1u);
    return put32(at, (low << 2 & 0xFFFE0000u) | (low << 1 & 0xFFFEu) | 0x10001u);
}

static inline unsigned stream_id(enum gb_kind kind)
{
    return kind == GB_VIDEO ? PS_STREAM_VIDEO : PS_STREAM_AUDIO;
}

/* Some receivers read 0 as "no PTS". */
static inline uint64_t clock33(uint64_t t)
{
    t &= PS_CLOCK_MASK;
    return t ? t : 1;
}

int ps_begin(struct ps_head *h, const struct ps_program *prog, const struct gb_unit *unit, size_t total, uint64_t pts,
             uint64_t dts)
{
    enum gb_codec codec = unit->kind == GB_VIDEO ? prog->video : prog->audio;
    bool with_dts;
    unsigned extra, lead;
    size_t room;
    uint8_t *at = h->data;

    if (codec == GB_CODEC_NONE || unit->codec != codec || ps_stream_type(codec) == 0)
        return -EINVAL;
    pts = clock33(pts);
    dts = clock33(dts);
    with_dts = pts != dts;
    extra = with_dts ? 10 : 5;
    lead = prog->audio == GB_CODEC_NONE ? PS_SCR_LEAD : PS_SCR_LEAD_SOUND;
    h->scr = (dts - lead) & PS_CLOCK_MASK;
    if (prog->begun && ((prog->scr - h->scr) & PS_CLOCK_MASK) < lead)
        h->scr = (prog->scr + 1) & PS_CLOCK_MASK;
    at = put_pack_header(at, h->scr);
    if (unit->kind == GB_VIDEO && unit->key)
        at = ps_put_program(at, prog);
    h->len = (unsigned)(at - h->data) + PS_PES_HEAD + extra;
    room = PS_PART - h->len;
    h->payload = total < room ? total : room;
    at = put32(at, 0x00000100u | stream_id(unit->kind));                                        /* 2.4.3.6 */
    at = put32(at, (uint32_t)(3u + extra + h->payload) << 16 | (with_dts ? 0x84C0u : 0x8480u)); /* data_alignment */
    at = put8(at, extra);
    at = put_timestamp(at, with_dts ? 3 : 2, pts);
    if (with_dts)
        put_timestamp(at, 1, dts);
    return 0;
}

void ps_sent(struct ps_program *prog, const struct ps_head *h)
{
    prog->begun = true;
    prog->scr = h->scr;
}

size_t ps_continue(uint8_t *at, enum gb_kind kind, size_t rest)
{
    size_t payload = rest < PS_PART - PS_PES_HEAD ? rest : PS_PART - PS_PES_HEAD;

    at = put32(at, 0x00000100u | stream_id(kind));
    at = put32(at, (uint32_t)(3u + payload) << 16 | 0x8000u);
    put8(at, 0);
    return payload;
}
