/* SPDX-License-Identifier: MIT */
/* Cutting into packets, for the two ways to build a plan. Nobody else includes this. */
#ifndef MEDIA_PACKETIZER_CUT_H
#define MEDIA_PACKETIZER_CUT_H

#include "media/packetizer.h"

/* Inline throughout: with its members in registers a packet costs a few stores. */
struct cutter {
    struct mmsghdr *msg;            /* those of the open packet, or of the next one */
    struct plan_hole *hole;
    struct iovec *iov;              /* the next one */
    uint32_t room;                  /* left in the open packet; 0: none is open */
};

/* packetizer.c. Room for so many packets and iovecs; keeps nothing of what was in. -ENOMEM. */
int plan_reserve(struct packets *k, size_t npkt, size_t niov);

/* The plain layout for npkt packets: of the first hole, head and slice, of the others hole and slice. */
void plan_lay(struct packets *k, unsigned npkt);

static inline uint32_t plan_front(size_t payload)
{
    return htobe32((uint32_t)'$' << 24 | (uint32_t)(RTP_HEADER + payload));
}

/* Holes show full lengths again. */
static inline void plan_restore_fronts(struct packets *k)
{
    for (unsigned i = 0; i < k->nruns; i++) {
        k->hole[k->run[i] - 1].front = plan_front(RTP_PAYLOAD_MAX);
    }
}

static inline struct cutter plan_cut_begin(struct packets *k)
{
    plan_restore_fronts(k);
    k->nruns = 0;
    k->front = 0;
    k->payload = 0;
    k->plain = 0;
    return (struct cutter){ .msg = k->msg, .hole = k->hole, .iov = k->iov };
}

/* A new packet whose payload begins with `insert` bytes in its hole. */
static inline void plan_open(struct cutter *c, unsigned insert)
{
    c->msg->msg_hdr.msg_iov = c->iov;
    *c->iov++ = (struct iovec){ &c->hole->head, RTP_HEADER + insert };
    c->room = RTP_PAYLOAD_MAX - insert;
}

/* Ends the open packet; a short one ends its run. */
static inline void plan_close(struct cutter *c, struct packets *k)
{
    c->msg->msg_hdr.msg_iovlen = (unsigned)(c->iov - c->msg->msg_hdr.msg_iov);
    c->msg++;
    if (c->room > 0) {
        k->payload -= c->room;
        c->hole->front = plan_front(RTP_PAYLOAD_MAX - c->room);
        k->run[k->nruns++] = (uint32_t)(c->msg - k->msg);
    }
    c->hole++;
    c->room = 0;
}

/* Into the open packet, len <= room; closes it when it is full. */
static inline void plan_add(struct cutter *c, struct packets *k, const uint8_t *data, size_t len)
{
    *c->iov++ = (struct iovec){ (void *)(uintptr_t)data, len };
    c->room -= (uint32_t)len;
    if (c->room == 0 || c->iov - c->msg->msg_hdr.msg_iov == (ptrdiff_t)PLAN_PACKET_IOV_MAX) {
        plan_close(c, k);
    }
}

static inline void plan_cut_end(struct cutter *c, struct packets *k)
{
    if (c->room > 0) {
        plan_close(c, k);
    }
    k->npkt = (unsigned)(c->msg - k->msg);
    k->payload += (size_t)k->npkt * RTP_PAYLOAD_MAX;       /* less what was missing in short ones */
    if (k->nruns == 0 || k->run[k->nruns - 1] != k->npkt) {
        k->run[k->nruns++] = k->npkt;
    }
    c->msg->msg_hdr.msg_iov = c->iov;
}

#endif
