/* SPDX-License-Identifier: MIT */
/*
 * RFC 4571. Live: a unit is written at once and its lease given back; what the socket refuses goes to a ring, and what
 * does not fit there is dropped in whole packets. Not live: the cursor and the lease stay until the socket takes more.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "codec/rtcp.h"
#include "shell/viewer_priv.h"

#define IOV_BATCH 1024u                 /* IOV_MAX of Linux */
#define NOBUFS_RETRY_US 10000u
#define INPUTS_PER_TURN 32

static size_t wire_len(const struct viewer *v, const struct packets *k, unsigned packet)
{
    return v->front + RTP_HEADER + (size_t)k->pkt[packet].len;
}

/* One call for what fits into one, whatever the cursor. */
static ssize_t write_batch(struct viewer *v, struct plan *p)
{
    struct packets *k = viewer_packets(v, p);
    unsigned n = k->npkt - v->packet;
    size_t niov = plan_iovs(k, v->packet, n);

    while (niov > IOV_BATCH) {
        niov -= k->pkt[v->packet + --n].niov;
    }
    plan_headers(k, v->packet, n, viewer_rtp(v, p), v->front);

    struct iovec *iov = &k->iov[k->pkt[v->packet].iov];
    size_t skip = v->offset;
    while (skip >= iov->iov_len) {
        skip -= iov->iov_len;
        iov++;
        niov--;
    }
    struct iovec whole = *iov;          /* the slices are shared: put back below */
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
    size_t rest = plan_bytes(k, v->packet, n) + (size_t)n * (v->front + RTP_HEADER) - v->offset;

    if (done < rest) {              /* the rare case: which packets are whole */
        done += v->offset;
        for (n = 0; done >= wire_len(v, k, v->packet + n); n++) {
            done -= wire_len(v, k, v->packet + n);
        }
    } else {
        done -= rest;
    }
    v->offset = done;
    if (n > 0) {
        viewer_count_sent(v, n, plan_bytes(k, v->packet, n) + (uint64_t)n * RTP_HEADER);
    }
    v->packet += n;
    v->out.seq = (uint16_t)(v->out.seq + n);
    v->progress_us = loop_now_us(v->loop);
}

/* 0: the unit is out; -EAGAIN: wait for writability; -ENOBUFS: wait a while; -EPIPE: the viewer has ended. */
static int write_failed(struct viewer *v, int err)
{
    if (err == -EAGAIN || err == -EWOULDBLOCK) {
        return -EAGAIN;
    }
    if (err == -ENOBUFS || err == -ENOMEM) {
        return -ENOBUFS;
    }
    v->stats.send_errors++;
    viewer_finish(v, VIEWER_END_CLOSED);
    return -EPIPE;
}

static int write_unit(struct viewer *v, struct plan *p)
{
    const struct packets *k = viewer_packets(v, p);

    while (v->packet < k->npkt) {
        ssize_t done = write_batch(v, p);
        if (done == -EINTR) {
            continue;
        }
        if (done < 0) {
            return write_failed(v, (int)done);
        }
        advance(v, k, (size_t)done);
    }
    return 0;
}

static void wait_after(struct viewer *v, int err)
{
    if (err == -EAGAIN) {
        viewer_wait_writable(v);
    } else if (err == -ENOBUFS) {
        viewer_wait_until(v, loop_now_us(v->loop) + NOBUFS_RETRY_US);
    }
}

/* ---- the ring ------------------------------------------------------------------------------------------- */

