/* SPDX-License-Identifier: MIT */
/*
 * RFC 4571. Live: a unit is written immediately and its lease returned; bytes that the socket does not accept go to a
 * ring, and packets that do not fit there are dropped. Recordings: cursor and lease stay until the socket accepts more.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "codec/rtcp.h"
#include "media/viewer_priv.h"

#define NOBUFS_RETRY_US 10000u
#define INPUTS_PER_TURN 32

/* What to do about -errno. -EAGAIN: wait until writable; -ENOBUFS: wait a while; -EPIPE: the viewer has ended. */
static int failed(struct viewer *v, int err)
{
    if (err == -EAGAIN || err == -EWOULDBLOCK)
        return -EAGAIN;
    if (err == -ENOBUFS || err == -ENOMEM)
        return -ENOBUFS;
    v->stats.send_errors++;
    viewer_finish(v, VIEWER_END_CLOSED);
    return -EPIPE;
}

static void wait_after(struct viewer *v, int err)
{
    if (err == -EAGAIN)
        viewer_wait_writable(v);
    else if (err == -ENOBUFS)
        viewer_wait_until(v, loop_now_us(v->loop) + NOBUFS_RETRY_US);
}

/* ---- from the cursor to the socket ------------------------------------------------------------------------ */

static size_t wire_len(const struct viewer *v, const struct packets *k, unsigned packet)
{
    return v->framing_len + RTP_HEADER + packets_len(k, packet);
}

/* Wire bytes from the cursor to the end of the unit. */
static size_t wire_rest(const struct viewer *v, const struct packets *k)
{
    unsigned n = k->npkt - v->packet;

    return packets_bytes(k, v->packet, n) + (size_t)n * (v->framing_len + RTP_HEADER) - v->offset;
}

/* One call, from the cursor on, for as much as one message can hold. */
static ssize_t write_batch(struct viewer *v, struct packed_unit *p)
{
    struct packets *k = viewer_packets(v, p);
    unsigned n = k->npkt - v->packet;
    size_t niov = packets_iovs(k, v->packet, n);

    while (niov > VIEWER_BATCH_MAX)
        niov = packets_iovs(k, v->packet, --n);
    packets_write_headers(k, v->packet, n, viewer_rtp(v, p), v->framing_len);

    struct iovec *iov = k->msg[v->packet].msg_hdr.msg_iov;
    size_t skip = v->offset;
    while (skip >= iov->iov_len) {
        skip -= iov->iov_len;
        iov++;
        niov--;
    }
    struct iovec whole = *iov; /* the iovecs are shared: restored below */
    iov->iov_base = (uint8_t *)whole.iov_base + skip;
    iov->iov_len = whole.iov_len - skip;
    struct msghdr msg = { .msg_iov = iov, .msg_iovlen = niov };
    ssize_t done = sendmsg(v->cfg.fd, &msg, MSG_DONTWAIT | MSG_NOSIGNAL);
    int err = errno;
    *iov = whole;
    v->stats.send_calls++;
    return done < 0 ? -err : done;
}

static void advance(struct viewer *v, const struct packets *k, size_t done)
{
    unsigned n = k->npkt - v->packet;
    size_t rest = wire_rest(v, k);

    if (done < rest) { /* rare: count the complete packets */
        done += v->offset;
        for (n = 0; done >= wire_len(v, k, v->packet + n); n++)
            done -= wire_len(v, k, v->packet + n);
    } else {
        done -= rest;
    }
    v->offset = done;
    if (n > 0)
        viewer_count_sent(v, n, packets_bytes(k, v->packet, n) + (size_t)n * RTP_HEADER);
    v->packet += n;
    v->out.seq = (uint16_t)(v->out.seq + n);
    v->progress_us = loop_now_us(v->loop);
}

/* From the cursor on. 0: the unit is sent; else as failed(). */
static int write_unit(struct viewer *v, struct packed_unit *p)
{
    const struct packets *k = viewer_packets(v, p);

    while (v->packet < k->npkt) {
        ssize_t done = write_batch(v, p);
        if (done == -EINTR)
            continue;
        if (done < 0)
            return failed(v, (int)done);
        advance(v, k, (size_t)done);
    }
    return 0;
}

/* ---- the ring ------------------------------------------------------------------------------------------- */

void viewer_tcp_ring_free(struct viewer *v)
{
    if (v->ring != v->tail)
        free(v->ring);
    v->ring = NULL;
    v->ring_cap = v->ring_at = v->ring_len = 0;
}

static void ring_put(struct viewer *v, const uint8_t *data, size_t len)
{
    size_t at = (v->ring_at + v->ring_len) % v->ring_cap;
    size_t first = len < v->ring_cap - at ? len : v->ring_cap - at;

    memcpy(v->ring + at, data, first);
    memcpy(v->ring, data + first, len - first);
    v->ring_len += len;
}

/* Packet number `packet` from its wire byte `skip` on; the caller has checked that it fits. */
static void ring_put_packet(struct viewer *v, struct packed_unit *p, unsigned packet, size_t skip)
{
    struct packets *k = viewer_packets(v, p);

    packets_write_headers(k, packet, 1, viewer_rtp(v, p), v->framing_len);
    const struct iovec *iov = k->msg[packet].msg_hdr.msg_iov, *end = iov + k->msg[packet].msg_hdr.msg_iovlen;
    for (; iov < end; iov++) {
        if (skip >= iov->iov_len) {
            skip -= iov->iov_len;
            continue;
        }
        ring_put(v, (const uint8_t *)iov->iov_base + skip, iov->iov_len - skip);
        skip = 0;
    }
}

