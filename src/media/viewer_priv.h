/* SPDX-License-Identifier: MIT */
/* Shared by viewer*.c, and the interface to the stream that feeds a viewer. Independent of struct stream. */
#ifndef MEDIA_VIEWER_PRIV_H
#define MEDIA_VIEWER_PRIV_H

#include "media/packetizer.h"
#include "media/viewer.h"
#include "sys/loop.h"
#include "util/list.h"

#define VIEWER_QUEUE_MAX  64u   /* units */
#define VIEWER_BATCH_MAX  1024u /* the kernel's limit for messages of a sendmmsg and iovecs of a message */
#define VIEWER_RATE_SLOTS 4u    /* seconds, including the current one */
#define VIEWER_TAIL       (4u + RTP_HEADER + RTP_PAYLOAD_MAX)

/* What the viewers of a stream share. The usual unit needs none of the calls. */
struct viewer_feed {
    struct loop *loop;
    const struct viewer_feed_ops *ops;
    bool lossless;                              /* the open source is a recording: it waits for its viewer */
    struct packed_unit *unit[VIEWER_QUEUE_MAX]; /* by slot, the index in the viewers' queues */
};

struct viewer_feed_ops {
    void (*release)(struct viewer_feed *f, struct packed_unit *p); /* p->refs is 0 */
    void (*request_key)(struct viewer_feed *f);
    void (*pause)(struct viewer_feed *f); /* a viewer was paused or resumed */
};

struct viewer {
    struct list node; /* its stream's */
    struct viewer_feed *feed;
    struct loop *loop;
    struct viewer_config cfg;
    struct loop_fd watch;
    struct loop_timer retry;     /* pacing, or no kernel buffers */
    struct loop_timer stall;     /* no progress */
    struct loop_timer end;       /* notifies the owner, outside any other handler */
    struct loop_timer reachable; /* UDP: the ICMP errors have stopped */

    /* The cursor: packets [0, packet) of queue[head] are sent, and `offset` wire bytes of the next one (TCP). */
    uint8_t queue[VIEWER_QUEUE_MAX]; /* slots */
    unsigned head, count;
    unsigned packet;
    size_t offset;
    bool waiting; /* for writability or `retry` */
    bool wait_key, started, paused, ended, notified;
    bool source_ended; /* the last units are in the queue */
    bool resend;       /* the next packet failed once with an ICMP error */
    uint64_t progress_us;

    enum packet_format format;
    unsigned framing_len; /* bytes before each RTP header: 0, 2 or 4 */
    enum viewer_send method;
    unsigned run_max;   /* UDP GSO: packets per message */
    int sndbuf;         /* UDP: SO_SNDBUF as the kernel counts it; 0: cannot be raised */
    uint64_t pace_rate; /* SO_MAX_PACING_RATE, bytes/s; 0: not set */
    struct rtp_out out; /* of the next packet; the timestamp is the current unit's */
    uint32_t ts_offset;
    uint32_t clock_ts; /* RTP timestamp of the last unit and the loop time it corresponds to; 0: none yet */
    uint64_t clock_us;
    unsigned burst, burst_end; /* pacing: packets per burst; end of the current one */
    uint64_t burst_us;

    /* TCP, live: bytes that the socket did not accept. */
    uint8_t *ring;
    size_t ring_cap, ring_at, ring_len;

    uint64_t icmp_first_us, icmp_last_us; /* UDP: the current run of ICMP errors; 0: none yet */
    enum viewer_end why;
    uint64_t rate_second, rate_next_us, rate_mark[VIEWER_RATE_SLOTS]; /* bytes at the start of each second */
    struct viewer_stats stats;
    uint8_t tail[]; /* TCP: the ring when out of memory, so that no packet is ever truncated */
};

