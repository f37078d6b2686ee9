/* SPDX-License-Identifier: MIT */
#include "media/stream.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "media/stream_priv.h"
#include "util/log.h"

#define BACKOFF_MAX_S  30u
#define SECOND_US      UINT64_C(1000000)
#define IDLE_US        (40u * SECOND_US) /* opened for an offer, no viewer: the ACK may take 32 s */
#define FIRST_US       (20u * SECOND_US) /* for the first picture after opening the source */
#define SLOW_INTERVALS 5u                /* of a source with a low frame rate */
#define LATE_TIMER_US  SECOND_US         /* a timer later than this: the loop was blocked and read nothing */

static void retry_due(struct loop_timer *t, void *arg);

static void on_request_key(struct viewer_feed *f)
{
    stream_request_idr(container_of(f, struct stream, feed));
}

static void on_pause(struct viewer_feed *f)
{
    stream_update_read(container_of(f, struct stream, feed));
}

static const struct viewer_feed_ops feed_ops = {
    .release = stream_release,
    .request_key = on_request_key,
    .pause = on_pause,
};

int stream_new(const struct stream_config *cfg, struct stream **out)
{
    struct stream *s = calloc(1, sizeof(*s));

    if (!s)
        return -ENOMEM;
    s->feed = (struct viewer_feed){ .loop = cfg->loop, .ops = &feed_ops };
    s->cfg = *cfg;
    s->channel = *cfg->channel;
    s->channel.id = strdup(cfg->channel->id);
    s->channel.source = strdup(cfg->channel->source);
    s->channel.audio = strdup(cfg->channel->audio);
    s->watch.fd = -1;
    s->backoff_s = 1;
    list_init(&s->viewers);
    list_init(&s->spare);
    if (!s->channel.id || !s->channel.source || !s->channel.audio) {
        stream_free(s);
        return -ENOMEM;
    }
    *out = s;
    return 0;
}

/* ---- picture timeout: an open source without pictures is lost; audio does not count ---------------------- */

static bool has_begun(const struct stream *s)
{
    return s->seen.video != GB_CODEC_NONE;
}

static uint64_t limit_us(struct stream *s, uint64_t now_us)
{
    const uint64_t min = s->cfg.picture_timeout_s * SECOND_US;
    const uint64_t limit = has_begun(s) ? SLOW_INTERVALS * stream_clock_longest_us(&s->clock, now_us) : FIRST_US;

    return min > limit ? min : limit;
}

/* Start of the silence, moved by the time since then during which all leases were in use. */
static uint64_t silent_since(const struct stream *s)
{
    uint64_t since = has_begun(s) ? s->clock.track[GB_VIDEO].read_us : s->clock.slow.opened_us;

    return s->since_us > since ? s->since_us : since;
}

void stream_exclude_full(struct stream *s)
{
    const uint64_t now = loop_now_us(s->cfg.loop);

    s->since_us = silent_since(s) + (now - s->full_us);
    s->full_us = now;
}

static void check_silence(struct loop_timer *t, void *arg);

static void check_silence_at(struct stream *s, uint64_t at_us)
{
    s->silence_at_us = at_us;
    (void)loop_timer_at(s->cfg.loop, &s->silence, at_us, check_silence, s);
}

static void check_silence(struct loop_timer *t, void *arg)
{
    struct stream *s = arg;
    const uint64_t now = loop_now_us(s->cfg.loop), min = s->cfg.picture_timeout_s * SECOND_US;
    const uint64_t limit = limit_us(s, now);
    uint64_t since;

    (void)t;
    if (s->leased == s->lease_max)
        stream_exclude_full(s);
    if (now > s->silence_at_us + LATE_TIMER_US)
        s->since_us = now;
    since = silent_since(s);
    if (now - since < limit) {
        check_silence_at(s, since + limit < now + min ? since + limit : now + min);
        return;
    }
    log_warn("stream: picture-timeout channel=%s stream=%u after_s=%llu", s->channel.id, s->channel.stream,
             (unsigned long long)((now - since) / SECOND_US));
    stream_source_lost(s, -ETIMEDOUT);
}

