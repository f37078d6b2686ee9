/* SPDX-License-Identifier: MIT */
/* Non-blocking sockets. Every descriptor is close-on-exec; functions that open one return it, or -errno. */
#ifndef NET_NET_H
#define NET_NET_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

#include "util/addr.h"

struct loop;

/* Where a socket is bound. Zeroed members mean "any". */
struct net_bind {
    enum addr_family family;     /* required unless addr has one */
    struct addr addr;            /* family ADDR_NONE: unspecified address; port, if not 0: exactly this one */
    uint16_t port_min, port_max; /* used when addr.port is 0; both 0: the kernel chooses */
    bool even;                   /* only even ports of the range (RTP) */
    const char *interface;       /* NULL or "": any; an interface name, or an address of this host */
};

#define NET_SIP_TIMEOUT_MS   12000u /* TCP_USER_TIMEOUT: how long sent data may remain unacknowledged */
#define NET_MEDIA_TIMEOUT_MS 15000u

void net_addr_to_sa(const struct addr *a, struct sockaddr_storage *ss, socklen_t *len);
/* Converts IPv4-mapped IPv6 addresses to IPv4. -EAFNOSUPPORT. */
int net_addr_from_sa(const struct sockaddr *sa, struct addr *a);

int net_udp_open(const struct net_bind *b); /* bound */
/* Also binds the next port, in *rtcp; -1 if no pair of ports is free. */
int net_udp_pair(const struct net_bind *b, int *rtcp);
int net_tcp_open(const struct net_bind *b);   /* bound, to be connected */
int net_tcp_listen(const struct net_bind *b); /* bound and listening, backlog 1 */
/* TCP: 0 or -EINPROGRESS; then wait until writable and call net_error. UDP: completes immediately. */
int net_connect(int fd, const struct addr *to);
/* Accepts a pending connection; from may be NULL. When out of descriptors it uses the loop's spare one: the caller
 * calls loop_spare_restore after closing another. -EAGAIN: none pending; other errors persist, so do not retry
 * immediately. */
int net_accept(struct loop *l, int fd, struct addr *from);
int net_error(int fd);                   /* SO_ERROR as -errno; clears it */
int net_local(int fd, struct addr *out); /* getsockname */
void net_dscp(int fd, unsigned dscp);    /* 0..63 */
/* TCP_NODELAY, SO_KEEPALIVE, TCP_USER_TIMEOUT, as far as the system supports them. */
void net_tcp_tune(int fd, unsigned user_timeout_ms);

/* The source address for packets to `to`, port 0, found by connecting a UDP socket without sending. -errno, such as
 * -ENETUNREACH. */
int net_probe_local(const struct addr *to, const char *interface, struct addr *out);

/* Whether every queue of the interface towards `to` is fq, which honours SO_MAX_PACING_RATE. */
bool net_route_fq(const struct addr *to);

#endif
