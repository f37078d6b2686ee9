/* SPDX-License-Identifier: MIT */
/* What a viewer counts. */
#include "media/viewer_priv.h"

#define SECOND_US UINT64_C(1000000)

const char *viewer_end_name(enum viewer_end why)
{
    static const char *const name[] = {
        [VIEWER_END_UNREACHABLE] = "unreachable",
        [VIEWER_END_CLOSED] = "closed",
        [VIEWER_END_BLOCKED] = "blocked",
        [VIEWER_END_SOURCE] = "source-ended",
        [VIEWER_END_CODEC] = "codec-changed",
    };

    return (unsigned)why < sizeof(name) / sizeof(name[0]) ? name[why] : "?";
}

/* ---- counting ------------------------------------------------------------------------------------------- */

void viewer_rate_roll(struct viewer *v)
{
    uint64_t second = loop_now_us(v->loop) / SECOND_US;

    for (unsigned i = 0; v->rate_second < second && i < VIEWER_RATE_SLOTS; i++) {
        v->rate_second++;
        v->rate_mark[v->rate_second % VIEWER_RATE_SLOTS] = v->stats.bytes;
    }
    /* After a longer pause every mark has been set already. */
    v->rate_second = second;
    v->rate_next_us = (second + 1) * SECOND_US;
}

void viewer_count_dropped(struct viewer *v, const struct plan *p, unsigned from_packet)
{
    v->stats.dropped_units++;
    v->stats.dropped_packets += p->packets[v->format].npkt - from_packet;
}

const struct viewer_stats *viewer_stats(struct viewer *v)
{
    uint64_t now = loop_now_us(v->loop), bytes, window;

    viewer_rate_roll(v);
    bytes = v->stats.bytes - v->rate_mark[(v->rate_second + 1) % VIEWER_RATE_SLOTS];
    window = (VIEWER_RATE_SLOTS - 1) * SECOND_US + now % SECOND_US;
    if (v->stats.started_us && now - v->stats.started_us < window) {
        window = now - v->stats.started_us;
    }
    window = window < 100000u ? 100000u : window;
    bytes = bytes * 8u * SECOND_US / window;
    v->stats.bitrate = bytes < UINT32_MAX ? (uint32_t)bytes : UINT32_MAX;
    return &v->stats;
}
