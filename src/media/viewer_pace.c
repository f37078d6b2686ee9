/* SPDX-License-Identifier: MIT */
/* Units of many packets over UDP: a socket buffer that takes them, and how they are spread over the time there is. */
#include <sys/socket.h>

#include "net/net_options.h"
#include "media/viewer_priv.h"

#define PACE_BURSTS 4u
#define SNDBUF_MAX (4u << 20)

/* The whole of the largest unit has to fit: what does not waits for writability, one turn of the loop after the other. */
static void fit_buffer(struct viewer *v, size_t bytes)
{
    size_t want = bytes + bytes / 4;        /* the kernel doubles it, and counts about 1.6 times what is in it */
    int size = want < SNDBUF_MAX ? (int)want : (int)SNDBUF_MAX, before = v->sndbuf;
    socklen_t len = sizeof(v->sndbuf);

    if (v->sndbuf == 0 || bytes * 2u <= (size_t)v->sndbuf) {
        return;
    }
    if (setsockopt(v->cfg.fd, SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof(size)) != 0) {
        (void)setsockopt(v->cfg.fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
    }
    if (getsockopt(v->cfg.fd, SOL_SOCKET, SO_SNDBUF, &v->sndbuf, &len) != 0 || v->sndbuf <= before) {
        v->sndbuf = 0;
    }
}

/* In half the time until the next unit. What was told stays for the small units between: they are paced less. */
static void tell_pace(struct viewer *v, const struct plan *p, size_t bytes)
{
    uint64_t rate = (uint64_t)bytes * 2000000u / p->interval_us;
    unsigned value = rate < UINT32_MAX / 2u ? (unsigned)rate : UINT32_MAX / 2u;

    if (rate > v->pace_rate + v->pace_rate / 8u || rate < v->pace_rate - v->pace_rate / 8u) {
        if (setsockopt(v->cfg.fd, SOL_SOCKET, SO_MAX_PACING_RATE, &value, sizeof(value)) == 0) {
            v->pace_rate = rate;
        }
    }
}

/* The next picture waits behind this one; sound comes between any two and hurries none. */
static bool is_late(const struct viewer *v)
{
    for (unsigned i = 1; i < v->count; i++) {
        if (v->stream->plan[v->queue[(v->head + i) % STREAM_LEASES_MAX]]->unit.kind == GB_VIDEO) {
            return true;
        }
    }
    return false;
}

static void begin(struct viewer *v, const struct plan *p, const struct packets *k)
{
    size_t bytes = plan_bytes(k, 0, k->npkt) + (size_t)k->npkt * RTP_HEADER;

    fit_buffer(v, bytes);
    if (v->cfg.pacing == VIEWER_PACING_KERNEL) {
        tell_pace(v, p, bytes);
    }
    /* One that is late already is not held back. */
    v->burst = v->cfg.pacing == VIEWER_PACING_LOOP && !is_late(v) ? (k->npkt + PACE_BURSTS - 1) / PACE_BURSTS : k->npkt;
}

unsigned viewer_pace(struct viewer *v, const struct plan *p, const struct packets *k)
{
    if (v->burst == 0) {
        begin(v, p, k);
    }
    if (v->packet == v->burst_end) {
        v->burst_end += v->burst;
        v->burst_us = loop_now_us(v->loop);
    }
    if (v->burst_end > k->npkt || is_late(v)) {
        v->burst_end = k->npkt;
    }
    return v->burst_end - v->packet;
}

void viewer_pace_wait(struct viewer *v, const struct plan *p)
{
    viewer_wait_until(v, v->burst_us + p->interval_us / 2u / PACE_BURSTS);
}
