/* SPDX-License-Identifier: MIT */
#include "net/resolve.h"

#include <errno.h>
#include <netdb.h>
#include <sys/socket.h>

#include "net/net.h"

static int gai_errno(int gai)
{
    switch (gai) {
    case 0:
        return 0;
    case EAI_AGAIN:
        return -EAGAIN;
    case EAI_MEMORY:
        return -ENOMEM;
    case EAI_SYSTEM:
        return errno ? -errno : -EIO;
    default:
        return -ENOENT;
    }
}

int resolve_lookup(const char *name, struct resolve_answer *out)
{
    struct addrinfo hints = { .ai_family = AF_UNSPEC, .ai_socktype = SOCK_DGRAM };
    struct addrinfo *list = NULL;
    int err;

    errno = 0;
    err = gai_errno(getaddrinfo(name, NULL, &hints, &list));
    if (err)
        return err;
    for (struct addrinfo *it = list; it && out->naddr < RESOLVE_ADDRS_MAX; it = it->ai_next)
        if (net_addr_from_sa(it->ai_addr, &out->addr[out->naddr]) == 0)
            out->naddr++;
    freeaddrinfo(list);
    return out->naddr ? 0 : -ENOENT;
}
