/* SPDX-License-Identifier: MIT */
/* The queueing discipline that packets to an address pass through (rtnetlink). */
#include <errno.h>
#include <linux/rtnetlink.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>

#include "net/net.h"

#define REPLY_MAX 16384u

struct request {
    struct nlmsghdr head;
    union {
        struct rtmsg route;
        struct tcmsg tc;
    } u;
    struct rtattr attr;
    uint8_t to[16];
};

/* The first attribute of that type; NULL if there is none. */
static const struct rtattr *attribute(const void *first, size_t len, unsigned type)
{
    const uint8_t *at = first;
    struct rtattr a;

    while (len >= sizeof(a)) {
        memcpy(&a, at, sizeof(a));
        if (a.rta_len < sizeof(a) || a.rta_len > len)
            return NULL;
        if (a.rta_type == type)
            return (const struct rtattr *)(const void *)at;
        size_t step = RTA_ALIGN((size_t)a.rta_len);
        if (step >= len)
            return NULL;
        at += step;
        len -= step;
    }
    return NULL;
}

/* The index of the interface that the route to `to` uses, or -errno. */
static int route_interface(int fd, const struct addr *to)
{
    union {
        uint8_t bytes[REPLY_MAX];
        struct nlmsghdr head;
    } in;
    unsigned n = to->family == ADDR_V6 ? 16 : 4;
    struct request r = {
        .head = { .nlmsg_type = RTM_GETROUTE, .nlmsg_flags = NLM_F_REQUEST },
        .u.route = { .rtm_family = to->family == ADDR_V6 ? AF_INET6 : AF_INET, .rtm_dst_len = (unsigned char)(n * 8u) },
    };
    const struct rtattr *oif;
    int index;

    struct rtattr attr = { .rta_len = (unsigned short)RTA_LENGTH(n), .rta_type = RTA_DST };
    uint8_t *at = (uint8_t *)NLMSG_DATA(&r.head) + NLMSG_ALIGN(sizeof(r.u.route));
    memcpy(at, &attr, sizeof(attr));
    memcpy(at + sizeof(attr), to->ip, n);
    r.head.nlmsg_len = (uint32_t)(NLMSG_LENGTH(sizeof(r.u.route)) + RTA_LENGTH(n));
    if (send(fd, &r, r.head.nlmsg_len, 0) < 0)
        return -errno;
    ssize_t got = recv(fd, in.bytes, sizeof(in.bytes), 0);
    if (got < 0)
        return -errno;
    if ((size_t)got < NLMSG_LENGTH(sizeof(struct rtmsg)) || in.head.nlmsg_type != RTM_NEWROUTE ||
        in.head.nlmsg_len > (size_t)got || in.head.nlmsg_len < NLMSG_LENGTH(sizeof(struct rtmsg)))
        return -ENETUNREACH;
    oif = attribute(in.bytes + NLMSG_LENGTH(sizeof(struct rtmsg)),
                    in.head.nlmsg_len - NLMSG_LENGTH(sizeof(struct rtmsg)), RTA_OIF);
    if (!oif || oif->rta_len < RTA_LENGTH(sizeof(index)))
        return -ENETUNREACH;
    memcpy(&index, RTA_DATA(oif), sizeof(index));
    return index;
}

/* Whether one message of the dump reports fq on that interface: 1 yes, 0 another qdisc, -ENOENT not about it. */
static int is_fq(const struct nlmsghdr *head, int index)
{
    const size_t skip = NLMSG_LENGTH(sizeof(struct tcmsg));
    const struct rtattr *kind;
    struct tcmsg tc;

    if (head->nlmsg_type != RTM_NEWQDISC || head->nlmsg_len < skip)
        return -ENOENT;
    memcpy(&tc, NLMSG_DATA(head), sizeof(tc));
    if (tc.tcm_ifindex != index)
        return -ENOENT;
    kind = attribute((const uint8_t *)head + skip, head->nlmsg_len - skip, TCA_KIND);
    if (!kind)
        return 0;
    const char *name = RTA_DATA(kind);
    size_t n = kind->rta_len - RTA_LENGTH(0);
    if (n >= 3 && memcmp(name, "mq", 3) == 0)
        return -ENOENT; /* its children are listed too */
    return n >= 3 && memcmp(name, "fq", 3) == 0;
}

/* Whether every queue of the interface is fq. */
static bool interface_fq(int fd, int index)
{
    union {
        uint8_t bytes[REPLY_MAX];
        struct nlmsghdr head;
    } in;
    struct {
        struct nlmsghdr head;
        struct tcmsg tc;
    } r = { { .nlmsg_len = NLMSG_LENGTH(sizeof(r.tc)),
              .nlmsg_type = RTM_GETQDISC,
              .nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP },
            { .tcm_family = AF_UNSPEC, .tcm_ifindex = index } };
    bool seen = false;

    if (send(fd, &r, r.head.nlmsg_len, 0) < 0)
        return false;
    for (;;) {
        ssize_t got = recv(fd, in.bytes, sizeof(in.bytes), 0);
        if (got < (ssize_t)sizeof(struct nlmsghdr))
            return false;
        size_t left = (size_t)got;
        for (struct nlmsghdr *h = &in.head; NLMSG_OK(h, left); h = NLMSG_NEXT(h, left)) {
            if (h->nlmsg_type == NLMSG_DONE || h->nlmsg_type == NLMSG_ERROR)
                return seen && h->nlmsg_type == NLMSG_DONE;
            int fq = is_fq(h, index);
            if (fq == 0)
                return false;
            seen = seen || fq > 0;
        }
    }
}

bool net_route_fq(const struct addr *to)
{
    struct timeval limit = { .tv_usec = 200000 };
    int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE), index;
    bool fq = false;

    if (fd < 0)
        return false;
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
    index = route_interface(fd, to);
    if (index > 0)
        fq = interface_fq(fd, index);
    close(fd);
    return fq;
}
