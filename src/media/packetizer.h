/* SPDX-License-Identifier: MIT */
/*
 * Cuts a leased access unit into RTP payloads, once for all viewers of a stream: as PS, and as an elementary stream if
 * any viewer needs it. Each packet is a run of iovecs: the first covers its struct packet_header, the others point into
 * the unit and the PS headers. A viewer writes its own RTP headers just before it sends. A packed unit is reused for
 * one access unit after another; its arrays grow only when a unit exceeds all earlier ones.
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

#define PACKET_IOV_MAX  64u   /* iovecs per packet; one that needs more ends early */
#define PACKET_RUN_MAX  46u   /* packets of 1412 bytes that fit in one UDP GSO message of 65507 bytes */
#define PACKED_NALS_MAX 1024u /* per unit, as elementary stream */

enum packet_format { PACKET_PS, PACKET_ES, PACKET_FORMATS };

/* Precedes the payload slices of a packet; in wire order, big endian. */
struct packet_header {
    uint32_t framing;   /* TCP: '$', channel 0, length of the RTP packet; always valid */
    uint32_t head;      /* RTP: version, marker, payload type, sequence number */
    uint64_t clock;     /* RTP: timestamp, SSRC */
    uint8_t insert[16]; /* start of the payload: header of a PES after the first, or of an FU */
};

struct packets {
    unsigned npkt, nruns;
    size_t payload;               /* bytes, all packets */
    unsigned plain;               /* packets in the layout of packets_lay_out; 0: another layout */
    unsigned framing_len;         /* bytes before each RTP header that the iovecs cover now */
    struct mmsghdr *msg;          /* one per packet, in order, plus one whose msg_iov is the end */
    struct iovec *iov;            /* no gaps between packets */
    struct packet_header *header; /* one per packet */
    uint32_t *run;                /* where each run ends: only its last packet may be short, as UDP GSO requires */
    size_t pkt_cap, iov_cap;
    size_t bytes_fit, slices_fit; /* a unit up to this size is known to fit */
};

struct packed_nal;

struct packed_unit {
    struct list node; /* the stream's spare list */
    uint8_t slot;     /* index in the stream's table */
    unsigned refs;    /* the stream's and the viewers' */
    struct gb_unit unit;
    uint64_t pts, dts;           /* 90 kHz, not yet reduced to 33 bits */
    uint32_t ts[PACKET_FORMATS]; /* RTP timestamps */
    uint32_t interval_us;        /* since the previous picture; for pacing */
    uint64_t read_us;            /* when the loop read it */
    uint32_t clock_ts;           /* an RTP timestamp and the loop time it corresponds to */
    uint64_t clock_us;

    struct packets packets[PACKET_FORMATS];
    struct packed_nal *nal; /* PACKED_NALS_MAX entries, allocated when first needed */
    struct ps_head head;
};

/* Packs p->unit as PS and cuts it. -ENOMEM; -EINVAL: codec not in the program, or an empty unit; -E2BIG: a limit of
 * board.h is exceeded. */
int packetizer_build_ps(struct packed_unit *p, const struct ps_program *prog, uint64_t pts, uint64_t dts);
/* As elementary stream: RFC 6184 and RFC 7798, single NAL units and FUs. -ENOMEM; -EINVAL: not video, or no NAL unit in
 * it; -E2BIG. */
int packetizer_build_es(struct packed_unit *p);
void packed_unit_free(struct packed_unit *p); /* NULL is fine */

struct rtp_out {
    uint32_t ssrc, ts;
    uint16_t seq; /* of the first packet written */
    uint8_t pt;
};

/* Writes the RTP headers of n packets from `first`. framing_len, the bytes before each: 0 (UDP), 2 (length, RFC 4571)
 * or 4 ('$', channel 0, length: RFC 2326 10.12). */
void packets_write_headers(struct packets *k, unsigned first, unsigned n, const struct rtp_out *out,
                           unsigned framing_len);

/* RTP payload bytes of one packet, including a PES or FU header in `insert`. */
static inline size_t packets_len(const struct packets *k, unsigned i)
{
    return (be32toh(k->header[i].framing) & 0xFFFFu) - RTP_HEADER;
}

size_t packets_bytes_of(const struct packets *k, unsigned first, unsigned n);

/* RTP payload bytes of n packets from `first`. */
static inline size_t packets_bytes(const struct packets *k, unsigned first, unsigned n)
{
    return n == k->npkt ? k->payload : packets_bytes_of(k, first, n);
}

/* Iovecs of n packets from `first`. */
static inline size_t packets_iovs(const struct packets *k, unsigned first, unsigned n)
{
    return (size_t)(k->msg[first + n].msg_hdr.msg_iov - k->msg[first].msg_hdr.msg_iov);
}

#endif
