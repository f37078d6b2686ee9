/* SPDX-License-Identifier: MIT */
/*
 * Resolves names without blocking the loop: a forked child calls resolve_lookup and writes the answer to a pipe, within
 * RESOLVE_TIMEOUT_US. If a lookup fails, the last good answer for the same name is used. IP literals need no child.
 */
#ifndef NET_RESOLVE_H
#define NET_RESOLVE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "sys/loop.h"
#include "util/addr.h"

#define RESOLVE_TIMEOUT_US 5000000u
#define RESOLVE_ADDRS_MAX  8u
#define RESOLVE_NAME_MAX   128u

struct resolve;

/* err 0: r->addr holds r->naddr >= 1 addresses, best first, with the requested port. Otherwise -ENOENT (unknown name),
 * -EAGAIN (no name server), -ETIMEDOUT or -errno, and naddr is 0. May call resolve_start. */
typedef void resolve_fn(struct resolve *r, int err, void *arg);

struct resolve_answer { /* what the child writes */
    int32_t err;
    uint32_t naddr;
    struct addr addr[RESOLVE_ADDRS_MAX];
};

struct resolve {
    struct loop *loop;
    struct addr addr[RESOLVE_ADDRS_MAX];
    unsigned naddr;
    bool stale; /* the lookup failed; this is the last good answer */
    /* private */
    char name[RESOLVE_NAME_MAX];
    uint16_t port;
    struct addr good[RESOLVE_ADDRS_MAX];
    unsigned ngood;
    pid_t child; /* 0 none */
    struct loop_fd watch;
    struct loop_timer timer;
    struct resolve_answer answer;
    size_t got;
    resolve_fn *fn;
    void *arg;
};

void resolve_init(struct resolve *r, struct loop *l);
/* The error of resolve_start or resolve_fn as a log text. */
const char *resolve_strerror(int err);
void resolve_free(struct resolve *r); /* cancels a running lookup without calling fn */
/* 1: an IP literal, r->addr is set and fn is not called. 0: fn will be called. -ENAMETOOLONG, -EINVAL, -errno. Cancels
 * a running lookup first. */
int resolve_start(struct resolve *r, const char *name, uint16_t port, resolve_fn *fn, void *arg);

/* Called in the child; in resolve_gai.c, or in resolve_dns.c if glibc is linked statically. Blocks. 0: out->naddr >= 1
 * addresses, best first, without ports; else -ENOENT, -EAGAIN, -errno. */
int resolve_lookup(const char *name, struct resolve_answer *out);

#endif
