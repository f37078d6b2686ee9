/* SPDX-License-Identifier: MIT */
#include "shell/session.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "shell/net.h"
#include "shell/session_priv.h"
#include "util/log.h"

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

static struct session *session_find(const struct sessions *ss, uint32_t call)
{
    list_each(it, &ss->list) {
        struct session *s = container_of(it, struct session, node);

        if (s->call == call)
            return s;
    }
    return NULL;
}

static const char *platform_name(const struct agent *a)
{
    return agent_get_config(a)->name;
}

static void session_free(struct session *s)
{
    loop_timer_del(s->set->loop, &s->timer);
    loop_fd_del(s->set->loop, &s->watch);
    viewer_free(s->viewer);
    if (s->fd >= 0)
        close(s->fd);
    list_remove(&s->node);
    s->set->count--;
    free(s);
}

static void remember(const struct session *s, const char *why)
{
    struct session_ended *e = &s->set->ended[s->set->nended++ % SESSIONS_ENDED];
    char peer[ADDR_TEXT_MAX];

    memset(e, 0, sizeof(*e));
    e->call = s->call;
    span_copy(span_of(platform_name(s->agent)), e->platform, sizeof(e->platform));
    memcpy(e->channel, s->channel, sizeof(e->channel));
    e->peer = s->peer;
    snprintf(e->why, sizeof(e->why), "%s", why);
    addr_print(&s->peer, peer);
    log_info("%s: session %u of channel %s to %s ended: %s", e->platform, s->call, s->channel, peer, why);
}

static void session_over(struct session *s, const char *why)
{
    remember(s, why);
    session_free(s);
}

void session_fail(struct session *s, const char *why)
{
    struct sessions *ss = s->set;
    struct gb_time now;

    loop_time(ss->loop, &now);
    agent_call_ended(s->agent, s->call, why, &now);
    session_over(s, why);
    ss->kick(ss->arg);
}

void sessions_free(struct sessions *ss)
{
    list_each_safe(it, &ss->list)
        session_free(container_of(it, struct session, node));
}

/* ---- the offer ------------------------------------------------------------------------------------------ */

static int media_socket(struct session *s, const struct sdp_offer *o)
{
    struct net_bind b = {
        .family = (enum addr_family)o->media.family, .port_min = s->set->media.port_min,
        .port_max = s->set->media.port_max, .even = true, .interface = s->interface,
    };
    int err;

    s->fd = !s->tcp ? net_udp_open(&b) : s->passive ? net_tcp_listen(&b) : net_tcp_open(&b);
    if (s->fd < 0)
        return s->fd;
    if (!s->tcp) {
        err = net_connect(s->fd, &o->media);
        if (err)
            return err;
    }
    return net_local(s->fd, &s->local);
}

/* What the answer says as local address. Unspecified lets the agent put in its own, with what the config forces;
 * media that leaves by another address of this host than signalling needs that one. */
static void answer_address(const struct session *s, struct addr *out)
{
    struct agent_status st;
    struct addr probe;

    *out = s->local;
    memset(out->ip, 0, sizeof(out->ip));
    if (agent_get_config(s->agent)->media_address.family)
        return;
    agent_get_status(s->agent, &st);
    if (net_probe_local(&s->peer, s->interface, &probe) < 0)
        return;
    if (st.local.family && !addr_same_ip(&probe, &st.local))
        memcpy(out->ip, probe.ip, sizeof(out->ip));
}

/* Only what is known: one codec and the configured rate (GB/T 28181-2016 annex F). */
static const char *f_line(const struct session *s, const struct sdp_offer *o, char *out, size_t size)
{
    enum gb_codec codec = stream_video_codec(s->stream);
    char fps[12] = "";

    if (!o->has_f)
        return NULL;
    if (s->camera->fps)
        snprintf(fps, sizeof(fps), "%u", s->camera->fps);
    snprintf(out, size, "v/%s//%s//a///", codec == GB_CODEC_H265 ? "5" : codec == GB_CODEC_H264 ? "2" : "", fps);
    return out;
}

static struct session *session_new(struct sessions *ss, struct agent *a, const struct agent_event *ev,
                                   const char *interface)
{
    const struct sdp_offer *o = ev->u.offer;
    struct session *s = calloc(1, sizeof(*s));
    struct agent_status st;

    if (!s)
        return NULL;
    s->set = ss;
    s->agent = a;
    s->call = ev->call;
    s->fd = s->watch.fd = -1;
    s->state = SESSION_OFFERED;
    s->tcp = o->tcp;
    s->passive = o->tcp && sdp_setup_answer(o->setup) == SDP_SETUP_PASSIVE;
    s->payload_type = o->payload_type;
    s->peer = o->media;
    s->started_us = loop_now_us(ss->loop);
    agent_get_status(a, &st);
    s->signalling = st.server;
    span_copy(span_of(interface), s->interface, sizeof(s->interface));
    list_append(&ss->list, &s->node);
    ss->count++;
    return s;
}

