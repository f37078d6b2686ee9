/* SPDX-License-Identifier: MIT */
/* Cutting into packets, for the two ways to build a plan. Nobody else includes this. */
#ifndef SHELL_PLAN_PRIV_H
#define SHELL_PLAN_PRIV_H

#include <endian.h>
#include <stdbool.h>
#include <string.h>

#include "shell/plan.h"

/* Inline throughout: with its members in registers a packet costs a few stores. */
struct cutter {
    struct packets *k;
    struct plan_packet *pkt;        /* the open packet, or the next one */
    struct iovec *iov;              /* the next one */
    struct mmsghdr *msg;            /* those of pkt */
    uint8_t *hole;
    uint32_t at;                    /* payload so far */
    uint32_t room;                  /* left in the open packet */
    bool open;
    struct plan_packet *run_first;  /* that the open run begins with */
    struct iovec *run_iov;
    uint32_t *run;
};

/* Room for so many packets and iovecs; keeps nothing of what was in. -ENOMEM. */
int plan_reserve(struct packets *k, size_t npkt, size_t niov);
/* The holes of the last packets of runs, which may be short, show full lengths again. */
void plan_restore_holes(struct packets *k);

static inline void plan_put_front(uint8_t *hole, unsigned payload)
{
    uint32_t front = htobe32((uint32_t)'$' << 24 | (RTP_HEADER + payload));

    memcpy(hole, &front, sizeof(front));
}

static inline void plan_cut_begin(struct cutter *c, struct packets *k)
{
    plan_restore_holes(k);
    *c = (struct cutter){ .k = k, .pkt = k->pkt, .iov = k->iov, .msg = k->msg, .hole = k->hole, .run_first = k->pkt,
                          .run_iov = k->iov, .run = k->run };
}

static inline void plan_end_run(struct cutter *c)
{
    *c->run++ = (uint32_t)(c->pkt - c->k->pkt);
    c->run_first = c->pkt;
    c->run_iov = c->iov;
}

static inline void plan_next_packet(struct cutter *c)
{
    c->pkt++;
    c->msg++;
    c->hole += PLAN_HOLE;
}

/* Ends the open packet; a short one ends its run. */
static inline void plan_close_packet(struct cutter *c)
{
    uint32_t len = c->at - c->pkt->at;

    c->open = false;
    c->pkt->len = (uint16_t)len;
    c->pkt->niov = (uint16_t)(c->iov - (struct iovec *)c->msg->msg_hdr.msg_iov);
    c->msg->msg_hdr.msg_iovlen = c->pkt->niov;
    if (len < RTP_PAYLOAD_MAX) {
        plan_put_front(c->hole, len);
        plan_next_packet(c);
        plan_end_run(c);
    } else {
        plan_next_packet(c);
    }
}

/* Packets that the open run has room for: at least one. */
static inline unsigned plan_run_room(struct cutter *c)
{
    if (c->pkt - c->run_first >= (ptrdiff_t)PLAN_RUN_MAX ||
        c->iov - c->run_iov > (ptrdiff_t)(PLAN_RUN_IOV_MAX - PLAN_PACKET_IOV_MAX - 2u * PLAN_RUN_MAX)) {
        plan_end_run(c);
    }
    return PLAN_RUN_MAX - (unsigned)(c->pkt - c->run_first);
}

/* A new packet whose payload begins with `fu` bytes behind the RTP header in its hole. */
static inline void plan_open_packet(struct cutter *c, unsigned fu)
{
    (void)plan_run_room(c);
    c->pkt->iov = (uint32_t)(c->iov - c->k->iov);
    c->pkt->at = c->at;
    c->msg->msg_hdr.msg_iov = c->iov;
    c->iov->iov_base = c->hole + PLAN_FRONT;
    c->iov->iov_len = RTP_HEADER + fu;
    c->iov++;
    c->at += fu;
    c->room = RTP_PAYLOAD_MAX - fu;
    c->open = true;
}

/* Into the open packet, len <= room; closes it when it is full. */
static inline void plan_add_bytes(struct cutter *c, const uint8_t *data, size_t len)
{
    c->iov->iov_base = (void *)(uintptr_t)data;
    c->iov->iov_len = len;
    c->iov++;
    c->at += (uint32_t)len;
    c->room -= (uint32_t)len;
    if (c->room == 0 || c->iov - (struct iovec *)c->msg->msg_hdr.msg_iov == (ptrdiff_t)PLAN_PACKET_IOV_MAX) {
        plan_close_packet(c);
    }
}

static inline void plan_cut_end(struct cutter *c)
{
    struct packets *k = c->k;

    if (c->open) {
        plan_close_packet(c);
    }
    if (c->pkt > c->run_first) {
        plan_end_run(c);
    }
    k->npkt = (unsigned)(c->pkt - k->pkt);
    k->nruns = (unsigned)(c->run - k->run);
    k->niov = (size_t)(c->iov - k->iov);
    k->payload = c->at;
    k->front = 0;
}

#endif
