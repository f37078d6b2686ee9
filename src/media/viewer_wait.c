/* SPDX-License-Identifier: MIT */
/* A viewer that cannot send immediately: pacing of large units, waiting until writable or for a time, stall timeout,
 * and units dropped by a viewer that lags. */
#include <sys/socket.h>

#include "media/viewer_priv.h"
#include "net/net_options.h"

#define PACE_BURSTS 4u
#define SNDBUF_MAX  (4u << 20)

/* ---- pacing: units of many packets over UDP --------------------------------------------------------------- */

/* The largest unit should fit as a whole; the rest would wait for writability, turn after turn of the loop. */
static void fit_buffer(struct viewer *v, size_t bytes)
{
    size_t want = bytes + bytes / 4; /* the kernel doubles it, and counts about 1.6 times the payload */
    int size = want < SNDBUF_MAX ? (int)want : (int)SNDBUF_MAX, before = v->sndbuf;
    socklen_t len = sizeof(v->sndbuf);

    if (v->sndbuf == 0 || bytes * 2u <= (size_t)v->sndbuf)
        return;
    if (setsockopt(v->cfg.fd, SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof(size)) != 0)
        (void)setsockopt(v->cfg.fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
    if (getsockopt(v->cfg.fd, SOL_SOCKET, SO_SNDBUF, &v->sndbuf, &len) != 0 || v->sndbuf <= before)
        v->sndbuf = 0;
}

/* Sends in half the time until the next unit. The rate stays set for the small units between, which it hardly
 * delays. */
static void set_pacing_rate(struct viewer *v, const struct packed_unit *p, size_t bytes)
{
    uint64_t rate = (uint64_t)bytes * 2000000u / p->interval_us;
    unsigned value = rate < UINT32_MAX / 2u ? (unsigned)rate : UINT32_MAX / 2u;

    if (rate > v->pace_rate + v->pace_rate / 8u || rate < v->pace_rate - v->pace_rate / 8u) {
        if (setsockopt(v->cfg.fd, SOL_SOCKET, SO_MAX_PACING_RATE, &value, sizeof(value)) == 0)
            v->pace_rate = rate;
    }
}

/* Whether the next picture is queued already; audio units do not count. */
static bool is_late(const struct viewer *v)
{
    for (unsigned i = 1; i < v->count; i++)
        if (viewer_queued(v, i)->unit.kind == GB_VIDEO)
            return true;
    return false;
}

static void begin(struct viewer *v, const struct packed_unit *p, const struct packets *k)
{
    size_t bytes = packets_bytes(k, 0, k->npkt) + (size_t)k->npkt * RTP_HEADER;

    fit_buffer(v, bytes);
    if (v->cfg.pacing == VIEWER_PACING_KERNEL)
        set_pacing_rate(v, p, bytes);
    /* A late unit is not paced. */
    v->burst = v->cfg.pacing == VIEWER_PACING_LOOP && !is_late(v) ? (k->npkt + PACE_BURSTS - 1) / PACE_BURSTS : k->npkt;
}

unsigned viewer_pace(struct viewer *v, const struct packed_unit *p, const struct packets *k)
{
    if (v->burst == 0)
        begin(v, p, k);
    if (v->packet == v->burst_end) {
        v->burst_end += v->burst;
        v->burst_us = loop_now_us(v->loop);
    }
    if (v->burst_end > k->npkt || is_late(v))
        v->burst_end = k->npkt;
    return v->burst_end - v->packet;
}

void viewer_pace_wait(struct viewer *v, const struct packed_unit *p)
{
    viewer_wait_until(v, v->burst_us + p->interval_us / 2u / PACE_BURSTS);
}

/* ---- waiting ---------------------------------------------------------------------------------------------- */

/* Sends from the cursor on, as much of the queue as the socket accepts. */
void viewer_send(struct viewer *v)
{
    if (v->cfg.tcp)
        viewer_tcp_send(v);
    else
        viewer_udp_send(v);
}

static void wait_over(struct viewer *v)
{
    if (v->waiting) {
        v->waiting = false;
        loop_timer_del(v->loop, &v->retry);
        loop_fd_want(v->loop, &v->watch, LOOP_READ);
    }
}

/* A socket with a large buffer becomes writable late, when half of it is free; so try before giving up the unit. */
static void send_or_cut(struct viewer *v)
{
    uint64_t before = v->stats.packets;

    wait_over(v);
    viewer_send(v);
    if (v->waiting && v->stats.packets == before)
        viewer_cut(v);
}

static void stall_due(struct loop_timer *t, void *arg)
{
    struct viewer *v = arg;
    uint64_t limit = v->cfg.tcp ? VIEWER_TCP_BLOCKED_US : VIEWER_STALE_US;

    if (v->ended || !v->waiting || (!v->cfg.tcp && v->feed->lossless))
        return;
    if (v->paused && v->feed->lossless) /* the receiver may have stopped reading */
        v->progress_us = loop_now_us(v->loop);
    if (loop_now_us(v->loop) - v->progress_us < limit)
        (void)loop_timer_at(v->loop, t, v->progress_us + limit, stall_due, v);
    else if (v->cfg.tcp)
        viewer_finish(v, VIEWER_END_BLOCKED);
    else
        send_or_cut(v);
}

static void watch_stall(struct viewer *v)
{
    uint64_t limit = v->cfg.tcp ? VIEWER_TCP_BLOCKED_US : VIEWER_STALE_US;

    if (v->stall.node.pos == 0)
        (void)loop_timer_at(v->loop, &v->stall, v->progress_us + limit, stall_due, v);
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

void viewer_socket_ready(struct loop_fd *w, unsigned ready, void *arg)
{
    struct viewer *v = arg;

    (void)w;
    if (ready & LOOP_READ) {
        if (v->cfg.tcp)
            viewer_tcp_input(v);
        else
            viewer_udp_input(v);
    }
    if ((ready & LOOP_WRITE) && !v->ended) {
        wait_over(v);
        viewer_send(v);
    }
}

/* ---- lagging viewers, and units before the next key unit --------------------------------------------------- */

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
        struct packed_unit *p = viewer_queued(v, v->count - 1);
        viewer_count_dropped(v, p, 0);
        v->count--;
        viewer_unref(v, p);
    }
    if (v->count == 0 && v->ring_len == 0)
        wait_over(v);
    v->wait_key = true;
}

