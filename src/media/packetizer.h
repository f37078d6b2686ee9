/* SPDX-License-Identifier: MIT */
/*
 * One leased access unit cut once into RTP payloads, for all viewers of a stream: as PS, and as elementary stream where
 * a viewer takes that. Every packet is a run of iovecs: the first a hole for framing and RTP header, the others slices of the
 * unit and of the PS headers. A viewer writes its own RTP header into the holes of the packets it is about to send.
 * Reused for unit after unit; its arrays grow only for a unit that is larger than any before.
 */
#ifndef MEDIA_PACKETIZER_H
#define MEDIA_PACKETIZER_H

#include <endian.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include "codec/ps.h"
#include "codec/rtp.h"
#include "util/list.h"

#define PLAN_PACKET_IOV_MAX 64u         /* a packet of more slices ends early */
#define PLAN_RUN_MAX 46u                /* packets of 1412 bytes that fit into one UDP GSO message of 65507 */
#define PLAN_NALS_MAX 1024u             /* of a unit, as elementary stream */

enum plan_format { PLAN_PS, PLAN_ES, PLAN_FORMATS };

/* What stands before the slices of a packet, in the order of the wire. */
struct plan_hole {
    uint32_t front;                     /* TCP: '$', channel 0, the length of what follows; always valid */
    uint32_t head;                      /* RTP: version, marker, payload type, sequence */
    uint64_t clock;                     /* RTP: timestamp, SSRC */
    uint8_t insert[16];                 /* header of a PES that is not the unit's first, or of an FU */
};

struct packets {
    unsigned npkt, nruns;
    size_t payload;                     /* of all packets */
    unsigned plain;                     /* so many packets lie as plan_lay puts them; 0: they do not */
    unsigned front;                     /* bytes before the RTP headers that the iovecs show now */
    struct mmsghdr *msg;                /* one a packet, in order, and one whose msg_iov is the end */
    struct iovec *iov;                  /* without gaps from packet to packet */
    struct plan_hole *hole;             /* one a packet */
    uint32_t *run;                      /* where each run ends: in a run only the last packet may be short, as UDP GSO wants it */
    size_t pkt_cap, iov_cap;
    size_t bytes_fit, slices_fit;       /* a unit of no more than these is known to fit */
};

struct plan_nal;

struct plan {
    struct list node;                   /* the stream's list of free ones */
    uint8_t slot;                       /* its place in the stream */
    unsigned refs;                      /* the stream's and the viewers' */
    struct gb_unit unit;
    uint64_t pts, dts;                  /* 90 kHz, not yet cut to 33 bits */
    uint32_t ts[PLAN_FORMATS];          /* RTP's */
    uint32_t interval_us;               /* since the picture before; for pacing */
    uint64_t read_us;                   /* when the loop read it */
    uint32_t clock_ts;                  /* an RTP timestamp, and the moment on the loop's clock that it stands for */
    uint64_t clock_us;

    struct packets packets[PLAN_FORMATS];
    struct plan_nal *nal;               /* PLAN_NALS_MAX of them, made when first needed */
    struct ps_head head;
};

/* Packs and cuts p->unit as PS. -ENOMEM; -EINVAL: codec not in the program, or no byte in it; -E2BIG: a limit of board.h
 * passed. */
int plan_build_ps(struct plan *p, const struct ps_program *prog, uint64_t pts, uint64_t dts);
/* As elementary stream: RFC 6184 and RFC 7798, single NAL units and FUs. -ENOMEM; -EINVAL: no video, or no NAL in it; -E2BIG. */
int plan_build_es(struct plan *p);
void plan_free(struct plan *p);         /* NULL is harmless */

struct rtp_out {
    uint32_t ssrc, ts;
    uint16_t seq;                       /* of the first packet written */
    uint8_t pt;
};

/* Fills the holes of n packets from `first`. front: what stands before each RTP header: 0 (UDP), 2 (the length, RFC 4571)
 * or 4 ('$', channel 0, length: RFC 2326 10.12). */
void plan_headers(struct packets *k, unsigned first, unsigned n, const struct rtp_out *out, unsigned front);

/* RTP payload of a packet, a PES or FU header in its hole included. */
static inline size_t plan_len(const struct packets *k, unsigned i)
{
    return (be32toh(k->hole[i].front) & 0xFFFFu) - RTP_HEADER;
}

size_t plan_bytes_of(const struct packets *k, unsigned first, unsigned n);

/* RTP payload of n packets from `first`. */
static inline size_t plan_bytes(const struct packets *k, unsigned first, unsigned n)
{
    return n == k->npkt ? k->payload : plan_bytes_of(k, first, n);
}

/* Iovecs of n packets from `first`. */
static inline size_t plan_iovs(const struct packets *k, unsigned first, unsigned n)
{
    return (size_t)(k->msg[first + n].msg_hdr.msg_iov - k->msg[first].msg_hdr.msg_iov);
}

#endif
