/* SPDX-License-Identifier: MIT */
/*
 * Converts a source's times to those on the wire, 90 kHz in PES headers and RTP. They follow the source's clock
 * exactly, each unit converted on its own, so that no error accumulates. Implausible steps are smoothed over: a clock
 * that jumps ahead, steps back or stands still, or that differs after the source was reopened. A plausible interval
 * replaces the gap; after that the source's steps apply again. Decode times rise strictly within video and within
 * audio, RTP timestamps of PS across both.
 */
#ifndef MEDIA_STREAM_CLOCK_H
#define MEDIA_STREAM_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

struct packed_unit;

/* Microseconds, modulo 2^64. "out" is the time sent, before the conversion to 90 kHz. */
struct stream_track {
    bool any;
    uint64_t source_us; /* decode time of its last unit, the source's and as sent */
    uint64_t out_us;
    uint64_t read_us;
    uint32_t interval_us; /* between its last two units, 5 ms to 200 ms */
};

#define STREAM_SLOW_US      200000u /* longer picture intervals are recorded */
#define STREAM_SLOW_SLOT_US 10000000u
#define STREAM_SLOW_SLOTS   7u /* the minute before this slot, and this one */

/* The longest picture interval in each slot of time, if above STREAM_SLOW_US. */
struct stream_slow {
    uint64_t opened_us; /* when the source was opened, on the loop's clock */
    uint64_t slot;      /* number of the current slot */
    uint64_t longest_us[STREAM_SLOW_SLOTS];
};

struct stream_clock {
    bool live;  /* real time: a unit cannot be from the future */
    bool fresh; /* opened, no unit read yet */
    bool any;
    bool still;                   /* the source's clock stands still */
    uint64_t offset_us;           /* out - source */
    uint64_t original_us;         /* the offset before any jump */
    int64_t lead_us;              /* source - read time, of the unit read with the least delay */
    uint64_t rtp;                 /* last RTP timestamp, PS */
    uint32_t es_ts;               /* last RTP timestamp of a picture, elementary stream */
    struct stream_track track[2]; /* by enum gb_kind */
    struct stream_slow slow;
    uint64_t jumps; /* jumps of the source's clock; survives reopening */
};

/* A source was opened. resume: receivers got times from the previous one, which must not run backwards. */
void stream_clock_open(struct stream_clock *c, bool live, bool resume, uint64_t now_us);
/* Sets p->pts, dts, ts, clock_ts, clock_us and interval_us from p->unit and p->read_us. */
void stream_clock_stamp(struct stream_clock *c, struct packed_unit *p);
/* The longest picture interval of the last minute if above STREAM_SLOW_US, else 0. */
uint64_t stream_clock_longest_us(struct stream_clock *c, uint64_t now_us);

#endif
