/* SPDX-License-Identifier: MIT */
#include "net/net.h"

#include <errno.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "sys/loop.h"
#include "util/log.h"

void net_addr_to_sa(const struct addr *a, struct sockaddr_storage *ss, socklen_t *len)
{
    memset(ss, 0, sizeof(*ss));
    if (a->family == ADDR_V6) {
        struct sockaddr_in6 sin6 = { .sin6_family = AF_INET6, .sin6_port = htons(a->port) };

        memcpy(&sin6.sin6_addr, a->ip, 16);
        memcpy(ss, &sin6, sizeof(sin6));
        *len = sizeof(sin6);
    } else {
        struct sockaddr_in sin = { .sin_family = AF_INET, .sin_port = htons(a->port) };

        memcpy(&sin.sin_addr, a->ip, 4);
        memcpy(ss, &sin, sizeof(sin));
        *len = sizeof(sin);
    }
}

int net_addr_from_sa(const struct sockaddr *sa, struct addr *a)
{
    memset(a, 0, sizeof(*a));
    if (sa->sa_family == AF_INET) {
        struct sockaddr_in sin;

        memcpy(&sin, sa, sizeof(sin));
        a->family = ADDR_V4;
        a->port = ntohs(sin.sin_port);
        memcpy(a->ip, &sin.sin_addr, 4);
        return 0;
    }
    if (sa->sa_family == AF_INET6) {
        struct sockaddr_in6 sin6;

        memcpy(&sin6, sa, sizeof(sin6));
        a->port = ntohs(sin6.sin6_port);
        if (IN6_IS_ADDR_V4MAPPED(&sin6.sin6_addr)) {
            a->family = ADDR_V4;
            memcpy(a->ip, sin6.sin6_addr.s6_addr + 12, 4);
        } else {
            a->family = ADDR_V6;
            memcpy(a->ip, &sin6.sin6_addr, 16);
        }
        return 0;
    }
    return -EAFNOSUPPORT;
}

/* The interface's address of that family, for hosts where SO_BINDTODEVICE is not permitted. */
static int interface_address(const char *name, enum addr_family family, struct addr *out)
{
    int want = family == ADDR_V6 ? AF_INET6 : AF_INET;
    struct ifaddrs *all, *it;
    int err = -EADDRNOTAVAIL;

    if (getifaddrs(&all) < 0)
        return -errno;
    for (it = all; it; it = it->ifa_next) {
        if (!it->ifa_addr || it->ifa_addr->sa_family != want || strcmp(it->ifa_name, name) != 0)
            continue;
        if (net_addr_from_sa(it->ifa_addr, out) < 0 || addr_classify(out) == ADDR_LINK_LOCAL)
            continue;
        err = 0;
        break;
    }
    freeifaddrs(all);
    return err;
}

static int bind_interface(int fd, const struct net_bind *b, struct addr *local)
{
    struct addr ip;
    size_t n = strlen(b->interface);
    int err;

    if (addr_parse_ip(&ip, span_of(b->interface)) == 0) {
        if (ip.family != local->family)
            return -EAFNOSUPPORT;
        memcpy(local->ip, ip.ip, sizeof(ip.ip));
        return 0;
    }
    if (n >= IFNAMSIZ || !if_nametoindex(b->interface))
        return -ENODEV;
    if (setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, b->interface, (socklen_t)n + 1) == 0)
        return 0;
    err = interface_address(b->interface, (enum addr_family)local->family, &ip);
    if (!err)
        memcpy(local->ip, ip.ip, sizeof(ip.ip));
    return err;
}

static int bind_port(int fd, struct addr *local, uint16_t port)
{
    struct sockaddr_storage ss;
    socklen_t len;

    local->port = port;
    net_addr_to_sa(local, &ss, &len);
    return bind(fd, (struct sockaddr *)&ss, len) < 0 ? -errno : 0;
}

/* Starts at a random port of the range, so that a port just released is not reused immediately. */
static int bind_range(int fd, struct addr *local, const struct net_bind *b)
{
    unsigned step = b->even ? 2 : 1;
    unsigned first = b->port_min + (b->even ? b->port_min & 1u : 0u);
    unsigned count = b->port_max < first ? 0 : (b->port_max - first) / step + 1;
    unsigned start = 0;
    int err = -EADDRINUSE;

    if (!count)
        return -EADDRINUSE;
    if (getrandom(&start, sizeof(start), GRND_NONBLOCK) < 0)
        start = (unsigned)getpid();
    for (unsigned i = 0; i < count; i++) {
        err = bind_port(fd, local, (uint16_t)(first + (start % count + i) % count * step));
        if (err != -EADDRINUSE && err != -EACCES)
            break;
    }
    return err;
}

static int open_bound(const struct net_bind *b, int type, bool reuse)
{
    struct addr local = b->addr;
    int one = 1, err = 0, fd;

    if (!local.family)
        local.family = (uint8_t)b->family;
    if (!local.family)
        return -EAFNOSUPPORT;
    fd = socket(local.family == ADDR_V6 ? AF_INET6 : AF_INET, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -errno;
    if (local.family == ADDR_V6)
        setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &one, sizeof(one));
    if (reuse)
        setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
    if (b->interface && b->interface[0])
        err = bind_interface(fd, b, &local);
    if (!err && !local.port && b->port_min && b->port_max)
        err = bind_range(fd, &local, b);
    else if (!err)
        err = bind_port(fd, &local, local.port);
    if (err) {
        close(fd);
        return err;
    }
    return fd;
}

