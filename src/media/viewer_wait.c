/* SPDX-License-Identifier: MIT */
/* A viewer that cannot send now: for writability, for a time, and for how long at most. */
#include "media/viewer_priv.h"

/* From the cursor on: all that was queued, or what the socket takes of it. */
void viewer_send(struct viewer *v)
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
    viewer_send(v);
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
    if (v->paused && stream_lossless(v->stream)) {      /* it may have stopped reading, too */
        v->progress_us = loop_now_us(v->loop);
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
        viewer_send(v);
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

void viewer_socket_ready(struct loop_fd *w, unsigned ready, void *arg)
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
        viewer_send(v);
    }
}