void viewer_cut(struct viewer *v)
{
    viewer_drop_queued(v);
    if (v->count > 0) {
        viewer_count_dropped(v, viewer_current(v), v->packet);
        viewer_pop(v);
        wait_over(v);
    }
}

void viewer_lost_unit(struct viewer *v)
{
    if (v->started && !v->ended) {
        v->wait_key = true;
        v->stats.dropped_units++;
    }
}

bool viewer_admits(struct viewer *v, const struct packed_unit *p)
{
    bool live = !v->feed->lossless;

    if (v->ended) {
        viewer_notify_end(v); /* retry, if there was no memory for the timer */
        return false;
    }
    if (v->paused)
        return false;
    if (v->count > 0 && live && loop_now_us(v->loop) - viewer_current(v)->read_us > VIEWER_STALE_US &&
        viewer_droppable(v) > 0)
        viewer_drop_queued(v);
    if (v->format == PACKET_ES && p->unit.kind != GB_VIDEO)
        return false;
    if (v->format == PACKET_ES && p->unit.codec != v->cfg.elementary) {
        viewer_finish(v, VIEWER_END_CODEC);
        return false;
    }
    if (v->wait_key && !(p->unit.kind == GB_VIDEO && p->unit.key)) {
        if (v->started)
            viewer_count_dropped(v, p, 0);
        return false;
    }
    if (v->count == VIEWER_QUEUE_MAX) {
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