static void silence_begin(struct stream *s)
{
    const uint64_t now = loop_now_us(s->cfg.loop);

    s->full_us = s->since_us = 0;
    if (s->src->live && s->cfg.picture_timeout_s > 0)
        check_silence_at(s, now + s->cfg.picture_timeout_s * SECOND_US);
}

static void silence_end(struct stream *s)
{
    loop_timer_del(s->cfg.loop, &s->silence);
}

/* ---- the source: opening, closing, back-off --------------------------------------------------------------- */

static void close_source(struct stream *s)
{
    struct loop *l = s->cfg.loop;

    loop_timer_del(l, &s->idr);
    loop_timer_del(l, &s->idle);
    silence_end(s);
    if (!s->src)
        return;
    loop_fd_del(l, &s->watch);
    s->src->ops->close(s->src);
    s->src = NULL;
    s->feed.lossless = false;
    stream_free_spare(s);
}

static void idle_due(struct loop_timer *t, void *arg)
{
    struct stream *s = arg;

    (void)t;
    if (s->stats.viewers == 0) {
        close_source(s);
        s->state = STREAM_IDLE;
    }
}

static int open_source(struct stream *s)
{
    struct loop *l = s->cfg.loop;
    struct frame_source *src = NULL;
    int err = s->cfg.open ? s->cfg.open(s->cfg.arg, &src) : s->cfg.ops->stream_open(s->cfg.board, &s->channel, &src);

    if (err)
        return err;
    err = loop_fd_add(l, &s->watch, src->ops->fd(src), LOOP_READ, stream_readable, s);
    if (err) {
        src->ops->close(src);
        return err;
    }
    s->src = src;
    s->feed.lossless = !src->live;
    s->lease_max = src->max_leased == 0 ? 1 : src->max_leased < STREAM_LEASES_MAX ? src->max_leased : STREAM_LEASES_MAX;
    s->eof = s->stuck = s->idr_requested = false;
    stream_clock_open(&s->clock, src->live, s->stats.viewers > 0, loop_now_us(l));
    s->seen = (struct ps_program){ .audio = src->audio };
    s->audio_dts = 0;
    stream_forget_program(s);
    silence_begin(s);
    loop_timer_del(l, &s->retry);
    if (s->stats.viewers > 0)
        stream_request_idr(s);
    else
        (void)loop_timer_at(l, &s->idle, loop_now_us(l) + IDLE_US, idle_due, s);
    stream_update_read(s);
    return 0;
}

int stream_start(struct stream *s)
{
    return s->src ? 0 : open_source(s);
}

void stream_set_state(struct stream *s, enum stream_state state)
{
    if (s->state != state) {
        if (s->lost && state == STREAM_RUNNING)
            log_info("stream: source-back channel=%s stream=%u", s->channel.id, s->channel.stream);
        s->lost = state == STREAM_LOST;
        s->state = state;
        s->backoff_s = state == STREAM_RUNNING ? 1 : s->backoff_s;
        if (s->cfg.on_state)
            s->cfg.on_state(s->cfg.arg, s, state);
    }
}

/* This and stream_source_lost end with the callback on_state; nothing may follow it. */
static void retry_later(struct stream *s, int err)
{
    struct loop *l = s->cfg.loop;

    log_warn("stream: source-lost channel=%s stream=%u reason=\"%s\" retry_s=%u", s->channel.id, s->channel.stream,
             err == -ENOENT ? "no such source" : strerror(-err), s->backoff_s);
    if (s->stats.viewers > 0)
        (void)loop_timer_at(l, &s->retry, loop_now_us(l) + s->backoff_s * SECOND_US, retry_due, s);
    s->backoff_s = s->backoff_s * 2 < BACKOFF_MAX_S ? s->backoff_s * 2 : BACKOFF_MAX_S;
    stream_set_state(s, STREAM_LOST);
}

