/* SPDX-License-Identifier: MIT */
/* A unit goes out in one call where the kernel takes it. A short count is resumed; the next call's errno says why. */
#include <errno.h>
#include <netinet/udp.h>
#include <string.h>
#include <sys/socket.h>

#include "shell/viewer_priv.h"
#include "util/log.h"

#ifndef SOL_UDP
#define SOL_UDP 17
#endif
#ifndef UDP_SEGMENT
#define UDP_SEGMENT 103
#endif
#ifndef SO_MAX_PACING_RATE
#define SO_MAX_PACING_RATE 47
#endif
#define BATCH_MAX 1024u                 /* the kernel's own limit of one sendmmsg */
#define NOBUFS_RETRY_US 3000u           /* ENOBUFS is not followed by writability */
#define ICMP_WINDOW_US 5000000u
#define ICMP_SPACING_US 300000u         /* closer ones come from one burst and count once */
#define PACE_ABOVE 32u                  /* packets */
#define PACE_BURSTS 4u
#define PACE_RUN 8u                     /* packets of a GSO message that the kernel paces */
#define GSO_BATCH 8u                    /* messages of one call: 368 packets */
#define SNDBUF_MAX (4u << 20)
#define INPUTS_PER_TURN 32

static bool from_icmp(int err)
{
    return err == ECONNREFUSED || err == EHOSTUNREACH;
}

static void note_icmp(struct viewer *v)
{
    uint64_t now = loop_now_us(v->loop);
    unsigned n = v->icmp_count;

    if (n > 0 && now - v->icmp_us[(n - 1) % VIEWER_ICMP_MAX] < ICMP_SPACING_US) {
        return;
    }
    v->icmp_us[n % VIEWER_ICMP_MAX] = now;
    v->icmp_count = ++n;
    if (n >= VIEWER_ICMP_MAX && now - v->icmp_us[n % VIEWER_ICMP_MAX] <= ICMP_WINDOW_US) {
        viewer_finish(v, VIEWER_END_UNREACHABLE);
    }
}

/* The whole of the largest unit has to fit: what does not waits for writability, one turn of the loop after the other. */
static void fit_buffer(struct viewer *v, size_t bytes)
{
    size_t want = bytes + bytes / 4;        /* the kernel doubles it, and counts about 1.6 times what is in it */
    int size = want < SNDBUF_MAX ? (int)want : (int)SNDBUF_MAX, before = v->sndbuf;
    socklen_t len = sizeof(v->sndbuf);

    if (v->sndbuf == 0 || bytes * 2u <= (size_t)v->sndbuf) {
        return;
    }
    if (setsockopt(v->cfg.fd, SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof(size)) != 0) {
        (void)setsockopt(v->cfg.fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
    }
    if (getsockopt(v->cfg.fd, SOL_SOCKET, SO_SNDBUF, &v->sndbuf, &len) != 0 || v->sndbuf <= before) {
        v->sndbuf = 0;
    }
}

/* In half the time until the next unit. What was told stays for the small units between: they are paced less. */
static void tell_pace(struct viewer *v, const struct plan *p, size_t bytes)
{
    uint64_t rate = (uint64_t)bytes * 2000000u / p->interval_us;
    unsigned value = rate < UINT32_MAX / 2u ? (unsigned)rate : UINT32_MAX / 2u;

    if (rate > v->pace_rate + v->pace_rate / 8u || rate < v->pace_rate - v->pace_rate / 8u) {
        if (setsockopt(v->cfg.fd, SOL_SOCKET, SO_MAX_PACING_RATE, &value, sizeof(value)) == 0) {
            v->pace_rate = rate;
        }
    }
}

static void begin_burst(struct viewer *v, const struct plan *p, const struct packets *k)
{
    if (v->burst == 0) {                /* a new unit; one that is late already is not held back */
        bool large = k->npkt > PACE_ABOVE;
        if (large) {
            fit_buffer(v, k->payload + (size_t)k->npkt * RTP_HEADER);
        }
        if (large && v->cfg.pacing == VIEWER_PACING_KERNEL) {
            tell_pace(v, p, k->payload + (size_t)k->npkt * RTP_HEADER);
        }
        v->burst = large && v->cfg.pacing == VIEWER_PACING_LOOP && v->count == 1
                   ? (k->npkt + PACE_BURSTS - 1) / PACE_BURSTS : k->npkt;
        v->burst_end = v->burst;
        v->burst_us = v->burst < k->npkt ? loop_now_us(v->loop) : 0;
    } else if (v->packet == v->burst_end) {
        v->burst_end += v->burst;
        v->burst_us = loop_now_us(v->loop);
    }
    if (v->burst_end > k->npkt || v->count > 1) {
        v->burst_end = k->npkt;
    }
}

static void count_packets(struct viewer *v, const struct packets *k, unsigned n)
{
    viewer_count_sent(v, n, plan_bytes(k, v->packet, n) + (uint64_t)n * RTP_HEADER);
    v->packet += n;
    v->out.seq = (uint16_t)(v->out.seq + n);
    v->again = false;
    if (v->packet < k->npkt) {
        v->progress_us = loop_now_us(v->loop);
    }
}

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
    unsigned end[GSO_BATCH], at = v->packet, last = at + n, count = 0, r = 0;
    int sent;

    while (k->run[r] <= at) {
        r++;
    }
    for (; count < GSO_BATCH && at < last; count++) {
        unsigned to = k->run[r] < last ? k->run[r] : last;
        to = to - at > v->run_max ? at + v->run_max : to;
        r += to == k->run[r];
        msg[count].msg_hdr = (struct msghdr){ .msg_iov = &k->iov[k->pkt[at].iov], .msg_iovlen = plan_iovs(k, at, to - at) };
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

/* false: stop sending for now. */
static bool send_failed(struct viewer *v, int err)
{
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

void viewer_udp_send(struct viewer *v)
{
    while (v->count > 0 && !v->paused && !v->ended) {
        struct plan *p = v->queue[v->head];
        struct packets *k = viewer_packets(v, p);
        begin_burst(v, p, k);
        unsigned n = v->burst_end - v->packet;
        plan_headers(k, v->packet, n, viewer_rtp(v, p), 0);
        int sent = send_by[v->method](v, k, n);
        if (sent <= 0) {
            int err = sent < 0 ? -sent : EAGAIN;
            if (!fall_back(v, err) && !send_failed(v, err)) {
                return;
            }
            continue;
        }
        count_packets(v, k, (unsigned)sent);
        if (v->packet == k->npkt) {
            viewer_unit_done(v);
        } else if (v->packet == v->burst_end) {
            viewer_wait_until(v, v->burst_us + p->interval_us / 2u / PACE_BURSTS);
            return;
        }
    }
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