void viewer_tcp_ring_free(struct viewer *v)
{
    if (v->ring != v->tail) {
        free(v->ring);
    }
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

/* The rest of the packet under `packet`, from its wire byte `skip`; the caller knows that it fits. */
static void ring_put_packet(struct viewer *v, struct plan *p, unsigned packet, size_t skip)
{
    struct packets *k = viewer_packets(v, p);

    plan_headers(k, packet, 1, viewer_rtp(v, p), v->front);
    for (unsigned i = 0; i < k->pkt[packet].niov; i++) {
        const struct iovec *iov = &k->iov[k->pkt[packet].iov + i];
        if (skip >= iov->iov_len) {
            skip -= iov->iov_len;
            continue;
        }
        ring_put(v, (const uint8_t *)iov->iov_base + skip, iov->iov_len - skip);
        skip = 0;
    }
}

static size_t rest_of_unit(const struct viewer *v, const struct packets *k)
{
    unsigned n = k->npkt - v->packet;

    return plan_bytes(k, v->packet, n) + (size_t)n * (v->front + RTP_HEADER) - v->offset;
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

/* From the cursor on, in whole packets, as many as there is room for. */
static void stash(struct viewer *v, struct plan *p)
{
    const struct packets *k = viewer_packets(v, p);
    uint64_t packets = 0, bytes = 0;

    while (v->packet < k->npkt && wire_len(v, k, v->packet) - v->offset <= v->ring_cap - v->ring_len) {
        ring_put_packet(v, p, v->packet, v->offset);
        packets++;
        bytes += RTP_HEADER + (uint64_t)k->pkt[v->packet].len;
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

static void flush_ring(struct viewer *v)
{
    while (v->ring_len > 0) {
        size_t first = v->ring_len < v->ring_cap - v->ring_at ? v->ring_len : v->ring_cap - v->ring_at;
        struct iovec iov[2] = { { v->ring + v->ring_at, first }, { v->ring, v->ring_len - first } };
        struct msghdr msg = { .msg_iov = iov, .msg_iovlen = v->ring_len > first ? 2 : 1 };
        ssize_t done = sendmsg(v->cfg.fd, &msg, MSG_DONTWAIT | MSG_NOSIGNAL);
        v->stats.send_calls++;
        if (done < 0 && errno == EINTR) {
            continue;
        }
        if (done < 0) {
            wait_after(v, write_failed(v, -errno));
            return;
        }
        v->ring_at = (v->ring_at + (size_t)done) % v->ring_cap;
        v->ring_len -= (size_t)done;
        v->progress_us = loop_now_us(v->loop);
    }
    viewer_tcp_ring_free(v);
}

void viewer_tcp_push(struct viewer *v, struct plan *p)
{
    const struct packets *k = viewer_packets(v, p);
    int err = -EAGAIN;

    if (v->ring_len > 0) {
        if (rest_of_unit(v, k) > v->ring_cap - v->ring_len) {
            viewer_count_dropped(v, p, 0);
            v->wait_key = true;
        } else {
            stash(v, p);
        }
        return;
    }
    v->progress_us = loop_now_us(v->loop);
    err = write_unit(v, p);
    if (err == 0) {
        v->stats.units++;
        v->packet = 0;
    } else if (err == -EPIPE) {
        viewer_count_dropped(v, p, v->packet);
        v->packet = 0;
        v->offset = 0;
    } else {
        ring_make(v, rest_of_unit(v, k));
        stash(v, p);
        if (v->ring_len > 0) {
            wait_after(v, err);
        } else {
            viewer_tcp_ring_free(v);
        }
    }
}

/* Whole and between two packets, or not at all: it can be spared. */
void viewer_tcp_rtcp(struct viewer *v, const uint8_t *data, size_t len)
{
    const uint8_t head[] = { '$', 1, (uint8_t)(len >> 8), (uint8_t)len };
    uint8_t wire[sizeof(head) + RTCP_WRITE_MAX];
    size_t n = v->front + len;
    ssize_t done;

    if (len == 0 || len > RTCP_WRITE_MAX || v->offset > 0) {
        return;
    }
    memcpy(wire, head + sizeof(head) - v->front, v->front);
    memcpy(wire + v->front, data, len);
    if (v->ring_len > 0) {
        if (n <= v->ring_cap - v->ring_len) {
            ring_put(v, wire, n);
        }
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

void viewer_tcp_send(struct viewer *v)
{
    if (v->ring) {
        flush_ring(v);
        if (v->ring || v->ended) {
            return;
        }
    }
    while (v->count > 0 && !v->paused && !v->ended) {
        int err = write_unit(v, v->queue[v->head]);
        if (err) {
            wait_after(v, err);
            return;
        }
        viewer_unit_done(v);
    }
}

/* Nothing is expected from the peer but its end. */
void viewer_tcp_input(struct viewer *v)
{
    char scratch[2048];

    for (int i = 0; i < INPUTS_PER_TURN && !v->ended; i++) {
        ssize_t n = recv(v->cfg.fd, scratch, sizeof(scratch), MSG_DONTWAIT);
        if (n == 0 || (n < 0 && errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR)) {
            viewer_finish(v, VIEWER_END_CLOSED);
        } else if (n < 0 && errno != EINTR) {
            return;
        }
    }
}
