/* SPDX-License-Identifier: MIT */
#include "media/viewer.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <unistd.h>

#include "media/viewer_priv.h"

#define SECOND_US UINT64_C(1000000)

/* ---- lifecycle ---------------------------------------------------------------------------------------------- */

const char *viewer_end_name(enum viewer_end why)
{
    static const char *const name[] = {
        [VIEWER_END_UNREACHABLE] = "unreachable", [VIEWER_END_CLOSED] = "closed",
        [VIEWER_END_BLOCKED] = "blocked",         [VIEWER_END_SOURCE] = "source-ended",
        [VIEWER_END_CODEC] = "codec-changed",
    };

    return (unsigned)why < sizeof(name) / sizeof(name[0]) ? name[why] : "?";
}

/* The callback may free this and other viewers. */
static void end_due(struct loop_timer *t, void *arg)
{
    struct viewer *v = arg;

    (void)t;
    v->notified = true;
    if (v->cfg.on_end)
        v->cfg.on_end(v->cfg.arg, v, v->why);
}

void viewer_notify_end(struct viewer *v)
{
    if (!v->notified && v->end.node.pos == 0)
        (void)loop_timer_at(v->loop, &v->end, loop_now_us(v->loop), end_due, v);
}

static void stop_all(struct viewer *v)
{
    v->ended = true;
    viewer_cut(v);
    viewer_tcp_ring_free(v);
    loop_timer_del(v->loop, &v->retry);
    loop_timer_del(v->loop, &v->stall);
    loop_timer_del(v->loop, &v->reachable);
    loop_fd_del(v->loop, &v->watch);
}

void viewer_finish(struct viewer *v, enum viewer_end why)
{
    if (!v->ended) {
        v->why = why;
        stop_all(v);
        viewer_notify_end(v);
    }
}

void viewer_source_gone(struct viewer *v)
{
    bool lossless = v->feed->lossless;

    viewer_cut(v);
    if (lossless && !v->ended)
        viewer_finish(v, VIEWER_END_SOURCE);
}

void viewer_source_ended(struct viewer *v)
{
    v->source_ended = true;
    if (v->count == 0 && !v->ended)
        viewer_finish(v, VIEWER_END_SOURCE);
}

