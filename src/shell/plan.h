/* SPDX-License-Identifier: MIT */
/*
 * One leased access unit, packed as PS once and cut once into RTP payloads, for all viewers of a stream. Every packet
 * is a run of iovecs: the first a hole for the RFC 4571 length and the RTP header, the others slices of the pack. A
 * viewer writes its own header into the holes of the packets it is about to send. Reused for unit after unit; its
 * arrays grow only for a unit that is larger than any before.
 */
#ifndef SHELL_PLAN_H
#define SHELL_PLAN_H

#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include "codec/ps.h"
#include "codec/rtp.h"
#include "util/list.h"

#define PLAN_HOLE (RTP_FRAME + RTP_HEADER)
#define PLAN_PACKET_IOV_MAX 64u         /* a packet of more slices ends early */

struct plan_packet {
    uint32_t iov;                       /* index of its hole */
    uint16_t niov;                      /* the hole included */
    uint16_t len;                       /* RTP payload */
};

struct plan {
    struct list node;                   /* the stream's list of free ones */
    unsigned refs;                      /* the stream's and the viewers' */
    struct gb_unit unit;
    uint32_t ts;                        /* 90 kHz */
    uint32_t interval_us;               /* since the picture before; for pacing */
    uint64_t read_us;                   /* when the loop read it */

    unsigned npkt;
    size_t payload;                     /* sum of the packets' len */
    struct plan_packet *pkt;
    struct iovec *iov;
    struct mmsghdr *msg;                /* one a packet, for sendmmsg */
    uint8_t *hole;                      /* PLAN_HOLE bytes a packet */
    size_t pkt_cap, iov_cap;

    struct ps_pack pack;
};

/* Packs and cuts p->unit. -ENOMEM, or as ps_pack. */
int plan_build(struct plan *p, const struct ps_program *prog, uint64_t pts, uint64_t dts);
void plan_free(struct plan *p);         /* NULL is harmless */

struct rtp_out {
    uint32_t ssrc, ts;
    uint16_t seq;                       /* of the first packet written */
    uint8_t pt;
};

/* Fills the holes of n packets from `first`: RTP only (UDP), or with the length in front (TCP). */
void plan_headers(struct plan *p, unsigned first, unsigned n, const struct rtp_out *out, bool framed);

#endif