void stream_source_lost(struct stream *s, int err)
{
    bool live = s->src->live;

    s->stats.losses++;
    list_each(it, &s->viewers)
        viewer_source_gone(container_of(it, struct viewer, node));
    close_source(s);
    if (live) {
        retry_later(s, err);
    } else {
        log_warn("stream: recording-lost channel=%s reason=\"%s\"", s->channel.id, strerror(-err));
        stream_set_state(s, STREAM_LOST);
    }
}

static void retry_due(struct loop_timer *t, void *arg)
{
    struct stream *s = arg;
    int err;

    (void)t;
    if (s->src || s->stats.viewers == 0)
        return;
    err = open_source(s);
    if (err)
        retry_later(s, err);
}

void stream_free(struct stream *s)
{
    if (!s)
        return;
    close_source(s);
    loop_timer_del(s->cfg.loop, &s->retry);
    free((void *)(uintptr_t)s->channel.id);
    free((void *)(uintptr_t)s->channel.source);
    free((void *)(uintptr_t)s->channel.audio);
    free(s);
}

void stream_source_ended(struct stream *s)
{
    s->eof = true;
    stream_update_read(s);
    list_each(it, &s->viewers)
        viewer_source_ended(container_of(it, struct viewer, node));
}

/* ---- viewers -------------------------------------------------------------------------------------------- */

int stream_add_viewer(struct stream *s, const struct viewer_config *cfg, struct viewer **out)
{
    struct loop *l = s->cfg.loop;
    int started = stream_start(s), err;
    struct viewer *v;

    if (s->feed.lossless && s->stats.viewers > 0)
        return -EBUSY;
    err = viewer_new(&s->feed, cfg, &v);
    if (err)
        return err;
    list_append(&s->viewers, &v->node);
    s->stats.viewers++;
    s->consumers[v->format]++;
    loop_timer_del(l, &s->idle);
    if (!started) {
        stream_request_idr(s);
        stream_update_read(s);
    } else if (s->stats.viewers == 1) {
        (void)loop_timer_at(l, &s->retry, loop_now_us(l), retry_due, s);
    }
    *out = v;
    return 0;
}

void stream_remove_viewer(struct stream *s, struct viewer *v)
{
    if (!v)
        return;
    list_remove(&v->node);
    s->stats.viewers--;
    s->consumers[v->format]--;
    viewer_free(v);
    if (s->stats.viewers == 0) {
        loop_timer_del(s->cfg.loop, &s->retry);
        close_source(s);
        s->backoff_s = 1;
        s->state = STREAM_IDLE;
    }
}

static void idr_due(struct loop_timer *t, void *arg)
{
    struct stream *s = arg;

    (void)t;
    stream_request_idr(s);
}

void stream_request_idr(struct stream *s)
{
    struct loop *l = s->cfg.loop;
    uint64_t now = loop_now_us(l);
    int err;

    if (!s->src || !s->src->ops->request_idr)
        return; /* requested when the source is opened */
    if (s->idr_requested && now - s->idr_us < SECOND_US) {
        (void)loop_timer_at(l, &s->idr, s->idr_us + SECOND_US, idr_due, s);
        return;
    }
    loop_timer_del(l, &s->idr);
    s->idr_requested = true;
    s->idr_us = now;
    err = s->src->ops->request_idr(s->src);
    if (err) {
        log_debug("stream: idr-failed channel=%s stream=%u reason=\"%s\"", s->channel.id, s->channel.stream,
                  strerror(-err));
    }
}

const struct stream_stats *stream_stats(const struct stream *s)
{
    return &s->stats;
}

enum stream_state stream_get_state(const struct stream *s)
{
    return s->state;
}

enum gb_codec stream_video_codec(const struct stream *s)
{
    return s->seen.video;
}

enum gb_codec stream_audio_codec(const struct stream *s)
{
    return s->seen.audio;
}
