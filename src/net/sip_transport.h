/* SPDX-License-Identifier: MIT */
/*
 * SIP on the wire: UDP sockets and TCP connections. Each has a `link` number (never 0, never used twice), which is how
 * agents name it. Two platforms that ask for the same local UDP port share its socket and so its number.
 */
#ifndef NET_SIP_TRANSPORT_H
#define NET_SIP_TRANSPORT_H

#include <stddef.h>
#include <stdint.h>

#include "sip/transport.h"
#include "sys/loop.h"
#include "util/addr.h"

#define SIP_TRANSPORT_DATAGRAMS 32u             /* per socket and turn of the loop */
#define SIP_TRANSPORT_QUEUE_MAX (256u * 1024u)  /* bytes a TCP connection may owe to its peer */
#define SIP_TRANSPORT_CONNECT_US 10000000u

struct sip_transports;

/* From the loop. Every one of them may open and close links, the one it is called for too. */
struct sip_transport_ops {
    void (*message)(void *arg, const struct sip_input *in);             /* borrowed for the call */
    void (*connected)(void *arg, uint32_t link);                        /* TCP only */
    void (*down)(void *arg, uint32_t link, const char *why);            /* the number is dead already */
};

struct sip_link_config {
    enum sip_transport transport;
    struct addr server;                 /* TCP: connected to; UDP: its family counts */
    uint16_t local_port;                /* 0 = the kernel chooses */
    const char *interface;              /* "" any */
};

int sip_transport_new(struct loop *l, const struct sip_transport_ops *ops, void *arg, struct sip_transports **out);
void sip_transport_free(struct sip_transports *t);       /* closes every link; NULL is fine */
/* UDP: usable at once. TCP: `connected` or `down` follows, never from inside this call. -errno. */
int sip_transport_open(struct sip_transports *t, const struct sip_link_config *cfg, uint32_t *link);
void sip_transport_close(struct sip_transports *t, uint32_t link);       /* `down` does not follow; unknown is harmless */
/* -ENOTCONN: no such link any more, or still connecting; -ENOBUFS: the queue is full; -errno. Copies what has to wait. */
int sip_transport_send(struct sip_transports *t, uint32_t link, const struct addr *to, const char *data, size_t len);
/* The socket's own address; the IP may be unspecified (UDP). -ENOENT, -errno. */
int sip_transport_local(const struct sip_transports *t, uint32_t link, struct addr *out);

#endif
