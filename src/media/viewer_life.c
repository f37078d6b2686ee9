/* SPDX-License-Identifier: MIT */
/* From viewer_new to viewer_free, and why one ends by itself. */
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <unistd.h>

#include "media/viewer_priv.h"

#define SECOND_US UINT64_C(1000000)

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

void viewer_tell_end(struct viewer *v)
{
    if (!v->told && v->end.node.pos == 0) {
        (void)loop_timer_at(v->loop, &v->end, loop_now_us(v->loop), end_due, v);
    }
}

static void stop_all(struct viewer *v)
{
    v->ended = true;
    viewer_cut(v);
    viewer_tcp_ring_free(v);
    loop_timer_del(v->loop, &v->retry);
    loop_timer_del(v->loop, &v->stall);
    loop_timer_del(v->loop, &v->heard);
    loop_fd_del(v->loop, &v->watch);
}

void viewer_finish(struct viewer *v, enum viewer_end why)
{
    if (!v->ended) {
        v->why = why;
        stop_all(v);
        viewer_tell_end(v);
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
    err = loop_fd_add(v->loop, &v->watch, cfg->fd, LOOP_READ, viewer_socket_ready, v);
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

/* The receiver may not read while it is paused: for good, for what was closed so long must open first. That it takes nothing
 * when it is not paused is seen here. */
static void let_wait(struct viewer *v)
{
#ifdef TCP_USER_TIMEOUT
    const unsigned none = 0;

    if (v->cfg.tcp) {
        (void)setsockopt(v->cfg.fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &none, sizeof(none));
    }
#else
    (void)v;
#endif
}

void viewer_pause(struct viewer *v, bool paused)
{
    if (v->ended || v->paused == paused) {
        return;
    }
    v->paused = paused;
    if (stream_lossless(v->stream)) {
        v->progress_us = loop_now_us(v->loop);
        if (paused) {
            let_wait(v);
        } else if (v->count > 0 && !v->waiting) {
            viewer_send(v);
        }
        stream_update_read(v->stream);
    } else {
        viewer_drop_queued(v);
        if (!paused) {
            stream_request_idr(v->stream);
        }
    }
}
