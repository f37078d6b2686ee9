/* SPDX-License-Identifier: MIT */
/* From the times that a source gives to those that go on the wire: 90 kHz in PES headers and RTP. */
#ifndef SHELL_STREAM_CLOCK_H
#define SHELL_STREAM_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

struct plan;

struct stream_clock {
    bool have_last;
    uint64_t last_pts, last_video_us;
};

/* Another source, or the same opened anew. */
void stream_clock_reset(struct stream_clock *c);
/* From p->unit and p->read_us: p->pts, dts, ts, clock_us and interval_us. */
void stream_clock_stamp(struct stream_clock *c, struct plan *p);

#endif