int viewer_new(struct viewer_feed *f, const struct viewer_config *cfg, struct viewer **out)
{
    struct viewer *v = calloc(1, sizeof(*v) + (cfg->tcp ? VIEWER_TAIL : 0));
    int err, on = 1;

    if (!v)
        return -ENOMEM;
    list_init(&v->node);
    v->feed = f;
    v->loop = f->loop;
    v->cfg = *cfg;
    v->watch.fd = -1;
    v->out = (struct rtp_out){ .ssrc = cfg->ssrc, .seq = cfg->first_seq, .pt = cfg->payload_type };
    v->format = cfg->elementary == GB_CODEC_NONE ? PACKET_PS : PACKET_ES;
    v->framing_len = !cfg->tcp ? 0 : cfg->interleaved ? 4 : 2;
    v->wait_key = true;
    v->rate_second = loop_now_us(v->loop) / SECOND_US;
    err = loop_fd_add(v->loop, &v->watch, cfg->fd, LOOP_READ, viewer_socket_ready, v);
    if (err) {
        free(v);
        return err;
    }
    if (!cfg->tcp)
        viewer_udp_init(v);
    else /* units are written as a whole: Nagle would only delay their end */
        (void)setsockopt(cfg->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    *out = v;
    return 0;
}

void viewer_free(struct viewer *v)
{
    stop_all(v);
    loop_timer_del(v->loop, &v->end);
    close(v->cfg.fd);
    free(v);
}

bool viewer_clock(const struct viewer *v, uint32_t *timestamp)
{
    if (v->clock_us == 0)
        return false;
    *timestamp = v->clock_ts + (uint32_t)((loop_now_us(v->loop) - v->clock_us) * 9u / 100u);
    return true;
}

void viewer_send_rtcp(struct viewer *v, const uint8_t *data, size_t len)
{
    if (v->cfg.tcp && !v->ended)
        viewer_tcp_rtcp(v, data, len);
}

/* A paused receiver may stop reading. Clears TCP_USER_TIMEOUT permanently, as a window closed for long needs time to
 * reopen; a viewer that is not paused has its own timeout. */
static void allow_closed_window(struct viewer *v)
{
#ifdef TCP_USER_TIMEOUT
    const unsigned none = 0;

    if (v->cfg.tcp)
        (void)setsockopt(v->cfg.fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &none, sizeof(none));
#else
    (void)v;
#endif
}

void viewer_pause(struct viewer *v, bool paused)
{
    if (v->ended || v->paused == paused)
        return;
    v->paused = paused;
    if (v->feed->lossless) {
        v->progress_us = loop_now_us(v->loop);
        if (paused)
            allow_closed_window(v);
        else if (v->count > 0 && !v->waiting)
            viewer_send(v);
        v->feed->ops->pause(v->feed);
    } else {
        viewer_drop_queued(v);
        if (!paused)
            v->feed->ops->request_key(v->feed);
    }
}

/* ---- counters ----------------------------------------------------------------------------------------------- */

static void rate_roll(struct viewer *v)
{
    uint64_t second = loop_now_us(v->loop) / SECOND_US;

    for (unsigned i = 0; v->rate_second < second && i < VIEWER_RATE_SLOTS; i++) {
        v->rate_second++;
        v->rate_mark[v->rate_second % VIEWER_RATE_SLOTS] = v->stats.bytes;
    }
    /* After a longer pause the loop has set every mark. */
    v->rate_second = second;
    v->rate_next_us = (second + 1) * SECOND_US;
}

void viewer_count_dropped(struct viewer *v, const struct packed_unit *p, unsigned from_packet)
{
    v->stats.dropped_units++;
    v->stats.dropped_packets += p->packets[v->format].npkt - from_packet;
}

const struct viewer_stats *viewer_stats(struct viewer *v)
{
    uint64_t now = loop_now_us(v->loop), bytes, window;

    rate_roll(v);
    bytes = v->stats.bytes - v->rate_mark[(v->rate_second + 1) % VIEWER_RATE_SLOTS];
    window = (VIEWER_RATE_SLOTS - 1) * SECOND_US + now % SECOND_US;
    if (v->stats.started_us && now - v->stats.started_us < window)
        window = now - v->stats.started_us;
    window = window < 100000u ? 100000u : window;
    bytes = bytes * 8u * SECOND_US / window;
    v->stats.bitrate = bytes < UINT32_MAX ? (uint32_t)bytes : UINT32_MAX;
    return &v->stats;
}

/* ---- queue and cursor --------------------------------------------------------------------------------------- */

void viewer_push(struct viewer *v, struct packed_unit *p)
{
    bool smooth = !v->wait_key && v->count == 0 && v->format == PACKET_PS && !v->paused && !v->ended;

    if (!smooth && !viewer_admits(v, p))
        return;
    v->clock_ts = p->clock_ts + v->ts_offset;
    v->clock_us = p->clock_us;
    if (p->read_us >= v->rate_next_us)
        rate_roll(v);
    if (v->cfg.tcp && !v->feed->lossless) {
        viewer_tcp_push(v, p);
    } else if (v->waiting) {
        viewer_enqueue(v, p);
    } else {
        v->progress_us = p->read_us; /* the current turn of the loop */
        if (v->count == 0 && !v->cfg.tcp) {
            viewer_udp_push(v, p);
        } else {
            viewer_enqueue(v, p);
            viewer_send(v);
        }
    }
}

void viewer_enqueue(struct viewer *v, struct packed_unit *p)
{
    p->refs++;
    v->queue[(v->head + v->count) % VIEWER_QUEUE_MAX] = p->slot;
    v->count++;
}

void viewer_pop(struct viewer *v)
{
    struct packed_unit *p = viewer_current(v);

    v->head = (v->head + 1) % VIEWER_QUEUE_MAX;
    v->count--;
    v->packet = 0;
    v->offset = 0;
    v->burst = v->burst_end = 0;
    v->resend = false;
    viewer_unref(v, p);
}

/* The unit under the cursor is sent. */
void viewer_unit_done(struct viewer *v)
{
    v->stats.units++;
    viewer_pop(v);
    if (v->count == 0 && v->source_ended)
        viewer_finish(v, VIEWER_END_SOURCE);
}
