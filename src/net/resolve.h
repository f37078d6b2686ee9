/* SPDX-License-Identifier: MIT */
/*
 * Names to addresses without blocking the loop: a forked child asks (resolve_lookup) and writes the answer to a pipe. At
 * most RESOLVE_TIMEOUT_US; the last good answer of a name serves when the name server is gone. Literals never fork.
 */
#ifndef NET_RESOLVE_H
#define NET_RESOLVE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "sys/loop.h"
#include "util/addr.h"

#define RESOLVE_TIMEOUT_US 5000000u
#define RESOLVE_ADDRS_MAX 8u
#define RESOLVE_NAME_MAX 128u

struct resolve;

/* err 0: r->addr holds r->naddr >= 1 addresses, best first, with the port that was asked for. Otherwise -ENOENT (no such
 * name), -EAGAIN (no name server), -ETIMEDOUT, -errno, and naddr is 0. May start the next one. */
typedef void resolve_fn(struct resolve *r, int err, void *arg);

struct resolve_answer {                 /* what the child writes */
    int32_t err;
    uint32_t naddr;
    struct addr addr[RESOLVE_ADDRS_MAX];
};

struct resolve {
    struct loop *loop;
    struct addr addr[RESOLVE_ADDRS_MAX];
    unsigned naddr;
    bool stale;                         /* the answer is an earlier one */
    /* private */
    char name[RESOLVE_NAME_MAX];
    uint16_t port;
    struct addr good[RESOLVE_ADDRS_MAX];
    unsigned ngood;
    pid_t child;                        /* 0 none */
    struct loop_fd watch;
    struct loop_timer timer;
    struct resolve_answer answer;
    size_t got;
    resolve_fn *fn;
    void *arg;
};

void resolve_init(struct resolve *r, struct loop *l);
/* What an error of resolve_start or of resolve_fn means to a person. */
const char *resolve_why(int err);
void resolve_free(struct resolve *r);   /* ends a running one without a call */
/* 1: a literal, the answer is there and fn is not called. 0: fn will be called. -ENAMETOOLONG, -EINVAL, -errno. One that
 * still runs is given up first. */
int resolve_start(struct resolve *r, const char *name, uint16_t port, resolve_fn *fn, void *arg);

/* What the child does, in resolve_gai.c, or in resolve_dns.c where glibc is linked statically. Blocks. 0 with out->naddr >= 1
 * addresses, best first, without ports; -ENOENT, -EAGAIN, -errno with none. */
int resolve_lookup(const char *name, struct resolve_answer *out);

#endif
