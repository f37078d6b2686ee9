/* SPDX-License-Identifier: MIT */
#include "shell/viewer.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "shell/viewer_priv.h"
#include "util/log.h"

#define SECOND_US UINT64_C(1000000)

/* ---- waiting -------------------------------------------------------------------------------------------- */

static void send_on(struct viewer *v)
{
    if (v->cfg.tcp) {
        viewer_tcp_send(v);
    } else {
        viewer_udp_send(v);
    }
}

/* A socket with a large buffer says that it is writable late, when half of that is empty. */
static void cut_unless_it_goes_on(struct viewer *v)
{
    uint64_t before = v->stats.packets;

    viewer_wait_over(v);
    send_on(v);
    if (v->waiting && v->stats.packets == before) {
        viewer_cut(v);
    }
}

static void stall_due(struct loop_timer *t, void *arg)
{
    struct viewer *v = arg;
    uint64_t limit = v->cfg.tcp ? VIEWER_TCP_BLOCKED_US : VIEWER_STALE_US;

    if (v->ended || !v->waiting || (!v->cfg.tcp && stream_lossless(v->stream))) {
        return;
    }
    if (loop_now_us(v->loop) - v->progress_us < limit) {
        (void)loop_timer_at(v->loop, t, v->progress_us + limit, stall_due, v);
    } else if (v->cfg.tcp) {
        viewer_finish(v, VIEWER_END_BLOCKED);
    } else {
        cut_unless_it_goes_on(v);
    }
}

static void watch_stall(struct viewer *v)
{
    uint64_t limit = v->cfg.tcp ? VIEWER_TCP_BLOCKED_US : VIEWER_STALE_US;

    if (v->stall.node.pos == 0) {
        (void)loop_timer_at(v->loop, &v->stall, v->progress_us + limit, stall_due, v);
    }
}

void viewer_wait_writable(struct viewer *v)
{
    v->waiting = true;
    loop_fd_want(v->loop, &v->watch, LOOP_READ | LOOP_WRITE);
    watch_stall(v);
}

static void retry_due(struct loop_timer *t, void *arg)
{
    struct viewer *v = arg;

    (void)t;
    if (!v->ended) {
        v->waiting = false;
        send_on(v);
    }
}

void viewer_wait_until(struct viewer *v, uint64_t when_us)
{
    v->waiting = true;
    loop_fd_want(v->loop, &v->watch, LOOP_READ);
    if (loop_timer_at(v->loop, &v->retry, when_us, retry_due, v) != 0) {
        viewer_wait_writable(v);
        return;
    }
    watch_stall(v);
}

void viewer_wait_over(struct viewer *v)
{
    if (v->waiting) {
        v->waiting = false;
        loop_timer_del(v->loop, &v->retry);
        loop_fd_want(v->loop, &v->watch, LOOP_READ);
    }
}

static void socket_ready(struct loop_fd *w, unsigned ready, void *arg)
{
    struct viewer *v = arg;

    (void)w;
    if (ready & LOOP_READ) {
        if (v->cfg.tcp) {
            viewer_tcp_input(v);
        } else {
            viewer_udp_input(v);
        }
    }
    if ((ready & LOOP_WRITE) && !v->ended) {
        viewer_wait_over(v);
        send_on(v);
    }
}

/* ---- the queue ------------------------------------------------------------------------------------------ */

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

const struct plan *viewer_current(const struct viewer *v)
{
    return v->count ? v->queue[v->head] : NULL;
}

static void pop_front(struct viewer *v)
{
    struct plan *p = v->queue[v->head];

    v->head = (v->head + 1) % STREAM_LEASES_MAX;
    v->count--;
    v->packet = 0;
    v->offset = 0;
    v->burst = 0;
    v->again = false;
    stream_unref(v->stream, p);
}

