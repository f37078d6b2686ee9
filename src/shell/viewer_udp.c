/* SPDX-License-Identifier: MIT */
/* A unit goes out in one call where the kernel takes it. A short count is resumed; the next call's errno says why. */
#include <errno.h>
#include <netinet/udp.h>
#include <sys/socket.h>

#include "shell/viewer_priv.h"

#ifndef SOL_UDP
#define SOL_UDP 17
#endif
#ifndef UDP_SEGMENT
#define UDP_SEGMENT 103
#endif
#define BATCH_MAX 1024u                 /* the kernel's own limit of one sendmmsg, and of the iovecs of a message */
#define PACE_ABOVE 32u                  /* packets */
#define PACE_RUN 8u                     /* packets of a GSO message that the kernel paces */
#define GSO_BATCH 8u                    /* messages of one call: 368 packets */

/* ---- the ways to send: n packets from the cursor; how many the kernel took, or -errno ------------------------ */

static int send_mmsg(struct viewer *v, struct packets *k, unsigned n)
{
    int sent = sendmmsg(v->cfg.fd, k->msg + v->packet, n < BATCH_MAX ? n : BATCH_MAX, MSG_DONTWAIT | MSG_NOSIGNAL);

    v->stats.send_calls++;
    return sent < 0 ? -errno : sent;
}

/* One message a run: the kernel cuts it again where the packets are. */
static int send_gso(struct viewer *v, struct packets *k, unsigned n)
{
    struct mmsghdr msg[GSO_BATCH];
    unsigned end[GSO_BATCH], at = v->packet, last = at + n, count = 0;
    const uint32_t *run = k->run;
    int sent;

    for (; count < GSO_BATCH && at < last; count++) {
        unsigned to = last - at < v->run_max ? last : at + v->run_max;
        while (*run <= at) {
            run++;
        }
        to = to < *run ? to : *run;
        while (plan_iovs(k, at, to - at) > BATCH_MAX) {
            to--;
        }
        msg[count].msg_hdr = (struct msghdr){ .msg_iov = k->msg[at].msg_hdr.msg_iov, .msg_iovlen = plan_iovs(k, at, to - at) };
        end[count] = at = to;
    }
    sent = sendmmsg(v->cfg.fd, msg, count, MSG_DONTWAIT | MSG_NOSIGNAL);
    v->stats.send_calls++;
    return sent < 0 ? -errno : sent == 0 ? 0 : (int)(end[sent - 1] - v->packet);
}

static int send_each(struct viewer *v, struct packets *k, unsigned n)
{
    for (unsigned i = 0; i < n; i++) {
        v->stats.send_calls++;
        if (sendmsg(v->cfg.fd, &k->msg[v->packet + i].msg_hdr, MSG_DONTWAIT | MSG_NOSIGNAL) < 0) {
            return i > 0 ? (int)i : -errno;
        }
    }
    return (int)n;
}

static int (*const send_by[])(struct viewer *v, struct packets *k, unsigned n) = {
    [VIEWER_SEND_MMSG] = send_mmsg, [VIEWER_SEND_GSO] = send_gso, [VIEWER_SEND_MSG] = send_each,
};

bool viewer_udp_segment(struct viewer *v, int bytes)
{
    return setsockopt(v->cfg.fd, SOL_UDP, UDP_SEGMENT, &bytes, sizeof(bytes)) == 0;
}

void viewer_udp_init(struct viewer *v)
{
    socklen_t len = sizeof(v->sndbuf);

    if (getsockopt(v->cfg.fd, SOL_SOCKET, SO_SNDBUF, &v->sndbuf, &len) != 0) {
        v->sndbuf = 0;
    }
    v->method = v->cfg.send;
    /* fq paces messages, not what they are cut into later. */
    v->run_max = v->cfg.pacing == VIEWER_PACING_KERNEL ? PACE_RUN : PLAN_RUN_MAX;
    if (v->method == VIEWER_SEND_GSO && !viewer_udp_segment(v, RTP_HEADER + RTP_PAYLOAD_MAX)) {
        v->method = VIEWER_SEND_MMSG;
    }
}

/* ---- sending ------------------------------------------------------------------------------------------------- */

static inline int send_packets(struct viewer *v, struct plan *p, struct packets *k, unsigned n)
{
    plan_headers(k, v->packet, n, viewer_rtp(v, p), 0);
    return send_by[v->method](v, k, n);
}

static inline void count_packets(struct viewer *v, const struct packets *k, unsigned n)
{
    viewer_count_sent(v, n, plan_bytes(k, v->packet, n) + n * RTP_HEADER);
    v->out.seq = (uint16_t)(v->out.seq + n);
}

/* Of the queued unit under the cursor. false: no more for now. */
static bool took(struct viewer *v, const struct plan *p, const struct packets *k, int sent)
{
    if (sent <= 0) {
        return viewer_udp_failed(v, sent < 0 ? -sent : EAGAIN);
    }
    count_packets(v, k, (unsigned)sent);
    v->packet += (unsigned)sent;
    v->again = false;
    if (v->packet == k->npkt) {
        viewer_unit_done(v);
        return true;
    }
    v->progress_us = loop_now_us(v->loop);
    if (v->packet == v->burst_end) {
        viewer_pace_wait(v, p);
        return false;
    }
    return true;
}

void viewer_udp_send(struct viewer *v)
{
    bool go_on = true;

    while (go_on && v->count > 0 && !v->paused && !v->ended) {
        struct plan *p = v->queue[v->head];
        struct packets *k = viewer_packets(v, p);
        unsigned n = k->npkt > PACE_ABOVE ? viewer_pace(v, p, k) : k->npkt - v->packet;

        go_on = took(v, p, k, send_packets(v, p, k, n));
    }
}

void viewer_udp_push(struct viewer *v, struct plan *p)
{
    struct packets *k = viewer_packets(v, p);
    int sent;

    if (k->npkt > PACE_ABOVE) {
        viewer_enqueue(v, p);
    } else {
        sent = send_packets(v, p, k, k->npkt);
        if (sent == (int)k->npkt) {
            count_packets(v, k, k->npkt);
            v->stats.units++;
            return;
        }
        viewer_enqueue(v, p);
        if (!took(v, p, k, sent)) {
            return;
        }
    }
    viewer_udp_send(v);
}
