/* SPDX-License-Identifier: MIT */
/* What a viewer is not sent: what it has no time for, and what comes before the next key unit. */
#include "media/viewer_priv.h"

static bool begun(const struct viewer *v)
{
    return v->packet > 0 || v->offset > 0;
}

bool viewer_wants(const struct viewer *v)
{
    return !v->ended && !v->paused && v->count == 0;
}

unsigned viewer_droppable(const struct viewer *v)
{
    return v->count && begun(v) ? v->count - 1 : v->count;
}

void viewer_drop_queued(struct viewer *v)
{
    unsigned keep = v->count - viewer_droppable(v);

    while (v->count > keep) {
        struct plan *p = v->stream->plan[v->queue[(v->head + v->count - 1) % STREAM_LEASES_MAX]];
        viewer_count_dropped(v, p, 0);
        v->count--;
        stream_unref(v->stream, p);
    }
    if (v->count == 0 && v->ring_len == 0) {
        viewer_wait_over(v);
    }
    v->wait_key = true;
}

void viewer_cut(struct viewer *v)
{
    viewer_drop_queued(v);
    if (v->count > 0) {
        viewer_count_dropped(v, viewer_current(v), v->packet);
        viewer_pop(v);
        viewer_wait_over(v);
    }
}

void viewer_lost_unit(struct viewer *v)
{
    if (v->started && !v->ended) {
        v->wait_key = true;
        v->stats.dropped_units++;
    }
}

/* false: the unit is not for this viewer. */
bool viewer_admits(struct viewer *v, const struct plan *p)
{
    bool live = !stream_lossless(v->stream);

    if (v->ended) {
        viewer_tell_end(v);             /* again, if there was no memory for the timer */
        return false;
    }
    if (v->paused) {
        return false;
    }
    if (v->count > 0 && live && loop_now_us(v->loop) - viewer_current(v)->read_us > VIEWER_STALE_US &&
        viewer_droppable(v) > 0) {
        viewer_drop_queued(v);
    }
    if (v->format == PLAN_ES && p->unit.kind != GB_VIDEO) {
        return false;
    }
    if (v->format == PLAN_ES && p->unit.codec != v->cfg.elementary) {
        viewer_finish(v, VIEWER_END_CODEC);
        return false;
    }
    if (v->wait_key && !(p->unit.kind == GB_VIDEO && p->unit.key)) {
        if (v->started) {
            viewer_count_dropped(v, p, 0);
        }
        return false;
    }
    if (v->count == STREAM_LEASES_MAX) {
        viewer_drop_queued(v);
        viewer_count_dropped(v, p, 0);
        return false;
    }
    v->wait_key = false;
    if (!v->started) {
        v->started = true;
        v->ts_offset = v->cfg.first_timestamp - p->ts[v->format];
    }
    return true;
}
