/* SPDX-License-Identifier: MIT */
#include "media/viewer.h"

#include "media/viewer_priv.h"

void viewer_push(struct viewer *v, struct plan *p)
{
    bool smooth = !v->wait_key && v->count == 0 && v->format == PLAN_PS && !v->paused && !v->ended;

    if (!smooth && !viewer_admits(v, p)) {
        return;
    }
    v->clock_ts = p->clock_ts + v->ts_offset;
    v->clock_us = p->clock_us;
    if (p->read_us >= v->rate_next_us) {
        viewer_rate_roll(v);
    }
    if (v->cfg.tcp && !stream_lossless(v->stream)) {
        viewer_tcp_push(v, p);
    } else if (v->waiting) {
        viewer_enqueue(v, p);
    } else {
        v->progress_us = p->read_us;        /* in this very turn */
        if (v->count == 0 && !v->cfg.tcp) {
            viewer_udp_push(v, p);
        } else {
            viewer_enqueue(v, p);
            viewer_send(v);
        }
    }
}

void viewer_enqueue(struct viewer *v, struct plan *p)
{
    p->refs++;
    v->queue[(v->head + v->count) % STREAM_LEASES_MAX] = p->slot;
    v->count++;
}

void viewer_pop(struct viewer *v)
{
    struct plan *p = viewer_current(v);

    v->head = (v->head + 1) % STREAM_LEASES_MAX;
    v->count--;
    v->packet = 0;
    v->offset = 0;
    v->burst = v->burst_end = 0;
    v->again = false;
    stream_unref(v->stream, p);
}

/* The unit under the cursor is sent. */
void viewer_unit_done(struct viewer *v)
{
    v->stats.units++;
    viewer_pop(v);
    if (v->count == 0 && v->stream->eof) {
        viewer_finish(v, VIEWER_END_SOURCE);
    }
}
