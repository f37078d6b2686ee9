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
    enum addr_family family;            /* required unless addr has one */
    struct addr addr;                   /* family ADDR_NONE: the unspecified address; its port: exactly that one */
    uint16_t port_min, port_max;        /* used when addr.port is 0; 0 0 = the kernel chooses */
    bool even;                          /* only even ports of the range (RTP) */
    const char *interface;              /* NULL or "": any; a name, or an address of this host */
};

#define NET_SIP_TIMEOUT_MS 12000u       /* unacknowledged TCP data: the connection is dead */
#define NET_MEDIA_TIMEOUT_MS 15000u

void net_addr_to_sa(const struct addr *a, struct sockaddr_storage *ss, socklen_t *len);
/* IPv4 mapped into IPv6 comes out as IPv4. -EAFNOSUPPORT. */
int net_addr_from_sa(const struct sockaddr *sa, struct addr *a);

int net_udp_open(const struct net_bind *b);             /* bound */
/* The same, and the port after it in *rtcp; that is -1 where no two could be had. */
int net_udp_pair(const struct net_bind *b, int *rtcp);
int net_tcp_open(const struct net_bind *b);             /* bound, to be connected */
int net_tcp_listen(const struct net_bind *b);           /* bound and listening for one */
/* TCP: 0 or -EINPROGRESS, then wait for writability and ask net_error. UDP: at once. */
int net_connect(int fd, const struct addr *to);
/* A connection that waits; from may be NULL. When no descriptor is left the loop's spare one serves: give that back when
 * another has been closed. -EAGAIN: none waits; any other error lasts, so do not ask again at once. */
int net_accept(struct loop *l, int fd, struct addr *from);
int net_error(int fd);                                  /* SO_ERROR as -errno; clears it */
int net_local(int fd, struct addr *out);                /* getsockname */
void net_dscp(int fd, unsigned dscp);                   /* 0..63 */
/* TCP_NODELAY, SO_KEEPALIVE, TCP_USER_TIMEOUT; what the system does not know is left out. */
void net_tcp_tune(int fd, unsigned user_timeout_ms);

/* The address this host would send from to reach `to`, by a connected UDP socket that sends nothing; port 0.
 * -ENETUNREACH and the like. */
int net_probe_local(const struct addr *to, const char *interface, struct addr *out);

/* Every queue on the way to `to` is fq, which honours SO_MAX_PACING_RATE. */
bool net_route_fq(const struct addr *to);

#endif
