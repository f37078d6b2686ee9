/* SPDX-License-Identifier: MIT */
/* From an offer to its answer: the socket, what the answer says, which form the media gets. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "net/net.h"
#include "sessions/session_priv.h"
#include "util/log.h"

#define CODEC_POLL_US 20000u

static uint64_t now_ms(const struct session *s)
{
    return loop_now_us(s->set->loop) / 1000;
}

/* Of an error that a destination caused: the socket or the routes refuse it (a directed broadcast, no way there). */
static bool not_acceptable(int err)
{
    return err != 0 && err != -EINPROGRESS && err != -EMFILE && err != -ENFILE && err != -ENOMEM && err != -ENOBUFS &&
           err != -EAGAIN && err != -EADDRINUSE;
}

/* 0, or the SIP status that refuses the offer. */
static unsigned media_socket(struct session *s, const struct sdp_offer *o)
{
    struct net_bind b = {
        .family = (enum addr_family)o->media.family, .port_min = s->set->media.port_min,
        .port_max = s->set->media.port_max, .even = true, .interface = s->interface,
    };
    struct addr by = { 0 };
    char text[ADDR_TEXT_MAX];
    int err;

    s->fd = !s->tcp && s->set->media.rtcp != SESSION_RTCP_OFF ? net_udp_pair(&b, &s->rtcp_fd)
          : !s->tcp ? net_udp_open(&b) : s->passive ? net_tcp_listen(&b) : net_tcp_open(&b);
    if (s->fd < 0) {
        log_warn_gated(&s->set->refusals, now_ms(s), "channel %s: no media socket: %s", s->channel, strerror(-s->fd));
        return s->fd == -EAFNOSUPPORT ? 488 : 500;
    }
    if (s->set->media.dscp)
        net_dscp(s->fd, s->set->media.dscp);        /* a connection that is accepted inherits it */
    /* TCP connects after the ACK, when it would be too late to say 488; a probe knows the same now. A UDP socket is
     * connected: it knows. */
    err = s->tcp ? net_probe_local(&o->media, s->interface, &by) : net_connect(s->fd, &o->media);
    if (!s->passive && not_acceptable(err)) {
        addr_print(&o->media, text);
        log_warn_gated(&s->set->refusals, now_ms(s), "channel %s: media cannot be sent to %s: %s", s->channel, text,
                       strerror(-err));
        return 488;
    }
    if (!err || s->tcp)
        err = net_local(s->fd, &s->local);
    if (err)
        log_warn_gated(&s->set->refusals, now_ms(s), "channel %s: no media socket: %s", s->channel, strerror(-err));
    s->leaves_by = s->local;
    if (s->tcp)
        memcpy(s->leaves_by.ip, by.ip, sizeof(by.ip));
    return err ? 500 : 0;
}

static enum gb_codec source_codec(const struct session *s)
{
    return s->playback ? playback_video(s->playback) : stream_video_codec(s->stream);
}

/* Codec, bit rate and sampling rate as annex F (2016) and G (2022) number them; "" = it depends. */
static const char *audio_fields(enum gb_codec codec)
{
    static const char *const fields[] = {
        [GB_CODEC_G711A] = "1/8/1", [GB_CODEC_G711U] = "1/8/1", [GB_CODEC_G7221] = "4//", [GB_CODEC_AAC] = "6//",
    };

    return (unsigned)codec < sizeof(fields) / sizeof(fields[0]) && fields[codec] ? fields[codec] : "//";
}

/* Only what is known: the codecs and the configured rate (GB/T 28181-2016 annex F). */
static const char *f_line(const struct session *s, char *out, size_t size)
{
    enum gb_codec codec = source_codec(s);
    char fps[12] = "";

    if (!s->has_f)
        return NULL;
    if (s->camera->fps)
        snprintf(fps, sizeof(fps), "%u", s->camera->fps);
    snprintf(out, size, "v/%s//%s//a/%s", codec == GB_CODEC_H265 ? "5" : codec == GB_CODEC_H264 ? "2" : "", fps,
             audio_fields(s->no_ps ? GB_CODEC_NONE : stream_audio_codec(s->stream)));
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
    s->call = ev->call;
    if (hash_insert(&ss->by_call, &s->by_call, (struct span){ (const char *)&s->call, sizeof(s->call) }) != 0) {
        free(s);
        return NULL;
    }
    s->set = ss;
    s->agent = a;
    s->fd = s->sent_fd = s->watch.fd = s->rtcp_fd = s->rtcp_watch.fd = -1;
    s->rtcp_inside = o->tcp && ss->media.rtcp == SESSION_RTCP_ALL;
    s->state = SESSION_OFFERED;
    s->tcp = o->tcp;
    s->download = o->session == SDP_DOWNLOAD;
    s->passive = o->tcp && sdp_setup_answer(o->setup) == SDP_SETUP_PASSIVE;
    s->no_ps = o->format != SDP_FORMAT_PS;
    s->has_f = o->has_f;
    s->peer = o->media;
    s->started_us = loop_now_us(ss->loop);
    agent_get_status(a, &st);
    s->signalling = st.server;
    span_copy(span_of(interface), s->interface, sizeof(s->interface));
    list_append(&ss->list, &s->node);
    ss->count++;
    return s;
}

