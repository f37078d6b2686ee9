/* SPDX-License-Identifier: MIT */
/*
 * The sockets of SIP: UDP sockets and TCP connections. Each is a link, named by a number that is never 0 and never
 * reused. Platforms configured with the same local UDP port share one socket and thus its number.
 */
#ifndef NET_SIP_TRANSPORT_H
#define NET_SIP_TRANSPORT_H

#include <stddef.h>
#include <stdint.h>

#include "sip/transport.h"
#include "sys/loop.h"
#include "util/addr.h"

#define SIP_TRANSPORT_DATAGRAMS  32u            /* per socket and turn of the loop */
#define SIP_TRANSPORT_QUEUE_MAX  (256u * 1024u) /* unsent bytes of a TCP connection */
#define SIP_TRANSPORT_CONNECT_US 10000000u

struct sip_transports;

/* Called from the loop. Each may open and close links, including the one it is called for. */
struct sip_transport_ops {
    void (*message)(void *arg, const struct sip_input *in);     /* `in` is valid during the call only */
    void (*connected)(void *arg, uint32_t link);                /* TCP only */
    void (*down)(void *arg, uint32_t link, const char *reason); /* the number is already invalid */
};

struct sip_link_config {
    enum sip_transport transport;
    struct addr server;    /* TCP: peer; UDP: only its family is used */
    uint16_t local_port;   /* 0: the kernel chooses */
    const char *interface; /* NULL or "": any */
};

int sip_transport_new(struct loop *l, const struct sip_transport_ops *ops, void *arg, struct sip_transports **out);
void sip_transport_free(struct sip_transports *t); /* closes every link; NULL is fine */
/* UDP: usable on return. TCP: `connected` or `down` follows, never from within this call. -errno. */
int sip_transport_open(struct sip_transports *t, const struct sip_link_config *cfg, uint32_t *link);
void sip_transport_close(struct sip_transports *t, uint32_t link); /* no `down` follows; unknown numbers are ignored */
/* Copies what cannot be sent immediately. -ENOTCONN: unknown link, or still connecting; -ENOBUFS: send queue full;
 * -errno. */
int sip_transport_send(struct sip_transports *t, uint32_t link, const struct addr *to, const char *data, size_t len);
/* The local address; its IP may be unspecified (UDP). -ENOENT: unknown link; -errno. */
int sip_transport_local(const struct sip_transports *t, uint32_t link, struct addr *out);

#endif
