/* SPDX-License-Identifier: MIT */
#include "sessions/session.h"

#include <errno.h>
#include <linux/sockios.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/random.h>
#include <unistd.h>

#include "net/net.h"
#include "sessions/session_priv.h"
#include "util/log.h"

#define DRAIN_POLL_US 50000u

void sessions_init(struct sessions *ss, struct loop *l, struct cameras *c, void (*kick)(void *arg), void *arg)
{
    memset(ss, 0, sizeof(*ss));
    ss->loop = l;
    ss->cameras = c;
    ss->kick = kick;
    ss->arg = arg;
    ss->media.max_sessions = 32;
    list_init(&ss->list);
}

void sessions_configure(struct sessions *ss, const struct session_media *media)
{
    ss->media = *media;
}

struct session *session_find(const struct sessions *ss, uint32_t call)
{
    struct hash_node *n = hash_find(&ss->by_call, (struct span){ (const char *)&call, sizeof(call) });

    return n ? container_of(n, struct session, by_call) : NULL;
}

const char *session_platform(const struct agent *a)
{
    return agent_get_config(a)->name;
}

void session_free(struct session *s)
{
    session_rtcp_end(s);
    loop_timer_del(s->set->loop, &s->timer);
    loop_timer_del(s->set->loop, &s->accept_retry);
    loop_fd_del(s->set->loop, &s->watch);
    stream_remove_viewer(s->stream, s->viewer);
    playback_free(s->playback);
    if (s->fd >= 0)
        close(s->fd);
    list_remove(&s->node);
    hash_remove(&s->set->by_call, &s->by_call);
    s->set->count--;
    free(s);
}

static void record_end(const struct session *s, const char *reason)
{
    struct session_ended *e = &s->set->ended[s->set->nended++ % SESSIONS_ENDED];
    char peer[ADDR_TEXT_MAX];

    memset(e, 0, sizeof(*e));
    e->call = s->call;
    span_copy(span_of(session_platform(s->agent)), e->platform, sizeof(e->platform));
    memcpy(e->channel, s->channel, sizeof(e->channel));
    e->peer = s->peer;
    snprintf(e->reason, sizeof(e->reason), "%s", reason);
    addr_print(&s->peer, peer);
    log_info("%s: session-end call=%u channel=%s peer=%s reason=\"%s\"", e->platform, s->call, s->channel, peer,
             reason);
}

void session_over(struct session *s, const char *reason)
{
    record_end(s, reason);
    session_free(s);
}

void session_fail(struct session *s, const char *reason)
{
    struct sessions *ss = s->set;
    struct gb_time now;

    loop_time(ss->loop, &now);
    agent_call_ended(s->agent, s->call, reason, &now);
    session_over(s, reason);
    ss->kick(ss->arg);
}

void sessions_free(struct sessions *ss)
{
    loop_timer_del(ss->loop, &ss->rtcp);
    list_each_safe(it, &ss->list)
        session_free(container_of(it, struct session, node));
    hash_free(&ss->by_call);
}

/* ---- the end of a recording ------------------------------------------------------------------------------ */

static void on_drain(struct loop_timer *t, void *arg);

static void report_end(struct session *s)
{
    struct sessions *ss = s->set;
    struct gb_time now;

    loop_time(ss->loop, &now);
    log_info("%s: recording-sent call=%u channel=%s", session_platform(s->agent), s->call, s->channel);
    /* The media socket stays open until CALL_STOP, after the platform's BYE or ours. */
    if (agent_call_eof(s->agent, s->call, &now) < 0)
        session_fail(s, "end of recording");
    else
        ss->kick(ss->arg);
}

/* Waits until the socket's send queue is empty: MediaStatus would overtake the last pictures on a slow TCP connection,
 * and the BYE that follows would cut them off. */
