/* SPDX-License-Identifier: MIT */
/* UDP: sends a unit with one call if the kernel accepts it. A short count is resumed, and the next call's errno gives
 * the reason: method not supported, ICMP error, no kernel buffers. */
#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "media/viewer_priv.h"
#include "net/net_options.h"
#include "util/log.h"

#define PACE_ABOVE      32u      /* packets */
#define PACE_RUN        8u       /* packets per GSO message when the kernel paces */
#define GSO_BATCH       8u       /* messages per call: 368 packets */
#define NOBUFS_RETRY_US 3000u    /* after ENOBUFS select() does not report writability */
#define REACHABLE_US    1000000u /* no ICMP error for this long: the receiver has opened its port */
#define INPUTS_PER_TURN 32

static bool set_segment(struct viewer *v, int bytes)
{
    return setsockopt(v->cfg.fd, SOL_UDP, UDP_SEGMENT, &bytes, sizeof(bytes)) == 0;
}

void viewer_udp_init(struct viewer *v)
{
    socklen_t len = sizeof(v->sndbuf);

    if (getsockopt(v->cfg.fd, SOL_SOCKET, SO_SNDBUF, &v->sndbuf, &len) != 0)
        v->sndbuf = 0;
    v->method = v->cfg.send;
    /* fq paces messages, not the packets they are segmented into later. */
    v->run_max = v->cfg.pacing == VIEWER_PACING_KERNEL ? PACE_RUN : PACKET_RUN_MAX;
    if (v->method == VIEWER_SEND_GSO && !set_segment(v, RTP_HEADER + RTP_PAYLOAD_MAX))
        v->method = VIEWER_SEND_MMSG;
}

/* ---- methods of sending n packets from the cursor; they return the number sent, or -errno ---------------------- */

static int send_mmsg(struct viewer *v, struct packets *k, unsigned n)
{
    int sent = sendmmsg(v->cfg.fd, k->msg + v->packet, n < VIEWER_BATCH_MAX ? n : VIEWER_BATCH_MAX,
                        MSG_DONTWAIT | MSG_NOSIGNAL);

    v->stats.send_calls++;
    return sent < 0 ? -errno : sent;
}

/* Sends a unit as several messages, one per run. noinline: its arrays would make every unit pay for the stack
 * protector. */
__attribute__((noinline)) static int send_runs(struct viewer *v, struct packets *k, unsigned n)
{
    struct mmsghdr msg[GSO_BATCH];
    unsigned end[GSO_BATCH], at = v->packet, last = at + n, count = 0;
    const uint32_t *run = k->run;
    int sent;

    for (; count < GSO_BATCH && at < last; count++) {
        unsigned to = last - at < v->run_max ? last : at + v->run_max;
        while (*run <= at)
            run++;
        to = to < *run ? to : *run;
        while (packets_iovs(k, at, to - at) > VIEWER_BATCH_MAX)
            to--;
        msg[count].msg_hdr = (struct msghdr){ .msg_iov = k->msg[at].msg_hdr.msg_iov,
                                              .msg_iovlen = packets_iovs(k, at, to - at) };
        end[count] = at = to;
    }
    sent = sendmmsg(v->cfg.fd, msg, count, MSG_DONTWAIT | MSG_NOSIGNAL);
    v->stats.send_calls++;
    return sent < 0 ? -errno : sent == 0 ? 0 : (int)(end[sent - 1] - v->packet);
}

/* Usually one message, which the kernel segments into the packets. */
static int send_gso(struct viewer *v, struct packets *k, unsigned n)
{
    struct mmsghdr msg = { .msg_hdr = { .msg_iov = k->iov, .msg_iovlen = packets_iovs(k, 0, n) } };
    int sent;

    if (k->run[0] != n || n > v->run_max || v->packet > 0 || msg.msg_hdr.msg_iovlen > VIEWER_BATCH_MAX)
        return send_runs(v, k, n);
    sent = sendmmsg(v->cfg.fd, &msg, 1, MSG_DONTWAIT | MSG_NOSIGNAL);
    v->stats.send_calls++;
    return sent < 0 ? -errno : sent > 0 ? (int)n : 0;
}

static int send_each(struct viewer *v, struct packets *k, unsigned n)
{
    for (unsigned i = 0; i < n; i++) {
        v->stats.send_calls++;
        if (sendmsg(v->cfg.fd, &k->msg[v->packet + i].msg_hdr, MSG_DONTWAIT | MSG_NOSIGNAL) < 0)
            return i > 0 ? (int)i : -errno;
    }
    return (int)n;
}

static int (*const send_by[])(struct viewer *v, struct packets *k, unsigned n) = {
    [VIEWER_SEND_MMSG] = send_mmsg,
    [VIEWER_SEND_GSO] = send_gso,
    [VIEWER_SEND_MSG] = send_each,
};