int net_udp_open(const struct net_bind *b)
{
    return open_bound(b, SOCK_DGRAM, false);
}

#define PAIR_TRIES 32u

int net_udp_pair(const struct net_bind *b, int *rtcp)
{
    int fd = -1;

    *rtcp = -1;
    for (unsigned i = 0; i < PAIR_TRIES && *rtcp < 0; i++) {
        struct net_bind next = *b;

        if (fd >= 0)
            close(fd);
        fd = net_udp_open(b);
        if (fd < 0)
            return fd;
        if (net_local(fd, &next.addr) < 0 || (next.addr.port & 1u) || (b->port_max && next.addr.port >= b->port_max))
            continue;
        next.addr.port++;
        *rtcp = net_udp_open(&next);
        if (*rtcp == -EMFILE || *rtcp == -ENFILE)
            break;
    }
    if (*rtcp < 0)
        *rtcp = -1;
    return fd;
}

int net_tcp_open(const struct net_bind *b)
{
    int fd = open_bound(b, SOCK_STREAM, false);

    /* Ports of connections that have just ended are still in TIME-WAIT. */
    return fd == -EADDRINUSE ? open_bound(b, SOCK_STREAM, true) : fd;
}

int net_tcp_listen(const struct net_bind *b)
{
    int fd = open_bound(b, SOCK_STREAM, true);
    int err;

    if (fd < 0)
        return fd;
    if (listen(fd, 1) < 0) {
        err = -errno;
        close(fd);
        return err;
    }
    return fd;
}

int net_connect(int fd, const struct addr *to)
{
    struct sockaddr_storage ss;
    socklen_t len;

    net_addr_to_sa(to, &ss, &len);
    if (connect(fd, (struct sockaddr *)&ss, len) == 0)
        return 0;
    return errno == EINTR ? -EINPROGRESS : -errno;
}

int net_accept(struct loop *l, int fd, struct addr *from)
{
    struct sockaddr_storage ss;
    socklen_t len = sizeof(ss);
    int conn = accept4(fd, (struct sockaddr *)&ss, &len, SOCK_NONBLOCK | SOCK_CLOEXEC);

    if (conn < 0 && (errno == EMFILE || errno == ENFILE) && loop_spare_use(l)) {
        conn = accept4(fd, (struct sockaddr *)&ss, &len, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (conn < 0) { /* none pending: the kernel allocates a descriptor before it checks */
            const int err = errno;

            loop_spare_restore(l);
            errno = err;
        }
    }
    if (conn < 0)
        return errno == EINTR || errno == ECONNABORTED ? -EAGAIN : -errno;
    if (from && net_addr_from_sa((struct sockaddr *)&ss, from) < 0) {
        close(conn);
        return -EAGAIN;
    }
    return conn;
}

int net_error(int fd)
{
    int err = 0;
    socklen_t len = sizeof(err);

    return getsockopt(fd, SOL_SOCKET, SO_ERROR, &err, &len) < 0 ? -errno : -err;
}

int net_local(int fd, struct addr *out)
{
    struct sockaddr_storage ss;
    socklen_t len = sizeof(ss);

    if (getsockname(fd, (struct sockaddr *)&ss, &len) < 0)
        return -errno;
    return net_addr_from_sa((struct sockaddr *)&ss, out);
}

void net_dscp(int fd, unsigned dscp)
{
    int tos = (int)dscp << 2;

    /* The option of the other address family fails, without effect. */
    setsockopt(fd, IPPROTO_IP, IP_TOS, &tos, sizeof(tos));
    setsockopt(fd, IPPROTO_IPV6, IPV6_TCLASS, &tos, sizeof(tos));
}

void net_tcp_tune(int fd, unsigned user_timeout_ms)
{
    int one = 1, idle = 30, interval = 5, count = 3;

    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
    setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &one, sizeof(one));
#ifdef TCP_KEEPIDLE
    setsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &idle, sizeof(idle));
    setsockopt(fd, IPPROTO_TCP, TCP_KEEPINTVL, &interval, sizeof(interval));
    setsockopt(fd, IPPROTO_TCP, TCP_KEEPCNT, &count, sizeof(count));
#endif
#ifdef TCP_USER_TIMEOUT
    setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &user_timeout_ms, sizeof(user_timeout_ms));
#endif
}

int net_probe_local(const struct addr *to, const char *interface, struct addr *out)
{
    struct net_bind b = { .family = (enum addr_family)to->family, .interface = interface };
    struct addr far = *to;
    int fd = net_udp_open(&b);
    int err;

    if (fd < 0)
        return fd;
    if (!far.port)
        far.port = 5060;
    err = net_connect(fd, &far);
    if (!err)
        err = net_local(fd, out);
    if (!err)
        out->port = 0;
    close(fd);
    return err;
}