/* What is said of no recordings is in no standard: 404 tells it from an offer that does not fit (488). */
static unsigned open_recording(struct session *s, const struct sdp_offer *o)
{
    struct agent_status st;
    int err;

    agent_get_status(s->agent, &st);
    err = playback_new(s->set->loop, s->camera, o, st.edition == GB_2022, &s->playback);
    if (!err) {
        s->stream = playback_stream(s->playback);
        return 0;
    }
    log_info("%s: %s of channel %s, %llu to %llu: %s", session_platform(s->agent), o->session_name, s->channel,
             (unsigned long long)o->start, (unsigned long long)o->stop,
             err == -ENOENT ? "nothing was recorded then" : strerror(-err));
    return err == -ENOENT ? 404 : err == -EAGAIN ? 480 : err == -EBUSY ? 486 : err == -ENOTSUP ? 488 : 500;
}

static unsigned open_source(struct session *s, const struct sdp_offer *o)
{
    if (o->session == SDP_PLAYBACK || o->session == SDP_DOWNLOAD)
        return open_recording(s, o);
    return camera_stream(s->camera, o->stream > 0 ? (unsigned)o->stream : 0, &s->stream) ? 480 : 0;
}

/* SIP status that refuses, 0 when all is there. */
static unsigned prepare(struct session *s, const struct agent_event *ev)
{
    unsigned status;

    s->camera = cameras_find(s->set->cameras, ev->channel);
    if (!s->camera)
        return 404;
    memcpy(s->channel, s->camera->id, sizeof(s->channel));
    if (s->set->count > s->set->media.max_sessions)
        return 486;
    status = open_source(s, ev->u.offer);
    return status ? status : media_socket(s, ev->u.offer);
}

/* An offer without PS gets what the source is. The SIP status that refuses, 0, or -EAGAIN: that is not known yet. */
static int choose_elementary(struct session *s)
{
    s->elementary = source_codec(s);
    if (s->elementary != GB_CODEC_NONE)
        return 0;
    if (s->playback)
        return 488;             /* it is not read before the ACK */
    return loop_now_us(s->set->loop) - s->started_us < SESSION_CODEC_US ? -EAGAIN : 480;
}

/* 0, a negative errno, or 488: the offer has not the format. */
static int accept_offer(struct session *s, const struct gb_time *now)
{
    const enum gb_codec codec = s->elementary;
    struct call_answer answer = {
        .local = s->leaves_by,
        .format = codec == GB_CODEC_NONE ? SDP_FORMAT_PS : codec == GB_CODEC_H265 ? SDP_FORMAT_H265 : SDP_FORMAT_H264,
        .file_size = s->playback ? playback_bytes(s->playback) : 0,
    };
    char f[40];
    int err;

    answer.f = f_line(s, f, sizeof(f));
    err = agent_call_accept(s->agent, s->call, &answer, now);
    return err == -ENOTSUP ? 488 : err;
}

static void answer_offer(struct session *s);

static void on_codec_timer(struct loop_timer *t, void *arg)
{
    struct session *s = arg;
    struct sessions *ss = s->set;

    (void)t;
    answer_offer(s);
    ss->kick(ss->arg);
}

/* May free s. */
static void answer_offer(struct session *s)
{
    struct loop *l = s->set->loop;
    struct gb_time now;
    int err = s->no_ps ? choose_elementary(s) : 0;

    loop_time(l, &now);
    if (err == -EAGAIN && loop_timer_at(l, &s->timer, loop_now_us(l) + CODEC_POLL_US, on_codec_timer, s) == 0)
        return;
    if (err == -EAGAIN)
        err = 500;
    if (!err)
        err = accept_offer(s, &now);
    if (err > 0) {
        log_info_gated(&s->set->refusals, now_ms(s), "%s: offer for channel %s refused: none of its formats fits",
                       session_platform(s->agent), s->channel);
        agent_call_reject(s->agent, s->call, (unsigned)err, &now);
        session_free(s);
    } else if (err) {
        log_warn("%s: session %u could not be answered: %s", session_platform(s->agent), s->call,
                 err == -ENOENT ? "the call is gone" : strerror(-err));
        session_free(s);
    } else if (s->passive) {
        session_listen(s);
    }
}

void session_offer(struct sessions *ss, struct agent *a, const struct agent_event *ev, const char *interface)
{
    struct session *s = session_find(ss, ev->call);
    struct gb_time now;
    unsigned status;

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
        log_info_gated(&ss->refusals, now.mono_ms, "%s: offer for channel %s refused with %u", session_platform(a),
                       ev->channel, status);
        agent_call_reject(a, s->call, status, &now);
        session_free(s);
        return;
    }
    answer_offer(s);
}
