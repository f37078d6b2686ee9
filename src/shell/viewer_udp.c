/* SPDX-License-Identifier: MIT */
/* A unit goes out in one sendmmsg where the kernel takes it. A short count is resumed; the next call's errno says why. */
#include <errno.h>
#include <sys/socket.h>

#include "shell/viewer_priv.h"

#define BATCH_MAX 1024u                 /* the kernel's own limit of one sendmmsg */
#define NOBUFS_RETRY_US 3000u           /* ENOBUFS is not followed by writability */
#define ICMP_WINDOW_US 5000000u
#define ICMP_SPACING_US 300000u         /* closer ones come from one burst and count once */
#define PACE_ABOVE 32u                  /* packets */
#define PACE_BURSTS 4u
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

static void begin_burst(struct viewer *v, const struct plan *p)
{
    uint64_t now = loop_now_us(v->loop);

    if (v->burst == 0) {                /* a new unit; one that is late already is not held back */
        bool pace = v->cfg.pacing == VIEWER_PACING_LOOP && p->npkt > PACE_ABOVE && v->count == 1;
        v->burst = pace ? (p->npkt + PACE_BURSTS - 1) / PACE_BURSTS : p->npkt;
        v->burst_end = v->burst;
        v->burst_us = now;
    } else if (v->packet == v->burst_end) {
        v->burst_end += v->burst;
        v->burst_us = now;
    }
    if (v->burst_end > p->npkt || v->count > 1) {
        v->burst_end = p->npkt;
    }
}

static void count_packets(struct viewer *v, const struct plan *p, unsigned n)
{
    uint64_t bytes = 0;

    for (unsigned i = v->packet; i < v->packet + n; i++) {
        bytes += RTP_HEADER + (uint64_t)p->pkt[i].len;
    }
    viewer_count_sent(v, n, bytes);
    v->packet += n;
    v->seq = (uint16_t)(v->seq + n);
    v->again = false;
    v->progress_us = loop_now_us(v->loop);
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
        begin_burst(v, p);
        unsigned n = v->burst_end - v->packet < BATCH_MAX ? v->burst_end - v->packet : BATCH_MAX;
        struct rtp_out out = viewer_rtp(v, p);
        plan_headers(p, v->packet, n, &out, false);
        int sent = sendmmsg(v->cfg.fd, p->msg + v->packet, n, MSG_DONTWAIT | MSG_NOSIGNAL);
        v->stats.send_calls++;
        if (sent <= 0) {
            if (!send_failed(v, sent < 0 ? errno : EAGAIN)) {
                return;
            }
            continue;
        }
        count_packets(v, p, (unsigned)sent);
        if (v->packet == p->npkt) {
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
