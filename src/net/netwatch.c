/* SPDX-License-Identifier: MIT */
#include "net/netwatch.h"

#include <errno.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static void on_settled(struct loop_timer *t, void *arg)
{
    struct netwatch *n = arg;

    (void)t;
    n->changed(n->arg);
}

/* What changed does not matter: the owner compares addresses itself. An overrun (ENOBUFS) counts as a change. */
static void on_netlink(struct loop_fd *w, unsigned ready, void *arg)
{
    struct netwatch *n = arg;
    bool any = false;
    char buf[8192];

    (void)ready;
    for (unsigned i = 0; i < 16; i++) {
        ssize_t got = recv(w->fd, buf, sizeof(buf), 0);

        if (got <= 0 && errno != ENOBUFS)
            break;
        any = true;
    }
    if (any && !n->timer.node.pos)
        loop_timer_at(n->loop, &n->timer, loop_now_us(n->loop) + NETWATCH_SETTLE_US, on_settled, n);
}

int netwatch_open(struct netwatch *n, struct loop *l, void (*changed)(void *arg), void *arg)
{
    struct sockaddr_nl addr = {
        .nl_family = AF_NETLINK,
        .nl_groups = RTMGRP_LINK | RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR | RTMGRP_IPV4_ROUTE | RTMGRP_IPV6_ROUTE,
    };
    int fd, err;

    memset(n, 0, sizeof(*n));
    n->loop = l;
    n->changed = changed;
    n->arg = arg;
    n->watch.fd = -1;
    fd = socket(AF_NETLINK, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, NETLINK_ROUTE);
    if (fd < 0)
        return -errno;
    err = bind(fd, (struct sockaddr *)&addr, sizeof(addr)) < 0 ? -errno : 0;
    if (!err)
        err = loop_fd_add(l, &n->watch, fd, LOOP_READ, on_netlink, n);
    if (err)
        close(fd);
    return err;
}

void netwatch_close(struct netwatch *n)
{
    int fd;

    if (!n->loop)
        return;
    fd = n->watch.fd;
    loop_timer_del(n->loop, &n->timer);
    loop_fd_del(n->loop, &n->watch);
    if (fd >= 0)
        close(fd);
}
