/* SPDX-License-Identifier: MIT */
/* Cuts a unit into packets; private to packetizer*.c. */
#ifndef MEDIA_PACKETIZER_CUT_H
#define MEDIA_PACKETIZER_CUT_H

#include "media/packetizer.h"

/* All inline: with its members in registers, a packet costs a few stores. */
struct cutter {
    struct mmsghdr *msg; /* of the open packet or, if none is open, the next */
    struct packet_header *header;
    struct iovec *iov; /* the next one */
    uint32_t room;     /* bytes left in the open packet; 0: none is open */
};

/* packetizer.c. Makes room for npkt packets and niov iovecs; discards the contents. -ENOMEM. */
int packets_reserve(struct packets *k, size_t npkt, size_t niov);

/* Plain layout of npkt packets: packet header and one slice each; the first has the PS headers between them. */
void packets_lay_out(struct packets *k, unsigned npkt);

static inline uint32_t packet_framing(size_t payload)
{
    return htobe32((uint32_t)'$' << 24 | (uint32_t)(RTP_HEADER + payload));
}

/* Sets the length of every packet back to that of a full one. */
static inline void packets_restore_framing(struct packets *k)
{
    for (unsigned i = 0; i < k->nruns; i++)
        k->header[k->run[i] - 1].framing = packet_framing(RTP_PAYLOAD_MAX);
}

static inline struct cutter cutter_begin(struct packets *k)
{
    packets_restore_framing(k);
    k->nruns = 0;
    k->framing_len = 0;
    k->payload = 0;
    k->plain = 0;
    return (struct cutter){ .msg = k->msg, .header = k->header, .iov = k->iov };
}

/* Opens a packet whose payload begins with `insert` bytes in its packet header. */
static inline void cutter_open(struct cutter *c, unsigned insert)
{
    c->msg->msg_hdr.msg_iov = c->iov;
    *c->iov++ = (struct iovec){ &c->header->head, RTP_HEADER + insert };
    c->room = RTP_PAYLOAD_MAX - insert;
}

/* Closes the open packet; a short one ends its run. */
static inline void cutter_close(struct cutter *c, struct packets *k)
{
    c->msg->msg_hdr.msg_iovlen = (unsigned)(c->iov - c->msg->msg_hdr.msg_iov);
    c->msg++;
    if (c->room > 0) {
        k->payload -= c->room;
        c->header->framing = packet_framing(RTP_PAYLOAD_MAX - c->room);
        k->run[k->nruns++] = (uint32_t)(c->msg - k->msg);
    }
    c->header++;
    c->room = 0;
}

/* Adds data to the open packet, len <= room; closes it when it is full. */
static inline void cutter_add(struct cutter *c, struct packets *k, const uint8_t *data, size_t len)
{
    *c->iov++ = (struct iovec){ (void *)(uintptr_t)data, len };
    c->room -= (uint32_t)len;
    if (c->room == 0 || c->iov - c->msg->msg_hdr.msg_iov == (ptrdiff_t)PACKET_IOV_MAX)
        cutter_close(c, k);
}

static inline void cutter_end(struct cutter *c, struct packets *k)
{
    if (c->room > 0)
        cutter_close(c, k);
    k->npkt = (unsigned)(c->msg - k->msg);
    k->payload += (size_t)k->npkt * RTP_PAYLOAD_MAX; /* short packets were subtracted before */
    if (k->nruns == 0 || k->run[k->nruns - 1] != k->npkt)
        k->run[k->nruns++] = k->npkt;
    c->msg->msg_hdr.msg_iov = c->iov;
}

#endif