/* ---- errors ------------------------------------------------------------------------------------------------- */

static bool from_icmp(int err)
{
    return err == ECONNREFUSED || err == EHOSTUNREACH;
}

static void on_reachable(struct loop_timer *t, void *arg)
{
    struct viewer *v = arg;

    (void)t;
    if (!v->ended && !v->feed->lossless)
        v->feed->ops->request_key(v->feed); /* the previous one was not received */
}

/* A media server may open its port seconds after the answer, so only persistent errors end the session: a run of
 * VIEWER_ICMP_RUN_US without a gap above VIEWER_ICMP_GAP_US has at least three errors, and not in one burst. */
static void count_icmp(struct viewer *v)
{
    uint64_t now = loop_now_us(v->loop);

    if (v->icmp_first_us == 0 || now - v->icmp_last_us > VIEWER_ICMP_GAP_US)
        v->icmp_first_us = now;
    v->icmp_last_us = now;
    if (now - v->icmp_first_us >= VIEWER_ICMP_RUN_US)
        viewer_finish(v, VIEWER_END_UNREACHABLE);
    else
        (void)loop_timer_at(v->loop, &v->reachable, now + REACHABLE_US, on_reachable, v);
}

/* If the method does not work here, although the option could be set (a driver without checksums, a small MTU, an old
 * kernel), changes to the next one permanently, starting with the packet that failed. */
static bool fall_back(struct viewer *v, int err)
{
    bool gso = v->method == VIEWER_SEND_GSO && (err == EIO || err == EINVAL || err == EMSGSIZE);

    if (!gso && !(v->method == VIEWER_SEND_MMSG && err == ENOSYS))
        return false;
    log_info("network: send-fallback without=%s reason=\"%s\"", gso ? "gso" : "sendmmsg", strerror(err));
    v->method = gso ? VIEWER_SEND_MMSG : VIEWER_SEND_MSG;
    return !gso || set_segment(v, 0);
}

/* false: stop for now. err is positive. */
static bool failed(struct viewer *v, int err)
{
    if (fall_back(v, err))
        return true;
    if (err == EINTR)
        return true;
    if (err == EAGAIN || err == EWOULDBLOCK) {
        viewer_wait_writable(v);
        return false;
    }
    if (err == ENOBUFS || err == ENOMEM) {
        viewer_wait_until(v, loop_now_us(v->loop) + NOBUFS_RETRY_US);
        return false;
    }
    v->stats.send_errors++;
    if (from_icmp(err)) {
        count_icmp(v);
        if (v->ended)
            return false;
    }
    if (v->resend) { /* not the error of an earlier packet: this one cannot be sent */
        viewer_cut(v);
        return false;
    }
    v->resend = true;
    return true;
}

/* ---- sending ------------------------------------------------------------------------------------------------- */

static inline int send_packets(struct viewer *v, struct packed_unit *p, struct packets *k, unsigned n)
{
    packets_write_headers(k, v->packet, n, viewer_rtp(v, p), 0);
    return send_by[v->method](v, k, n);
}

static inline void count_packets(struct viewer *v, const struct packets *k, unsigned n)
{
    viewer_count_sent(v, n, packets_bytes(k, v->packet, n) + n * RTP_HEADER);
    v->out.seq = (uint16_t)(v->out.seq + n);
}

/* Advances the cursor by `sent`, a count or -errno. false: stop for now. */
static bool advance(struct viewer *v, const struct packed_unit *p, const struct packets *k, int sent)
{
    if (sent <= 0)
        return failed(v, sent < 0 ? -sent : EAGAIN);
    count_packets(v, k, (unsigned)sent);
    v->packet += (unsigned)sent;
    v->resend = false;
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
        struct packed_unit *p = viewer_current(v);
        struct packets *k = viewer_packets(v, p);
        unsigned n = k->npkt > PACE_ABOVE ? viewer_pace(v, p, k) : k->npkt - v->packet;

        go_on = advance(v, p, k, send_packets(v, p, k, n));
    }
}

void viewer_udp_push(struct viewer *v, struct packed_unit *p)
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
        if (!advance(v, p, k, sent))
            return;
    }
    viewer_udp_send(v);
}

/* ---- input -------------------------------------------------------------------------------------------------- */

/* Discards what receivers send, at most RTCP; also gets ICMP errors. */
void viewer_udp_input(struct viewer *v)
{
    char scratch[64];

    for (int i = 0; i < INPUTS_PER_TURN && !v->ended; i++) {
        if (recv(v->cfg.fd, scratch, sizeof(scratch), MSG_DONTWAIT | MSG_TRUNC) >= 0)
            continue;
        if (from_icmp(errno)) {
            v->stats.send_errors++;
            count_icmp(v);
            continue;
        }
        if (errno != EINTR)
            return;
    }
}
