/* SPDX-License-Identifier: MIT */
/* Header writers shared by ps.c and ps_program.c only. */
#ifndef CODEC_PS_PUT_H
#define CODEC_PS_PUT_H

#include <endian.h>
#include <string.h>

#include "codec/ps.h"

#define PS_MUX_RATE 250000u /* units of 50 bytes/s: an upper bound of 100 Mbit/s */

static inline uint8_t *put8(uint8_t *at, unsigned v)
{
    *at = (uint8_t)v;
    return at + 1;
}

static inline uint8_t *put16(uint8_t *at, unsigned v)
{
    uint16_t be = htobe16((uint16_t)v);

    memcpy(at, &be, sizeof(be));
    return at + sizeof(be);
}

static inline uint8_t *put32(uint8_t *at, uint32_t v)
{
    uint32_t be = htobe32(v);

    memcpy(at, &be, sizeof(be));
    return at + sizeof(be);
}

#define PS_CLOCK_MASK ((UINT64_C(1) << 33) - 1)
#define PS_SCR_LEAD   3600u /* 90 kHz: a pack arrives 40 ms before its decode time */
/* With audio, 400 ms: a unit may be late by less than that while the SCR still rises (2.5.3.4) and does not exceed the
 * decode time (2.5.2.3). The audio buffer in the system header holds that much up to 160 kbit/s. */
#define PS_SCR_LEAD_SOUND 36000u

/* ps_program.c: writes system header and PSM, returns the end. */
uint8_t *ps_put_program(uint8_t *at, const struct ps_program *prog);

#endif
