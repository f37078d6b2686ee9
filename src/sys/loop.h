/* SPDX-License-Identifier: MIT */
/*
 * The event loop: select() on bitmaps sized from RLIMIT_NOFILE, and a heap of timers on CLOCK_MONOTONIC. Level
 * triggered. Owners embed struct loop_fd and struct loop_timer, so adding a descriptor never allocates. A handler may
 * remove or re-arm any descriptor or timer, including its own. Handlers that take more than 200 ms are logged.
 */
#ifndef SYS_LOOP_H
#define SYS_LOOP_H

#include <stdbool.h>
#include <stdint.h>

#include "util/heap.h"
#include "util/walltime.h"

#define LOOP_READ  1u
#define LOOP_WRITE 2u

struct loop;
struct loop_fd;
struct loop_timer;

typedef void loop_fd_fn(struct loop_fd *w, unsigned ready, void *arg);
typedef void loop_timer_fn(struct loop_timer *t, void *arg);

struct loop_fd {
    int fd; /* -1: not in the loop; must be -1 before the first use */
    unsigned events;
    loop_fd_fn *fn;
    void *arg;
};

struct loop_timer {
    struct heap_node node; /* microseconds; must be zero before the first use */
    loop_timer_fn *fn;
    void *arg;
};

int loop_new(struct loop **out); /* -ENOMEM, -errno */
void loop_free(struct loop *l);

/* Borrows fd until loop_fd_del. -EMFILE: fd is beyond the bitmap. */
int loop_fd_add(struct loop *l, struct loop_fd *w, int fd, unsigned events, loop_fd_fn *fn, void *arg);
void loop_fd_want(struct loop *l, struct loop_fd *w, unsigned events);
void loop_fd_del(struct loop *l, struct loop_fd *w); /* harmless when not in the loop */

/* Fires once at or after when_us (monotonic). -ENOMEM. */
int loop_timer_at(struct loop *l, struct loop_timer *t, uint64_t when_us, loop_timer_fn *fn, void *arg);
void loop_timer_del(struct loop *l, struct loop_timer *t);

uint64_t loop_now_us(const struct loop *l);                /* monotonic time of this turn; cheap */
void loop_time(const struct loop *l, struct gb_time *out); /* the same, with wall clock and UTC offset */
void loop_set_utc_offset(struct loop *l, bool from_system, int seconds);

/* A descriptor kept in reserve. use: closes it so that another can be opened; false: it is in use. restore: reopens it
 * after another was closed; harmless when it is not in use. */
bool loop_spare_use(struct loop *l);
void loop_spare_restore(struct loop *l);

/* Runs until loop_stop; returns its result. */
int loop_run(struct loop *l);
void loop_stop(struct loop *l, int result);
/* One turn; waits at most max_wait_us. For tests. */
int loop_turn(struct loop *l, uint64_t max_wait_us);
uint64_t loop_wakeups(const struct loop *l); /* returns of select(), for `status` */

#endif
