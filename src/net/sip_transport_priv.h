/* SPDX-License-Identifier: MIT */
/* Shared by sip_transport*.c; private to them. */
#ifndef NET_SIP_TRANSPORT_PRIV_H
#define NET_SIP_TRANSPORT_PRIV_H

#include <stdbool.h>
#include <stdint.h>

#include "net/sip_transport.h"
#include "sip/framing.h"
#include "sip/scan.h"
#include "util/list.h"

struct sip_socket {
    struct list node;
    struct sip_transports *owner;
    uint32_t link;
    enum sip_transport transport;
    int fd;
    unsigned refs;
    uint16_t shared_port; /* UDP: the configured local port; 0: not shared */
    enum addr_family family;
    char interface[16];
    bool connecting, busy, dead;
    struct loop_fd watch;
    struct loop_timer timer; /* connect timeout, then timeout of an incomplete message */
    struct addr peer;        /* TCP */
    struct sip_stream stream;
    char *queue;
    size_t queued, queue_cap;
};

struct sip_transports {
    struct loop *loop;
    const struct sip_transport_ops *ops;
    void *arg;
    struct list sockets;
    uint32_t last_link;
    char datagram[SIP_MESSAGE_MAX + 1];
};

/* Enclose every handler: the socket stays allocated until sip_socket_leave, even when it is closed in between. */
void sip_socket_enter(struct sip_socket *s);
void sip_socket_leave(struct sip_socket *s);
/* Only between the two: closes the socket and notifies the owner, once. */
void sip_socket_down(struct sip_socket *s, const char *reason);

/* Starts to connect s. -errno: the caller closes it. */
int sip_transport_tcp_open(struct sip_socket *s, const struct sip_link_config *cfg);
int sip_transport_tcp_send(struct sip_socket *s, const char *data, size_t len);

#endif
