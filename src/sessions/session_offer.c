/* SPDX-License-Identifier: MIT */
/* From an offer to its answer: source, media socket, format. */
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

/* Whether the destination caused the error: broadcast address, no route. */
static bool not_acceptable(int err)
{
    return err != 0 && err != -EINPROGRESS && err != -EMFILE && err != -ENFILE && err != -ENOMEM && err != -ENOBUFS &&
           err != -EAGAIN && err != -EADDRINUSE;
}

static void log_socket_failed(struct session *s, int err)
{
    log_warn_gated(&s->set->refusals, now_ms(s), "%s: media-socket-failed call=%u channel=%s reason=\"%s\"",
                   session_platform(s->agent), s->call, s->channel, strerror(-err));
}

/* 0, or the SIP status to refuse the offer with. */
static unsigned media_socket(struct session *s, const struct sdp_offer *o)
{
    struct net_bind b = {
        .family = (enum addr_family)o->media.family,
        .port_min = s->set->media.port_min,
        .port_max = s->set->media.port_max,
        .even = true,
        .interface = s->interface,
    };
    struct addr by = { 0 };
    char text[ADDR_TEXT_MAX];
    int err;

    s->fd = !s->tcp && s->set->media.rtcp != SESSION_RTCP_OFF ? net_udp_pair(&b, &s->rtcp_fd)
            : !s->tcp                                         ? net_udp_open(&b)
            : s->passive                                      ? net_tcp_listen(&b)
                                                              : net_tcp_open(&b);
    if (s->fd < 0) {
        log_socket_failed(s, s->fd);
        return s->fd == -EAFNOSUPPORT ? 488 : 500;
    }
    if (s->set->media.dscp)
        net_dscp(s->fd, s->set->media.dscp); /* accepted connections inherit it */
    /* Detects an unusable destination: on UDP by connecting, on TCP by a probe, as connecting after the ACK is too late
     * for 488. */
    err = s->tcp ? net_probe_local(&o->media, s->interface, &by) : net_connect(s->fd, &o->media);
    if (!s->passive && not_acceptable(err)) {
        addr_print(&o->media, text);
        log_warn_gated(&s->set->refusals, now_ms(s), "%s: media-unreachable call=%u channel=%s peer=%s reason=\"%s\"",
                       session_platform(s->agent), s->call, s->channel, text, strerror(-err));
        return 488;
    }
    if (!err || s->tcp)
        err = net_local(s->fd, &s->local);
    if (err)
        log_socket_failed(s, err);
    s->source = s->local;
    if (s->tcp)
        memcpy(s->source.ip, by.ip, sizeof(by.ip));
    return err ? 500 : 0;
}

static enum gb_codec source_codec(const struct session *s)
{
    return s->playback ? playback_video(s->playback) : stream_video_codec(s->stream);
}

/* Codec, bit rate and sampling rate, by their numbers in annex F (2016) and G (2022); empty if variable. */
static const char *audio_fields(enum gb_codec codec)
{
    static const char *const fields[] = {
        [GB_CODEC_G711A] = "1/8/1",
        [GB_CODEC_G711U] = "1/8/1",
        [GB_CODEC_G7221] = "4//",
        [GB_CODEC_AAC] = "6//",
    };

    return (unsigned)codec < sizeof(fields) / sizeof(fields[0]) && fields[codec] ? fields[codec] : "//";
}

/* f= (GB/T 28181-2016 annex F) with the known fields: codecs and configured frame rate. */
static const char *f_line(const struct session *s, char *out, size_t size)
{
    enum gb_codec codec = source_codec(s);
    char fps[12] = "";

    if (!s->has_f)
        return NULL;
    if (s->camera->fps)
        snprintf(fps, sizeof(fps), "%u", s->camera->fps);
    snprintf(out, size, "v/%s//%s//a/%s",
             codec == GB_CODEC_H265   ? "5"
             : codec == GB_CODEC_H264 ? "2"
                                      : "",
             fps, audio_fields(s->no_ps ? GB_CODEC_NONE : stream_audio_codec(s->stream)));
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
    memcpy(s->channel, ev->channel, sizeof(s->channel));
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

/* The standards define no status for an empty time span: 404 is distinct from unacceptable media (488). */
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
    log_info("%s: recording-failed call=%u channel=%s start=%llu stop=%llu reason=\"%s\"", session_platform(s->agent),
             s->call, s->channel, (unsigned long long)o->start, (unsigned long long)o->stop,
             err == -ENOENT ? "no recording" : strerror(-err));
    return err == -ENOENT ? 404 : err == -EAGAIN ? 480 : err == -EBUSY ? 486 : err == -ENOTSUP ? 488 : 500;
}

static unsigned open_source(struct session *s, const struct sdp_offer *o)
{
    if (o->session == SDP_PLAYBACK || o->session == SDP_DOWNLOAD)
        return open_recording(s, o);
    return camera_stream(s->camera, o->stream > 0 ? (unsigned)o->stream : 0, &s->stream) ? 480 : 0;
}

/* 0, or the SIP status to refuse the offer with. */
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

/* For an offer without PS: the elementary stream of the source's codec. 0; the SIP status to refuse with; or -EAGAIN:
 * codec not known yet. */
static int choose_elementary(struct session *s)
{
    s->elementary = source_codec(s);
    if (s->elementary != GB_CODEC_NONE)
        return 0;
    if (s->playback)
        return 488; /* a recording is not read before the ACK */
    return loop_now_us(s->set->loop) - s->started_us < SESSION_CODEC_US ? -EAGAIN : 480;
}

/* 0, -errno, or 488: the format is not in the offer. */
static int accept_offer(struct session *s, const struct gb_time *now)
{
    const enum gb_codec codec = s->elementary;
    struct call_answer answer = {
        .local = s->source,
        .format = codec == GB_CODEC_NONE   ? SDP_FORMAT_PS
                  : codec == GB_CODEC_H265 ? SDP_FORMAT_H265
                                           : SDP_FORMAT_H264,
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

static void refuse(struct session *s, unsigned status, const struct gb_time *now)
{
    log_info_gated(&s->set->refusals, now_ms(s), "%s: offer-refused call=%u channel=%s status=%u",
                   session_platform(s->agent), s->call, s->channel, status);
    agent_call_reject(s->agent, s->call, status, now);
    session_free(s);
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
        refuse(s, (unsigned)err, &now);
    } else if (err) {
        log_warn("%s: answer-failed call=%u channel=%s reason=\"%s\"", session_platform(s->agent), s->call, s->channel,
                 err == -ENOENT ? "call is gone" : strerror(-err));
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
        session_over(s, "new offer");
    loop_time(ss->loop, &now);
    s = session_new(ss, a, ev, interface);
    if (!s) {
        agent_call_reject(a, ev->call, 500, &now);
        return;
    }
    status = prepare(s, ev);
    if (status) {
        refuse(s, status, &now);
        return;
    }
    answer_offer(s);
}
