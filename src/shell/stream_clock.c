/* SPDX-License-Identifier: MIT */
#include "shell/stream_clock.h"

#include "shell/plan.h"

#define INTERVAL_MIN_US 5000u
#define INTERVAL_MAX_US 200000u
#define INTERVAL_DEFAULT_US 40000u
#define CLOCK_TRUST_US 2000000u         /* a capture time longer ago is none of this clock: a recording's */

void stream_clock_reset(struct stream_clock *c)
{
    c->have_last = false;
}

void stream_clock_stamp(struct stream_clock *c, struct plan *p)
{
    uint64_t pts = p->unit.pts_us * 9u / 100u, gap;

    p->pts = pts;
    p->dts = p->unit.dts_us * 9u / 100u;
    /* Receivers tell units apart by the RTP timestamp. */
    if (c->have_last && pts == c->last_pts) {
        pts++;
    }
    p->ts = (uint32_t)pts;
    p->clock_us = p->read_us - p->unit.pts_us < CLOCK_TRUST_US ? p->unit.pts_us : p->read_us;
    p->interval_us = INTERVAL_DEFAULT_US;
    if (p->unit.kind == GB_VIDEO) {
        if (c->have_last && p->unit.pts_us > c->last_video_us) {
            gap = p->unit.pts_us - c->last_video_us;
            p->interval_us = (uint32_t)(gap < INTERVAL_MIN_US ? INTERVAL_MIN_US : gap > INTERVAL_MAX_US
                                        ? INTERVAL_MAX_US : gap);
        }
        c->last_video_us = p->unit.pts_us;
    }
    c->last_pts = pts;
    c->have_last = true;
}
