/* SPDX-License-Identifier: MIT */
/* Inside a viewer, and between it and the stream that feeds it. Nothing here knows what a stream is. */
#ifndef MEDIA_VIEWER_PRIV_H
#define MEDIA_VIEWER_PRIV_H

#include "media/packetizer.h"
#include "media/viewer.h"
#include "sys/loop.h"
#include "util/list.h"

#define VIEWER_QUEUE_MAX 64u            /* units */
#define VIEWER_BATCH_MAX 1024u          /* the kernel's limit of one sendmmsg, and of the iovecs of a message */
#define VIEWER_RATE_SLOTS 4u            /* seconds; the newest is not full */
#define VIEWER_TAIL (4u + RTP_HEADER + RTP_PAYLOAD_MAX)

/* What all viewers of a stream see of it. None of the calls is of the usual unit. */
struct viewer_feed {
    struct loop *loop;
    const struct viewer_feed_ops *ops;
    bool lossless;                      /* the source that is open is not live: it waits for its viewer */
    struct packed_unit *unit[VIEWER_QUEUE_MAX];        /* what their queues name by slot */
};

struct viewer_feed_ops {
    void (*release)(struct viewer_feed *f, struct packed_unit *p);     /* p->refs is 0 */
    void (*request_key)(struct viewer_feed *f);
    void (*pause)(struct viewer_feed *f);       /* a viewer was paused, or goes on */
};

struct viewer {
    struct list node;                   /* its stream's */
    struct viewer_feed *feed;
    struct loop *loop;
    struct viewer_config cfg;
    struct loop_fd watch;
    struct loop_timer retry;            /* pacing, or a kernel short of buffers */
    struct loop_timer stall;            /* no progress */
    struct loop_timer end;              /* tells the owner, outside of any other handler */
    struct loop_timer heard;            /* UDP: the ICMP errors have stopped */

    /* The cursor: packets [0, packet) of queue[head] are sent, and `offset` wire bytes of the next (TCP). */
    uint8_t queue[VIEWER_QUEUE_MAX];    /* slots */
    unsigned head, count;
    unsigned packet;
    size_t offset;
    bool waiting;                       /* for writability or `retry` */
    bool wait_key, started, paused, ended, told;
    bool source_ended;                  /* what is queued is the last */
    bool again;                         /* the packet under the cursor was refused by an ICMP error once */
    uint64_t progress_us;

    enum packet_format format;
    unsigned framing_len;               /* bytes before each RTP header: 0, 2 or 4 */
    enum viewer_send method;
    unsigned run_max;                   /* UDP GSO: packets of one message */
    int sndbuf;                         /* UDP, as the kernel counts it; 0: no larger one is to be had */
    uint64_t pace_rate;                 /* bytes/s that the kernel was told; 0 none */
    struct rtp_out out;                 /* of the next packet; its timestamp is the current unit's */
    uint32_t ts_offset;
    uint32_t clock_ts;                  /* RTP timestamp of the last unit, and the moment it stands for; 0: none yet */
    uint64_t clock_us;
    unsigned burst, burst_end;          /* pacing: packets a burst; where this one ends */
    uint64_t burst_us;

    /* TCP, live: what the socket did not take. */
    uint8_t *ring;
    size_t ring_cap, ring_at, ring_len;

    uint64_t icmp_first_us, icmp_last_us;       /* UDP: of the run of ICMP errors; 0 none yet */
    enum viewer_end why;
    uint64_t rate_second, rate_next_us, rate_mark[VIEWER_RATE_SLOTS];   /* bytes at the start of each second */
    struct viewer_stats stats;
    uint8_t tail[];                     /* TCP: stands in when there is no memory for a ring: no packet is ever cut */
};

/* ---- called by the stream; none of them calls the owner of a viewer ----------------------------------------- */
/* Borrows f while it lives; takes cfg->fd on success. -ENOMEM. */
int viewer_new(struct viewer_feed *f, const struct viewer_config *cfg, struct viewer **out);
void viewer_free(struct viewer *v);                 /* gives leases back, closes the socket */
void viewer_push(struct viewer *v, struct packed_unit *p);
void viewer_lost_unit(struct viewer *v);            /* a unit is missing: wait for the next key unit */
void viewer_source_gone(struct viewer *v);          /* gives every lease back */
void viewer_source_ended(struct viewer *v);
bool viewer_wants(const struct viewer *v);          /* it could take a unit now */
unsigned viewer_droppable(const struct viewer *v);  /* queued units that were not begun */
void viewer_drop_queued(struct viewer *v);          /* to the next key unit; one that was begun stays */
void viewer_cut(struct viewer *v);                  /* the begun one, too */

/* ---- viewer.c ------------------------------------------------------------------------------------------------ */
void viewer_finish(struct viewer *v, enum viewer_end why);
void viewer_tell_end(struct viewer *v);
void viewer_count_dropped(struct viewer *v, const struct packed_unit *p, unsigned from_packet);
void viewer_enqueue(struct viewer *v, struct packed_unit *p);
void viewer_pop(struct viewer *v);                  /* gives the unit under the cursor back */
void viewer_unit_done(struct viewer *v);            /* it is sent */

/* ---- viewer_wait.c ------------------------------------------------------------------------------------------- */
bool viewer_admits(struct viewer *v, const struct packed_unit *p);         /* false: the unit is not for this viewer */
void viewer_send(struct viewer *v);                 /* from the cursor on: all that was queued, or what the socket takes of it */
void viewer_socket_ready(struct loop_fd *w, unsigned ready, void *arg);
void viewer_wait_writable(struct viewer *v);
void viewer_wait_until(struct viewer *v, uint64_t when_us);
/* How many packets may go now of a unit of many; until the next burst. */
unsigned viewer_pace(struct viewer *v, const struct packed_unit *p, const struct packets *k);
void viewer_pace_wait(struct viewer *v, const struct packed_unit *p);

/* ---- viewer_udp.c, viewer_tcp.c ------------------------------------------------------------------------------ */
void viewer_udp_init(struct viewer *v);
void viewer_udp_push(struct viewer *v, struct packed_unit *p);     /* nothing is queued or waited for */
void viewer_udp_send(struct viewer *v);
void viewer_udp_input(struct viewer *v);
void viewer_tcp_push(struct viewer *v, struct packed_unit *p);     /* live */
void viewer_tcp_send(struct viewer *v);             /* what was queued or lies in the ring */
void viewer_tcp_rtcp(struct viewer *v, const uint8_t *data, size_t len);
void viewer_tcp_input(struct viewer *v);
void viewer_tcp_ring_free(struct viewer *v);

static inline void viewer_unref(struct viewer *v, struct packed_unit *p)
{
    if (--p->refs == 0) {
        v->feed->ops->release(v->feed, p);
    }
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
    if (v->stats.started_us == 0 && packets > 0) {
        v->stats.started_us = loop_now_us(v->loop);
    }
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
