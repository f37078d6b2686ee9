/* SPDX-License-Identifier: MIT */
/*
 * RFC 4571. Live: a unit is written at once and its lease given back; what the socket refuses goes to a ring, and what
 * does not fit there is dropped in whole packets. Not live: the cursor and the lease stay until the socket takes more.
 */
#include <errno.h>
#include <sys/socket.h>

#include "media/viewer_priv.h"

/* One call for what fits into one, whatever the cursor. */
static ssize_t write_batch(struct viewer *v, struct plan *p)
{
    struct packets *k = viewer_packets(v, p);
    unsigned n = k->npkt - v->packet;
    size_t niov = plan_iovs(k, v->packet, n);

    while (niov > VIEWER_BATCH_MAX) {
        niov = plan_iovs(k, v->packet, --n);
    }
    plan_headers(k, v->packet, n, viewer_rtp(v, p), v->front);

    struct iovec *iov = k->msg[v->packet].msg_hdr.msg_iov;
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
    size_t rest = viewer_tcp_rest(v, k);

    if (done < rest) {              /* the rare case: which packets are whole */
        done += v->offset;
        for (n = 0; done >= viewer_tcp_wire_len(v, k, v->packet + n); n++) {
            done -= viewer_tcp_wire_len(v, k, v->packet + n);
        }
    } else {
        done -= rest;
    }
    v->offset = done;
    if (n > 0) {
        viewer_count_sent(v, n, plan_bytes(k, v->packet, n) + (size_t)n * RTP_HEADER);
    }
    v->packet += n;
    v->out.seq = (uint16_t)(v->out.seq + n);
    v->progress_us = loop_now_us(v->loop);
}

int viewer_tcp_write(struct viewer *v, struct plan *p)
{
    const struct packets *k = viewer_packets(v, p);

    while (v->packet < k->npkt) {
        ssize_t done = write_batch(v, p);
        if (done == -EINTR) {
            continue;
        }
        if (done < 0) {
            return viewer_tcp_failed(v, (int)done);
        }
        advance(v, k, (size_t)done);
    }
    return 0;
}

void viewer_tcp_push(struct viewer *v, struct plan *p)
{
    int err = -EAGAIN;

    if (v->ring_len == 0) {
        v->progress_us = loop_now_us(v->loop);
        err = viewer_tcp_write(v, p);
    }
    if (err) {
        viewer_tcp_stash(v, p, err);
        return;
    }
    v->stats.units++;
    v->packet = 0;
}
