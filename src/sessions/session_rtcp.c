/* SPDX-License-Identifier: MIT */
/* RTCP: sender reports, from one timer for all sessions, receiver reports, and BYE at the end. */
#include "sessions/session_priv.h"

#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

#include "codec/rtcp.h"
#include "codec/rtp.h"
#include "net/net.h"

#define INPUTS_PER_TURN 8
#define SECOND_US       UINT64_C(1000000)

static bool has_rtcp(const struct session *s)
{
    return s->viewer && (s->rtcp_fd >= 0 || s->rtcp_inside);
}

static void send_rtcp(struct session *s, const uint8_t *data, size_t len)
{
    struct addr to = s->peer;
    struct sockaddr_storage ss;
    socklen_t n;

    if (s->rtcp_fd < 0) {
        viewer_send_rtcp(s->viewer, data, len);
    } else if ((to.port & 1u) == 0) {
        /* With media on an odd port, the next port is not its RTCP port (RFC 3550) and may be another receiver's. */
        to.port++;
        net_addr_to_sa(&to, &ss, &n);
        /* Unconnected: an ICMP error must not end the session. */
        (void)sendto(s->rtcp_fd, data, len, MSG_DONTWAIT | MSG_NOSIGNAL, (struct sockaddr *)&ss, n);
    }
}

static void report(struct session *s, size_t (*write)(uint8_t *out, size_t size, const struct rtcp_sender *r))
{
    const struct viewer_stats *st = viewer_stats(s->viewer);
    struct rtcp_sender r = { .ssrc = s->ssrc, .cname = span_of(s->channel), .packets = (uint32_t)st->packets };
    uint8_t out[RTCP_WRITE_MAX];
    struct gb_time now;

    loop_time(s->set->loop, &now);
    r.ntp = rtcp_ntp(now.unix_ms);
    r.bytes = (uint32_t)(st->bytes - st->packets * RTP_HEADER);
    if (viewer_clock(s->viewer, &r.rtp_ts))
        send_rtcp(s, out, write(out, sizeof(out), &r));
}

/* Whether a receiver that had sent reports has stopped, although media is being sent. */
static bool silent(struct session *s)
{
    uint64_t now = loop_now_us(s->set->loop), limit = s->set->media.report_timeout_s * SECOND_US;

    if (!s->reports.count || !limit)
        return false;
    if (s->paused || stream_get_state(s->stream) != STREAM_RUNNING)
        s->reports.last_us = now;
    return now - s->reports.last_us > limit;
}

/* At multiples of the interval, so that all sessions share one wake-up. */
static void arm(struct sessions *ss);

static void on_tick(struct loop_timer *t, void *arg)
{
    struct sessions *ss = arg;
    unsigned left = 0;

    (void)t;
    list_each_safe(it, &ss->list) {
        struct session *s = container_of(it, struct session, node);

        if (!has_rtcp(s))
            continue;
        report(s, rtcp_write_report);
        if (silent(s))
            session_fail(s, "receiver reports stopped");
        else
            left++;
    }
    if (left)
        arm(ss);
}

static void arm(struct sessions *ss)
{
    uint64_t now = loop_now_us(ss->loop);

    if (ss->rtcp.node.pos == 0)
        (void)loop_timer_at(ss->loop, &ss->rtcp, (now / SESSION_RTCP_US + 1) * SESSION_RTCP_US, on_tick, ss);
}

static void on_input(struct loop_fd *w, unsigned ready, void *arg)
{
    struct session *s = arg;
    uint8_t data[1500];

    (void)ready;
    for (int i = 0; i < INPUTS_PER_TURN; i++) {
        struct sockaddr_storage ss;
        socklen_t n = sizeof(ss);
        ssize_t len = recvfrom(w->fd, data, sizeof(data), MSG_DONTWAIT, (struct sockaddr *)&ss, &n);
        struct rtcp_block b;
        struct addr from;

        if (len < 0 && errno != EINTR)
            return;
        if (len <= 0 || net_addr_from_sa((struct sockaddr *)&ss, &from) < 0 || !addr_same_ip(&from, &s->peer))
            continue;
        if (rtcp_read_block(data, (size_t)len, s->ssrc, &b) < 0)
            continue;
        s->reports.count++;
        s->reports.last_us = loop_now_us(s->set->loop);
        s->reports.fraction_lost = b.fraction_lost;
        s->reports.lost = b.lost;
        s->reports.jitter = b.jitter;
    }
}

void session_rtcp_start(struct session *s)
{
    if (s->rtcp_fd >= 0 && loop_fd_add(s->set->loop, &s->rtcp_watch, s->rtcp_fd, LOOP_READ, on_input, s) < 0) {
        close(s->rtcp_fd);
        s->rtcp_fd = -1;
    }
    if (has_rtcp(s))
        arm(s->set);
}

void session_rtcp_end(struct session *s)
{
    if (has_rtcp(s))
        report(s, rtcp_write_bye);
    loop_fd_del(s->set->loop, &s->rtcp_watch);
    if (s->rtcp_fd >= 0)
        close(s->rtcp_fd);
    s->rtcp_fd = -1;
}