static void drain(struct session *s)
{
    struct loop *l = s->set->loop;
    uint64_t now = loop_now_us(l);
    int unsent = 0;

    if (ioctl(s->sent_fd, SIOCOUTQ, &unsent) < 0)
        unsent = 0;
    if (unsent != s->unsent)
        s->unsent_us = now;
    s->unsent = unsent;
    if (unsent > 0 && now - s->unsent_us >= SESSION_DRAIN_US)
        session_fail(s, viewer_end_name(VIEWER_END_BLOCKED));
    else if (unsent <= 0 || loop_timer_at(l, &s->timer, now + DRAIN_POLL_US, on_drain, s) < 0)
        report_end(s);
}

static void on_drain(struct loop_timer *t, void *arg)
{
    (void)t;
    drain(arg);
}

/* The viewer has reached the end of the recording, or of what could be read. May free s. */
static void recording_sent(struct session *s)
{
    if (playback_lost(s->playback)) {
        session_fail(s, "recording read error");
        return;
    }
    s->state = SESSION_OVER;
    s->unsent = -1;
    drain(s);
}

/* ---- media ---------------------------------------------------------------------------------------------- */

static void on_end(void *arg, struct viewer *v, enum viewer_end why)
{
    struct session *s = arg;

    (void)v;
    if (s->playback && why == VIEWER_END_SOURCE)
        recording_sent(s);
    else
        session_fail(s, viewer_end_name(why));
}

static enum viewer_pacing session_pacing(const struct session *s)
{
    enum viewer_pacing pacing = s->set->media.pacing;

    if (s->tcp)
        return VIEWER_PACING_OFF;
    if (pacing == VIEWER_PACING_KERNEL && !net_route_fq(&s->peer)) {
        log_info("%s: pacing-fallback call=%u channel=%s reason=\"qdisc is not fq\"", session_platform(s->agent),
                 s->call, s->channel);
        pacing = VIEWER_PACING_LOOP;
    }
    return pacing;
}

static void on_max_time(struct loop_timer *t, void *arg)
{
    (void)t;
    session_fail(arg, "max_session_time");
}

/* Starts max_session_time; for a recording only while it is paused, when nothing else would end the session of a
 * platform that is gone. */
static void limit_time(struct session *s)
{
    struct loop *l = s->set->loop;
    const uint64_t limit_us = s->set->media.max_time_s * UINT64_C(1000000);

    if (!limit_us || (s->playback && !s->paused))
        loop_timer_del(l, &s->timer);
    else
        (void)loop_timer_at(l, &s->timer, loop_now_us(l) + limit_us, on_max_time, s);
}

void session_run(struct session *s)
{
    static const enum viewer_send by[] = {
        [SESSION_SEND_AUTO] = VIEWER_SEND_GSO,
        [SESSION_SEND_GSO] = VIEWER_SEND_GSO,
        [SESSION_SEND_MMSG] = VIEWER_SEND_MMSG,
        [SESSION_SEND_MSG] = VIEWER_SEND_MSG,
    };
    const struct session_media *media = &s->set->media;
    struct viewer_config cfg = {
        .fd = s->fd,
        .tcp = s->tcp,
        .ssrc = s->ssrc,
        .payload_type = s->payload_type,
        .pacing = session_pacing(s),
        .send = by[media->send],
        .interleaved = media->interleaved,
        .elementary = s->elementary,
        .on_end = on_end,
        .arg = s,
    };
    char peer[ADDR_TEXT_MAX];
    struct {
        uint32_t ts;
        uint16_t seq;
    } first = { 1, 1 };
    int err;

    loop_fd_del(s->set->loop, &s->watch);
    loop_timer_del(s->set->loop, &s->timer);
    if (getrandom(&first, sizeof(first), GRND_NONBLOCK) == (ssize_t)sizeof(first)) {
        cfg.first_timestamp = first.ts;
        cfg.first_seq = first.seq;
    }
    err = stream_add_viewer(s->stream, &cfg, &s->viewer);
    if (err) {
        session_fail(s, err == -EBUSY ? "source busy" : strerror(-err));
        return;
    }
    s->sent_fd = s->fd;
    s->fd = -1;
    s->state = SESSION_RUNNING;
    session_rtcp_start(s);
    limit_time(s);
    if (s->paused)
        viewer_pause(s->viewer, true);
    addr_print(&s->peer, peer);
    log_info("%s: session-start call=%u channel=%s peer=%s transport=%s ssrc=%010u", session_platform(s->agent),
             s->call, s->channel, peer, s->tcp ? "tcp" : "udp", s->ssrc);
}

