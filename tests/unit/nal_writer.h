/* SPDX-License-Identifier: MIT */
/* Writes NAL units bit by bit, by the syntax of H.264 7.3 and H.265 7.3, into `file`. Include it once per program. */
#ifndef TESTS_UNIT_NAL_WRITER_H
#define TESTS_UNIT_NAL_WRITER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

static uint8_t file[1 << 18];
static size_t file_len;
static unsigned bit_at;

static inline void put_bits(unsigned n, unsigned value)
{
    while (n-- > 0) {
        if (bit_at == 0)
            file[file_len++] = 0;
        file[file_len - 1] |= (uint8_t)((value >> n & 1u) << (7 - bit_at));
        bit_at = (bit_at + 1) % 8;
    }
}

static inline void put_ue(unsigned v)
{
    unsigned bits = 0;

    while ((v + 1) >> (bits + 1))
        bits++;
    put_bits(bits, 0);
    put_bits(bits + 1, v + 1);
}

static inline void nal_begin(unsigned header, unsigned bytes)
{
    memcpy(file + file_len, "\0\0\0\1", 4);
    file_len += 4;
    bit_at = 0;
    put_bits(8 * bytes, header);
}

static inline void nal_finish(void)
{
    put_bits(1, 1);
    bit_at = 0;
}

/* For SPS 0; redundant: slices have redundant_pic_cnt. */
static inline void put_pps_h264(unsigned id, bool redundant)
{
    nal_begin(0x68, 1);
    put_ue(id);
    put_ue(0);
    put_bits(2, 0);
    put_ue(0); /* one slice group */
    put_ue(0);
    put_ue(0);
    put_bits(3, 0);
    put_ue(0);
    put_ue(0);
    put_ue(0);
    put_bits(2, 0);
    put_bits(1, redundant);
    nal_finish();
}

/* Main profile, one macroblock wide, two high, frames and fields; frame_num and pic_order_cnt_lsb of 4 and 6 bits. */
static inline void put_sps_fields(void)
{
    nal_begin(0x67, 1);
    put_bits(24, 0x4D001E);
    put_ue(0);
    put_ue(0);
    put_ue(0);
    put_ue(2);
    put_ue(4);
    put_bits(1, 0);
    put_ue(0);
    put_ue(0);
    put_bits(1, 0); /* fields allowed, */
    put_bits(1, 0); /* but no field macroblocks in frames */
    put_bits(1, 1);
    put_bits(2, 0);
    nal_finish();
}

enum { FRAME, TOP, BOTTOM };

/* A slice of I_PCM macroblocks (7.3.5: mb_type 25), which decoders accept: one in a field, two in a frame. */
static inline void put_pcm_slice(unsigned header, unsigned pps, unsigned structure, unsigned frame_num, unsigned lsb,
                                 unsigned grey)
{
    const bool idr = (header & 31) == 5;

    nal_begin(header, 1);
    put_ue(0);
    put_ue(7);
    put_ue(pps);
    put_bits(4, frame_num);
    put_bits(1, structure != FRAME);
    if (structure != FRAME)
        put_bits(1, structure == BOTTOM);
    if (idr)
        put_ue(0);
    put_bits(6, lsb);
    if (header & 0x60)
        put_bits(idr ? 2 : 1, 0);
    put_ue(0);
    for (unsigned mb = 0; mb < (structure == FRAME ? 2 : 1); mb++) {
        put_ue(25);
        bit_at = 0;
        for (unsigned i = 0; i < 384; i++)
            put_bits(8, grey);
    }
    nal_finish();
}

#endif