void viewer_drop_queued(struct viewer *v)
{
    unsigned keep = v->count - viewer_droppable(v);

    while (v->count > keep) {
        struct plan *p = v->queue[(v->head + v->count - 1) % STREAM_LEASES_MAX];
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
        viewer_count_dropped(v, v->queue[v->head], v->packet);
        pop_front(v);
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

void viewer_source_gone(struct viewer *v)
{
    bool lossless = stream_lossless(v->stream);

    viewer_cut(v);
    if (lossless && !v->ended) {
        viewer_finish(v, VIEWER_END_SOURCE);
    }
}

void viewer_source_ended(struct viewer *v)
{
    if (v->count == 0 && !v->ended) {
        viewer_finish(v, VIEWER_END_SOURCE);
    }
}

void viewer_unit_done(struct viewer *v)
{
    v->stats.units++;
    pop_front(v);
    if (v->count == 0 && v->stream->eof) {
        viewer_finish(v, VIEWER_END_SOURCE);
    }
}

/* false: the unit is not for this viewer. */
static bool accept_unit(struct viewer *v, const struct plan *p)
{
    bool live = !stream_lossless(v->stream);

    if (v->count > 0 && live && loop_now_us(v->loop) - v->queue[v->head]->read_us > VIEWER_STALE_US &&
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
    v->clock_ts = p->clock_ts + v->ts_offset;
    v->clock_us = p->clock_us;
    return true;
}

static void end_due(struct loop_timer *t, void *arg);

void viewer_push(struct viewer *v, struct plan *p)
{
    if (v->ended) {
        if (!v->told && v->end.node.pos == 0) {     /* there was no memory for the timer */
            (void)loop_timer_at(v->loop, &v->end, loop_now_us(v->loop), end_due, v);
        }
        return;
    }
    if (v->paused || !accept_unit(v, p)) {
        return;
    }
    if (p->read_us >= v->rate_next_us) {
        viewer_rate_roll(v);
    }
    if (v->cfg.tcp && !stream_lossless(v->stream)) {
        viewer_tcp_push(v, p);
        return;
    }
    p->refs++;
    v->queue[(v->head + v->count) % STREAM_LEASES_MAX] = p;
    v->count++;
    if (!v->waiting) {
        v->progress_us = p->read_us;        /* in this very turn */
        send_on(v);
    }
}

/* ---- life ----------------------------------------------------------------------------------------------- */

/* The owner may free this viewer, and others, in its callback. */
static void end_due(struct loop_timer *t, void *arg)
{
    struct viewer *v = arg;

    (void)t;
    v->told = true;
    if (v->cfg.on_end) {
        v->cfg.on_end(v->cfg.arg, v, v->why);
    }
}

static void stop_all(struct viewer *v)
{
    v->ended = true;
    viewer_cut(v);
    viewer_tcp_ring_free(v);
    loop_timer_del(v->loop, &v->retry);
    loop_timer_del(v->loop, &v->stall);
    loop_fd_del(v->loop, &v->watch);
}

void viewer_finish(struct viewer *v, enum viewer_end why)
{
    if (!v->ended) {
        v->why = why;
        stop_all(v);
        (void)loop_timer_at(v->loop, &v->end, loop_now_us(v->loop), end_due, v);
    }
}

int viewer_new(struct stream *s, const struct viewer_config *cfg, struct viewer **out)
{
    struct viewer *v = calloc(1, sizeof(*v) + (cfg->tcp ? VIEWER_TAIL : 0));
    int err, on = 1;

    if (!v) {
        return -ENOMEM;
    }
    list_init(&v->node);
    v->stream = s;
    v->loop = s->cfg.loop;
    v->cfg = *cfg;
    v->watch.fd = -1;
    v->out = (struct rtp_out){ .ssrc = cfg->ssrc, .seq = cfg->first_seq, .pt = cfg->payload_type };
    v->format = cfg->elementary == GB_CODEC_NONE ? PLAN_PS : PLAN_ES;
    v->front = !cfg->tcp ? 0 : cfg->interleaved ? 4 : 2;
    v->wait_key = true;
    v->rate_second = loop_now_us(v->loop) / SECOND_US;
    err = loop_fd_add(v->loop, &v->watch, cfg->fd, LOOP_READ, socket_ready, v);
    if (!err) {
        err = stream_attach(s, v);
    }
    if (err) {
        loop_fd_del(v->loop, &v->watch);
        free(v);
        return err;
    }
    if (!cfg->tcp) {
        viewer_udp_init(v);
    } else {            /* a unit is written whole: nothing is gained by holding its end back */
        (void)setsockopt(cfg->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    }
    *out = v;
    return 0;
}

void viewer_free(struct viewer *v)
{
    if (!v) {
        return;
    }
    stop_all(v);
    loop_timer_del(v->loop, &v->end);
    stream_detach(v->stream, v);
    close(v->cfg.fd);
    free(v);
}

bool viewer_clock(const struct viewer *v, uint32_t *timestamp)
{
    if (v->clock_us == 0) {
        return false;
    }
    *timestamp = v->clock_ts + (uint32_t)((loop_now_us(v->loop) - v->clock_us) * 9u / 100u);
    return true;
}

void viewer_send_rtcp(struct viewer *v, const uint8_t *data, size_t len)
{
    if (v->cfg.tcp && !v->ended) {
        viewer_tcp_rtcp(v, data, len);
    }
}

void viewer_pause(struct viewer *v, bool paused)
{
    if (v->ended || v->paused == paused) {
        return;
    }
    v->paused = paused;
    if (stream_lossless(v->stream)) {
        if (!paused && v->count > 0 && !v->waiting) {
            v->progress_us = loop_now_us(v->loop);
            send_on(v);
        }
        stream_update_read(v->stream);
    } else {
        viewer_drop_queued(v);
        if (!paused) {
            stream_request_idr(v->stream);
        }
    }
}