void session_start(struct sessions *ss, const struct agent_event *ev)
{
    struct session *s = session_find(ss, ev->call);

    if (!s || s->started)
        return;
    s->started = true;
    s->started_us = loop_now_us(ss->loop);
    s->ssrc = ev->u.start.ssrc;
    s->payload_type = ev->u.start.payload_type;
    if (!s->tcp)
        session_run(s);
    else if (s->passive)
        session_accepted_start(s);
    else
        session_connect(s);
}

void session_stop(struct sessions *ss, uint32_t call, const char *reason)
{
    struct session *s = session_find(ss, call);

    if (s)
        session_over(s, reason ? reason : "stopped");
}

/* ---- control --------------------------------------------------------------------------------------------- */

static unsigned recording_control(struct session *s, const struct mansrtsp *m)
{
    const bool pause = m->verb == MANSRTSP_PAUSE, changed = s->paused != pause;
    unsigned status;

    if (s->state == SESSION_OVER)
        return 455;
    status = m->verb == MANSRTSP_PLAY ? playback_play(s->playback, m) : 200;
    if (status != 200)
        return status;
    s->paused = pause;
    if (changed && s->state == SESSION_RUNNING)
        limit_time(s);
    if (s->viewer)
        viewer_pause(s->viewer, s->paused);
    return 200;
}

/* Live: pause and play only; no seeking, no other speed. */
static unsigned live_control(struct session *s, const struct mansrtsp *m)
{
    if (m->verb == MANSRTSP_PAUSE || m->verb == MANSRTSP_PLAY) {
        if (m->has_scale && m->scale_permille != 1000)
            return 501;
        if (m->verb == MANSRTSP_PLAY && m->has_range && !m->range_now && m->range_from_us)
            return 455;
        s->paused = m->verb == MANSRTSP_PAUSE;
        if (s->viewer)
            viewer_pause(s->viewer, s->paused);
    }
    return 200;
}

void session_control(struct sessions *ss, struct agent *a, const struct agent_event *ev)
{
    struct session *s = session_find(ss, ev->call);
    uint32_t call = ev->call;
    struct gb_time now;

    loop_time(ss->loop, &now);
    agent_call_control_done(a, call, ev->token,
                            !s            ? 454
                            : s->playback ? recording_control(s, &ev->u.rtsp)
                                          : live_control(s, &ev->u.rtsp),
                            &now);
}

void sessions_end_camera(struct sessions *ss, const struct camera *c, const char *reason)
{
    list_each_safe(it, &ss->list) {
        struct session *s = container_of(it, struct session, node);

        if (s->camera == c)
            session_fail(s, reason);
    }
}

void sessions_drop_agent(struct sessions *ss, const struct agent *a, const char *reason)
{
    list_each_safe(it, &ss->list) {
        struct session *s = container_of(it, struct session, node);

        if (s->agent == a)
            session_over(s, reason);
    }
}

/* ---- status --------------------------------------------------------------------------------------------- */

const char *session_state_name(const struct session *s)
{
    static const char *const names[] = { "offered", "connecting", "listening", "running", "over" };

    if (s->state == SESSION_RUNNING && s->paused)
        return "paused";
    return names[s->state];
}

const struct session_ended *sessions_ended_at(const struct sessions *ss, unsigned index)
{
    if (index >= SESSIONS_ENDED || index >= ss->nended)
        return NULL;
    return &ss->ended[(ss->nended - 1 - index) % SESSIONS_ENDED];
}
