/* SPDX-License-Identifier: MIT */
/* A unit goes out in one call where the kernel takes it. A short count is resumed; the next call's errno says why. */
#include <errno.h>
#include <sys/socket.h>

#include "media/viewer_priv.h"

#define PACE_ABOVE 32u                  /* packets */

/* ---- the ways to send: n packets from the cursor; how many the kernel took, or -errno ------------------------ */

static int send_mmsg(struct viewer *v, struct packets *k, unsigned n)
{
    int sent = sendmmsg(v->cfg.fd, k->msg + v->packet, n < VIEWER_BATCH_MAX ? n : VIEWER_BATCH_MAX, MSG_DONTWAIT | MSG_NOSIGNAL);

    v->stats.send_calls++;
    return sent < 0 ? -errno : sent;
}

/* Mostly one message: the kernel cuts it again where the packets are. */
static int send_gso(struct viewer *v, struct packets *k, unsigned n)
{
    struct mmsghdr msg = { .msg_hdr = { .msg_iov = k->iov, .msg_iovlen = plan_iovs(k, 0, n) } };
    int sent;

    if (k->run[0] != n || n > v->run_max || v->packet > 0 || msg.msg_hdr.msg_iovlen > VIEWER_BATCH_MAX) {
        return viewer_udp_send_runs(v, k, n);
    }
    sent = sendmmsg(v->cfg.fd, &msg, 1, MSG_DONTWAIT | MSG_NOSIGNAL);
    v->stats.send_calls++;
    return sent < 0 ? -errno : sent > 0 ? (int)n : 0;
}

static int (*const send_by[])(struct viewer *v, struct packets *k, unsigned n) = {
    [VIEWER_SEND_MMSG] = send_mmsg, [VIEWER_SEND_GSO] = send_gso, [VIEWER_SEND_MSG] = viewer_udp_send_each,
};

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
        struct plan *p = viewer_current(v);
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