static void ring_make(struct viewer *v, size_t need)
{
    v->ring_cap = need > VIEWER_TCP_RING ? need : VIEWER_TCP_RING;
    v->ring = malloc(v->ring_cap);
    if (!v->ring) {
        v->ring = v->tail;
        v->ring_cap = VIEWER_TAIL;
    }
    v->ring_at = v->ring_len = 0;
}

/* From the cursor on, as many whole packets as fit. */
static void stash_packets(struct viewer *v, struct packed_unit *p)
{
    const struct packets *k = viewer_packets(v, p);
    unsigned packets = 0;
    size_t bytes = 0;

    while (v->packet < k->npkt && wire_len(v, k, v->packet) - v->offset <= v->ring_cap - v->ring_len) {
        ring_put_packet(v, p, v->packet, v->offset);
        packets++;
        bytes += RTP_HEADER + packets_len(k, v->packet);
        v->offset = 0;
        v->packet++;
        v->out.seq++;
    }
    viewer_count_sent(v, packets, bytes);
    if (v->packet == k->npkt) {
        v->stats.units++;
    } else {
        viewer_count_dropped(v, p, v->packet);
        v->wait_key = true;
    }
    v->packet = 0;
    v->offset = 0;
}

static void ring_flush(struct viewer *v)
{
    while (v->ring_len > 0) {
        size_t first = v->ring_len < v->ring_cap - v->ring_at ? v->ring_len : v->ring_cap - v->ring_at;
        struct iovec iov[2] = { { v->ring + v->ring_at, first }, { v->ring, v->ring_len - first } };
        struct msghdr msg = { .msg_iov = iov, .msg_iovlen = v->ring_len > first ? 2 : 1 };
        ssize_t done = sendmsg(v->cfg.fd, &msg, MSG_DONTWAIT | MSG_NOSIGNAL);
        v->stats.send_calls++;
        if (done < 0 && errno == EINTR)
            continue;
        if (done < 0) {
            wait_after(v, failed(v, -errno));
            return;
        }
        v->ring_at = (v->ring_at + (size_t)done) % v->ring_cap;
        v->ring_len -= (size_t)done;
        v->progress_us = loop_now_us(v->loop);
    }
    viewer_tcp_ring_free(v);
}

/* Live: puts the rest of a unit into the ring, or drops it. */
static void stash_unit(struct viewer *v, struct packed_unit *p, int err)
{
    size_t rest = wire_rest(v, viewer_packets(v, p));

    if (err == -EPIPE || (v->ring_len > 0 && rest > v->ring_cap - v->ring_len)) {
        viewer_count_dropped(v, p, v->packet);
        v->packet = 0;
        v->offset = 0;
        v->wait_key = true;
        return;
    }
    if (v->ring_len > 0) {
        stash_packets(v, p);
        return;
    }
    ring_make(v, rest);
    stash_packets(v, p);
    if (v->ring_len > 0)
        wait_after(v, err);
    else
        viewer_tcp_ring_free(v);
}

/* ---- units ------------------------------------------------------------------------------------------------ */

void viewer_tcp_push(struct viewer *v, struct packed_unit *p)
{
    int err = -EAGAIN;

    if (v->ring_len == 0) {
        v->progress_us = loop_now_us(v->loop);
        err = write_unit(v, p);
    }
    if (err) {
        stash_unit(v, p, err);
        return;
    }
    v->stats.units++;
    v->packet = 0;
}

void viewer_tcp_send(struct viewer *v)
{
    if (v->ring) {
        ring_flush(v);
        if (v->ring || v->ended)
            return;
    }
    while (v->count > 0 && !v->paused && !v->ended) {
        int err = write_unit(v, viewer_current(v));
        if (err) {
            wait_after(v, err);
            return;
        }
        viewer_unit_done(v);
    }
}

/* ---- RTCP and input ----------------------------------------------------------------------------------------- */

/* Only as a whole and between two packets; dropping it is harmless. */
void viewer_tcp_rtcp(struct viewer *v, const uint8_t *data, size_t len)
{
    const uint8_t head[] = { '$', 1, (uint8_t)(len >> 8), (uint8_t)len };
    uint8_t wire[sizeof(head) + RTCP_WRITE_MAX];
    size_t n = v->framing_len + len;
    ssize_t done;

    if (len == 0 || len > RTCP_WRITE_MAX || v->offset > 0)
        return;
    memcpy(wire, head + sizeof(head) - v->framing_len, v->framing_len);
    memcpy(wire + v->framing_len, data, len);
    if (v->ring_len > 0) {
        if (n <= v->ring_cap - v->ring_len)
            ring_put(v, wire, n);
        return;
    }
    done = send(v->cfg.fd, wire, n, MSG_DONTWAIT | MSG_NOSIGNAL);
    v->stats.send_calls++;
    if (done > 0 && (size_t)done < n) {
        ring_make(v, n - (size_t)done);
        ring_put(v, wire + done, n - (size_t)done);
        v->progress_us = loop_now_us(v->loop);
        viewer_wait_writable(v);
    }
}

/* The peer sends nothing of interest; reading detects its close. */
void viewer_tcp_input(struct viewer *v)
{
    char scratch[2048];

    for (int i = 0; i < INPUTS_PER_TURN && !v->ended; i++) {
        ssize_t n = recv(v->cfg.fd, scratch, sizeof(scratch), MSG_DONTWAIT);
        if (n == 0 || (n < 0 && errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR))
            viewer_finish(v, VIEWER_END_CLOSED);
        else if (n < 0 && errno != EINTR)
            return;
    }
}