/* ---- called by the stream; none of them calls the owner of a viewer ----------------------------------------- */
/* Borrows f while it lives; takes cfg->fd on success. -ENOMEM. */
int viewer_new(struct viewer_feed *f, const struct viewer_config *cfg, struct viewer **out);
void viewer_free(struct viewer *v); /* returns its leases, closes the socket */
void viewer_push(struct viewer *v, struct packed_unit *p);
void viewer_lost_unit(struct viewer *v);   /* a unit is missing: waits for the next key unit */
void viewer_source_gone(struct viewer *v); /* returns every lease */
void viewer_source_ended(struct viewer *v);
bool viewer_wants(const struct viewer *v);         /* could send another unit now */
unsigned viewer_droppable(const struct viewer *v); /* queued units not begun */
void viewer_drop_queued(struct viewer *v);         /* drops units up to the next key unit, except the one begun */
void viewer_cut(struct viewer *v);                 /* drops the one begun, too */

/* ---- viewer.c ------------------------------------------------------------------------------------------------ */
void viewer_finish(struct viewer *v, enum viewer_end why);
void viewer_notify_end(struct viewer *v);
void viewer_count_dropped(struct viewer *v, const struct packed_unit *p, unsigned from_packet);
void viewer_enqueue(struct viewer *v, struct packed_unit *p);
void viewer_pop(struct viewer *v);       /* removes the unit under the cursor */
void viewer_unit_done(struct viewer *v); /* the unit under the cursor is sent */

/* ---- viewer_wait.c ------------------------------------------------------------------------------------------- */
bool viewer_admits(struct viewer *v, const struct packed_unit *p); /* whether to send the unit */
void viewer_send(struct viewer *v); /* from the cursor on, as much of the queue as the socket accepts */
void viewer_socket_ready(struct loop_fd *w, unsigned ready, void *arg);
void viewer_wait_writable(struct viewer *v);
void viewer_wait_until(struct viewer *v, uint64_t when_us);
/* Packets of a large unit that may be sent now, until the next burst. */
unsigned viewer_pace(struct viewer *v, const struct packed_unit *p, const struct packets *k);
void viewer_pace_wait(struct viewer *v, const struct packed_unit *p);

/* ---- viewer_udp.c, viewer_tcp.c ------------------------------------------------------------------------------ */
void viewer_udp_init(struct viewer *v);
void viewer_udp_push(struct viewer *v, struct packed_unit *p); /* only when not queueing or waiting */
void viewer_udp_send(struct viewer *v);
void viewer_udp_input(struct viewer *v);
void viewer_tcp_push(struct viewer *v, struct packed_unit *p); /* live */
void viewer_tcp_send(struct viewer *v);                        /* the ring, then the queue */
void viewer_tcp_rtcp(struct viewer *v, const uint8_t *data, size_t len);
void viewer_tcp_input(struct viewer *v);
void viewer_tcp_ring_free(struct viewer *v);

static inline void viewer_unref(struct viewer *v, struct packed_unit *p)
{
    if (--p->refs == 0)
        v->feed->ops->release(v->feed, p);
}

/* The nth of the queued units. */
static inline struct packed_unit *viewer_queued(const struct viewer *v, unsigned n)
{
    return v->feed->unit[v->queue[(v->head + n) % VIEWER_QUEUE_MAX]];
}

/* The unit under the cursor; NULL: nothing is queued. */
static inline struct packed_unit *viewer_current(const struct viewer *v)
{
    return v->count > 0 ? v->feed->unit[v->queue[v->head]] : NULL;
}

static inline void viewer_count_sent(struct viewer *v, unsigned packets, size_t bytes)
{
    v->stats.packets += packets;
    v->stats.bytes += bytes;
    if (v->stats.started_us == 0 && packets > 0)
        v->stats.started_us = loop_now_us(v->loop);
}

static inline const struct rtp_out *viewer_rtp(struct viewer *v, const struct packed_unit *p)
{
    v->out.ts = p->ts[v->format] + v->ts_offset;
    return &v->out;
}

static inline struct packets *viewer_packets(const struct viewer *v, struct packed_unit *p)
{
    return &p->packets[v->format];
}

#endif
