/* SPDX-License-Identifier: MIT */
/*
 * RFC 4571. Live: a unit is written at once and its lease given back; what the socket refuses goes to a ring, and what
 * does not fit there is dropped in whole packets. Not live: the cursor and the lease stay until the socket takes more.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "shell/viewer_priv.h"

#define IOV_BATCH 1024u                 /* IOV_MAX of Linux */
#define NOBUFS_RETRY_US 10000u
#define INPUTS_PER_TURN 32

static size_t wire_len(const struct plan *p, unsigned packet)
{
    return PLAN_HOLE + (size_t)p->pkt[packet].len;
}

/* One call for what fits into one, whatever the cursor. */
static ssize_t write_batch(struct viewer *v, struct plan *p)
{
    unsigned n = 0, niov = 0;

    while (v->packet + n < p->npkt && niov + p->pkt[v->packet + n].niov <= IOV_BATCH) {
        niov += p->pkt[v->packet + n].niov;
        n++;
    }
    struct rtp_out out = viewer_rtp(v, p);
    plan_headers(p, v->packet, n, &out, true);

    struct iovec *iov = &p->iov[p->pkt[v->packet].iov];
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

static void advance(struct viewer *v, const struct plan *p, size_t done)
{
    uint64_t packets = 0, bytes = 0;

    done += v->offset;
    while (v->packet < p->npkt && done >= wire_len(p, v->packet)) {
        done -= wire_len(p, v->packet);
        bytes += wire_len(p, v->packet) - RTP_FRAME;
        packets++;
        v->packet++;
        v->seq++;
    }
    v->offset = done;
    viewer_count_sent(v, packets, bytes);
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
    while (v->packet < p->npkt) {
        ssize_t done = write_batch(v, p);
        if (done == -EINTR) {
            continue;
        }
        if (done < 0) {
            return write_failed(v, (int)done);
        }
        advance(v, p, (size_t)done);
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
    struct rtp_out out = viewer_rtp(v, p);

    plan_headers(p, packet, 1, &out, true);
    for (unsigned i = 0; i < p->pkt[packet].niov; i++) {
        const struct iovec *iov = &p->iov[p->pkt[packet].iov + i];
        if (skip >= iov->iov_len) {
            skip -= iov->iov_len;
            continue;
        }
        ring_put(v, (const uint8_t *)iov->iov_base + skip, iov->iov_len - skip);
        skip = 0;
    }
}

static size_t rest_of_unit(const struct viewer *v, const struct plan *p)
{
    size_t n = 0;

    for (unsigned i = v->packet; i < p->npkt; i++) {
        n += wire_len(p, i);
    }
    return n - v->offset;
}

static void ring_make(struct viewer *v, size_t need)
{
    v->ring_cap = need > VIEWER_TCP_RING ? need : VIEWER_TCP_RING;
    v->ring = malloc(v->ring_cap);
    if (!v->ring) {
        v->ring = v->tail;
        v->ring_cap = sizeof(v->tail);
    }
    v->ring_at = v->ring_len = 0;
}

/* From the cursor on, in whole packets, as many as there is room for. */
static void stash(struct viewer *v, struct plan *p)
{
    uint64_t packets = 0, bytes = 0;

    while (v->packet < p->npkt && wire_len(p, v->packet) - v->offset <= v->ring_cap - v->ring_len) {
        ring_put_packet(v, p, v->packet, v->offset);
        packets++;
        bytes += wire_len(p, v->packet) - RTP_FRAME;
        v->offset = 0;
        v->packet++;
        v->seq++;
    }
    viewer_count_sent(v, packets, bytes);
    if (v->packet == p->npkt) {
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
    int err = -EAGAIN;

    if (v->ring_len > 0) {
        if (rest_of_unit(v, p) > v->ring_cap - v->ring_len) {
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
        ring_make(v, rest_of_unit(v, p));
        stash(v, p);
        if (v->ring_len > 0) {
            wait_after(v, err);
        } else {
            viewer_tcp_ring_free(v);
        }
    }
}

void viewer_tcp_send(struct viewer *v)
{
    if (v->ring) {
        flush_ring(v);
        return;
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
