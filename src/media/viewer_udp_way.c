/* SPDX-License-Identifier: MIT */
/* Which way UDP goes out, and what follows where it does not: another way, ICMP errors, a kernel that is short of buffers. */
#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "net/net_options.h"
#include "media/viewer_priv.h"
#include "util/log.h"

#define PACE_RUN 8u                     /* packets of a GSO message that the kernel paces */
#define GSO_BATCH 8u                    /* messages of one call: 368 packets */
#define NOBUFS_RETRY_US 3000u           /* ENOBUFS is not followed by writability */
#define ICMP_HEARD_US 1000000u          /* no error for so long: somebody listens now */
#define INPUTS_PER_TURN 32

static bool set_segment(struct viewer *v, int bytes)
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
    if (v->method == VIEWER_SEND_GSO && !set_segment(v, RTP_HEADER + RTP_PAYLOAD_MAX)) {
        v->method = VIEWER_SEND_MMSG;
    }
}

/* One message a run: the kernel cuts it again where the packets are. */
int viewer_udp_send_runs(struct viewer *v, struct packets *k, unsigned n)
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
        while (plan_iovs(k, at, to - at) > VIEWER_BATCH_MAX) {
            to--;
        }
        msg[count].msg_hdr = (struct msghdr){ .msg_iov = k->msg[at].msg_hdr.msg_iov, .msg_iovlen = plan_iovs(k, at, to - at) };
        end[count] = at = to;
    }
    sent = sendmmsg(v->cfg.fd, msg, count, MSG_DONTWAIT | MSG_NOSIGNAL);
    v->stats.send_calls++;
    return sent < 0 ? -errno : sent == 0 ? 0 : (int)(end[sent - 1] - v->packet);
}

int viewer_udp_send_each(struct viewer *v, struct packets *k, unsigned n)
{
    for (unsigned i = 0; i < n; i++) {
        v->stats.send_calls++;
        if (sendmsg(v->cfg.fd, &k->msg[v->packet + i].msg_hdr, MSG_DONTWAIT | MSG_NOSIGNAL) < 0) {
            return i > 0 ? (int)i : -errno;
        }
    }
    return (int)n;
}

static bool from_icmp(int err)
{
    return err == ECONNREFUSED || err == EHOSTUNREACH;
}

static void heard(struct loop_timer *t, void *arg)
{
    struct viewer *v = arg;

    (void)t;
    if (!v->ended && !stream_lossless(v->stream)) {
        stream_request_idr(v->stream);      /* the one before went to nobody */
    }
}

/* A media server may open its port some seconds after the answer: only errors that go on end the session. Those of a run of
 * VIEWER_ICMP_RUN_US without a gap above VIEWER_ICMP_GAP_US are at least three that are not of one burst. */
static void note_icmp(struct viewer *v)
{
    uint64_t now = loop_now_us(v->loop);

    if (v->icmp_first_us == 0 || now - v->icmp_last_us > VIEWER_ICMP_GAP_US) {
        v->icmp_first_us = now;
    }
    v->icmp_last_us = now;
    if (now - v->icmp_first_us >= VIEWER_ICMP_RUN_US) {
        viewer_finish(v, VIEWER_END_UNREACHABLE);
    } else {
        (void)loop_timer_at(v->loop, &v->heard, now + ICMP_HEARD_US, heard, v);
    }
}

/* The way does not work here, whatever the option's probe said (a driver without checksums, a small MTU, an old kernel):
 * for good, and from the packet on that failed. */
static bool fall_back(struct viewer *v, int err)
{
    bool gso = v->method == VIEWER_SEND_GSO && (err == EIO || err == EINVAL || err == EMSGSIZE);

    if (!gso && !(v->method == VIEWER_SEND_MMSG && err == ENOSYS)) {
        return false;
    }
    log_info("UDP %s does not work here (%s): done without", gso ? "GSO" : "sendmmsg", strerror(err));
    v->method = gso ? VIEWER_SEND_MMSG : VIEWER_SEND_MSG;
    return !gso || set_segment(v, 0);
}

bool viewer_udp_failed(struct viewer *v, int err)
{
    if (fall_back(v, err)) {
        return true;
    }
    if (err == EINTR) {
        return true;
    }
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
        note_icmp(v);
        if (v->ended) {
            return false;
        }
    }
    if (v->again) {             /* not the echo of an earlier packet: this one does not go out */
        viewer_cut(v);
        return false;
    }
    v->again = true;
    return true;
}

/* Receivers send RTCP here at most; an ICMP error may come this way, too. */
void viewer_udp_input(struct viewer *v)
{
    char scratch[64];

    for (int i = 0; i < INPUTS_PER_TURN && !v->ended; i++) {
        if (recv(v->cfg.fd, scratch, sizeof(scratch), MSG_DONTWAIT | MSG_TRUNC) >= 0) {
            continue;
        }
        if (from_icmp(errno)) {
            v->stats.send_errors++;
            note_icmp(v);
            continue;
        }
        if (errno != EINTR) {
            return;
        }
    }
}
