/* SPDX-License-Identifier: MIT */
/*
 * From the times that a source gives to those that go on the wire: 90 kHz in PES headers and RTP. What is sent follows the
 * source's clock exactly, each unit converted by itself, so that nothing adds up. A clock that cannot be true is
 * evened out: one that jumps ahead, steps back or stands still, or another one after the source was opened anew. Then a
 * plausible interval takes the place of the gap, and from there on the steps are the source's again. Decode times rise
 * strictly within video and within audio, RTP timestamps of PS over both.
 */
#ifndef MEDIA_STREAM_CLOCK_H
#define MEDIA_STREAM_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

struct packed_unit;

/* Microseconds. "Out" is what is sent, before it becomes 90 kHz; arithmetic is modulo 2^64. */
struct stream_track {
    bool any;
    uint64_t source_us;                 /* decode time of its last unit, by the source and as it went out */
    uint64_t out_us;
    uint64_t read_us;
    uint32_t interval_us;               /* between its last two, 5 ms to 200 ms */
};

#define STREAM_SLOW_US 200000u          /* pictures further apart are noted one by one */
#define STREAM_SLOW_SLOT_US 10000000u
#define STREAM_SLOW_SLOTS 7u            /* the minute before this slot, and this one */

/* The longest interval between two pictures in each slot of time, where it is above STREAM_SLOW_US. */
struct stream_slow {
    uint64_t opened_us;                 /* when the source was opened, on the loop's clock */
    uint64_t slot;                      /* the last one, counted from the clock's zero */
    uint64_t longest_us[STREAM_SLOW_SLOTS];
};

struct stream_clock {
    bool live;                          /* read at the pace of real time: what is read cannot be from the future */
    bool fresh;                         /* opened, and no unit read since */
    bool any;
    bool still;                         /* the source's clock stands */
    uint64_t offset_us;                 /* out - source */
    uint64_t home_us;                   /* the offset before anything was evened out */
    int64_t lead_us;                    /* source - read time of the unit that was read soonest */
    uint64_t rtp;                       /* of the last unit in PS */
    uint32_t es_ts;                     /* of the last picture as elementary stream */
    struct stream_track track[2];       /* by enum gb_kind */
    struct stream_slow slow;
    uint64_t jumps;                     /* times that the source's clock was evened out; survives opening anew */
};

/* A source was opened. go_on: receivers have seen times of one before it, which must not run backwards. */
void stream_clock_open(struct stream_clock *c, bool live, bool go_on, uint64_t now_us);
/* From p->unit and p->read_us: p->pts, dts, ts, clock_ts, clock_us and interval_us. */
void stream_clock_stamp(struct stream_clock *c, struct packed_unit *p);
/* The longest interval between two pictures in the last minute, where it is above STREAM_SLOW_US; else 0. */
uint64_t stream_clock_longest_us(struct stream_clock *c, uint64_t now_us);

#endif