/* SIP status that refuses, 0 when all is there. */
static unsigned prepare(struct session *s, const struct agent_event *ev)
{
    int err;

    s->camera = cameras_find(s->set->cameras, ev->channel);
    if (!s->camera)
        return 404;
    memcpy(s->channel, s->camera->id, sizeof(s->channel));
    if (s->set->count > s->set->media.max_sessions)
        return 486;
    if (camera_stream(s->camera, ev->u.offer->stream > 0 ? (unsigned)ev->u.offer->stream : 0, &s->stream))
        return 480;
    err = media_socket(s, ev->u.offer);
    if (err) {
        log_warn("channel %s: no media socket: %s", s->channel, strerror(-err));
        return err == -ENETUNREACH || err == -EHOSTUNREACH || err == -EAFNOSUPPORT ? 488 : 500;
    }
    return 0;
}

void session_offer(struct sessions *ss, struct agent *a, const struct agent_event *ev, const char *interface)
{
    struct session *s = session_find(ss, ev->call);
    struct gb_time now;
    struct addr local;
    unsigned status;
    char f[40];
    int err;

    if (s)
        session_over(s, "offered anew");
    loop_time(ss->loop, &now);
    s = session_new(ss, a, ev, interface);
    if (!s) {
        agent_call_reject(a, ev->call, 500, &now);
        return;
    }
    status = prepare(s, ev);
    if (status) {
        log_info("%s: offer for channel %s refused with %u", platform_name(a), ev->channel, status);
        agent_call_reject(a, s->call, status, &now);
        session_free(s);
        return;
    }
    answer_address(s, &local);
    err = agent_call_accept(a, s->call, &local, f_line(s, ev->u.offer, f, sizeof(f)), &now);
    if (err) {
        log_warn("%s: session %u could not be answered: %s", platform_name(a), s->call, strerror(-err));
        session_free(s);
        return;
    }
    if (s->passive)
        session_listen(s);
}

/* ---- media ---------------------------------------------------------------------------------------------- */

static void on_end(void *arg, struct viewer *v, enum viewer_end why)
{
    (void)v;
    session_fail(arg, viewer_end_name(why));
}

void session_run(struct session *s)
{
    struct viewer_config cfg = {
        .fd = s->fd, .tcp = s->tcp, .ssrc = s->ssrc, .payload_type = s->payload_type,
        .pacing = s->set->media.pacing ? VIEWER_PACING_LOOP : VIEWER_PACING_OFF, .on_end = on_end, .arg = s,
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
    err = viewer_new(s->stream, &cfg, &s->viewer);
    if (err) {
        session_fail(s, err == -EBUSY ? "the source serves somebody else" : strerror(-err));
        return;
    }
    s->fd = -1;
    s->state = SESSION_RUNNING;
    if (s->paused)
        viewer_pause(s->viewer, true);
    addr_print(&s->peer, peer);
    log_info("%s: session %u: channel %s to %s (%s), ssrc %010u", platform_name(s->agent), s->call, s->channel, peer,
             s->tcp ? "TCP" : "UDP", s->ssrc);
}

void session_start(struct sessions *ss, struct agent *a, uint32_t call)
{
    struct session *s = session_find(ss, call);
    struct agent_call_info info;

    if (!s || s->started || !agent_call_find(a, call, &info))
        return;
    s->started = true;
    s->started_us = loop_now_us(ss->loop);
    s->ssrc = info.ssrc;
    if (!s->tcp)
        session_run(s);
    else if (s->passive)
        session_accepted_start(s);
    else
        session_connect(s);
}

void session_stop(struct sessions *ss, uint32_t call, const char *why)
{
    struct session *s = session_find(ss, call);

    if (s)
        session_over(s, why ? why : "stopped");
}

/* Live: pause and play; there is nothing to seek in, and no other speed. */
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
    bool teardown = ev->u.rtsp.verb == MANSRTSP_TEARDOWN;
    uint32_t call = ev->call;
    struct gb_time now;

    loop_time(ss->loop, &now);
    agent_call_control_done(a, call, ev->token, s ? live_control(s, &ev->u.rtsp) : 454, &now);
    if (s && teardown)
        session_fail(s, "TEARDOWN");
}

void sessions_end_camera(struct sessions *ss, const struct camera *c, const char *why)
{
    list_each_safe(it, &ss->list) {
        struct session *s = container_of(it, struct session, node);

        if (s->camera == c)
            session_fail(s, why);
    }
}

void sessions_drop_agent(struct sessions *ss, const struct agent *a, const char *why)
{
    list_each_safe(it, &ss->list) {
        struct session *s = container_of(it, struct session, node);

        if (s->agent == a)
            session_over(s, why);
    }
}

/* ---- looking -------------------------------------------------------------------------------------------- */

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
