/* SPDX-License-Identifier: MIT */
/* Writing headers, for ps.c and ps_program.c. Nobody else includes this. */
#ifndef CODEC_PS_PUT_H
#define CODEC_PS_PUT_H

#include <endian.h>
#include <string.h>

#include "codec/ps.h"

#define PS_MUX_RATE 250000u         /* units of 50 bytes/s: 100 Mbit/s, an upper bound */

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
#define PS_SCR_LEAD 3600u           /* 40 ms from the arrival of a pack to its decode time */
/* Beside sound 400 ms: less than that a unit may come later than its neighbours, and the SCR still rises (2.5.3.4) and is no later than
 * the decode time (2.5.2.3). What is buffered so long fits the audio buffer of the system header up to 160 kbit/s. */
#define PS_SCR_LEAD_SOUND 36000u

/* ps_program.c: system header and PSM, as key units carry them. Returns where they end. */
uint8_t *ps_put_program(uint8_t *at, const struct ps_program *prog);

#endif
