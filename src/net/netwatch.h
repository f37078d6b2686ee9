/* SPDX-License-Identifier: MIT */
/* Reports changes of addresses, interfaces and routes of this host (rtnetlink). A burst of changes is one call. */
#ifndef NET_NETWATCH_H
#define NET_NETWATCH_H

#include "sys/loop.h"

#define NETWATCH_SETTLE_US 500000u /* from the first change to the call */

struct netwatch {
    struct loop *loop;
    struct loop_fd watch;
    struct loop_timer timer;
    void (*changed)(void *arg);
    void *arg;
};

/* -errno if netlink is unavailable, as in some containers: the daemon runs without. */
int netwatch_open(struct netwatch *n, struct loop *l, void (*changed)(void *arg), void *arg);
void netwatch_close(struct netwatch *n); /* harmless after a failed open */

#endif
