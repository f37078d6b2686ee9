/* SPDX-License-Identifier: MIT */
#include "sys/loop.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/select.h>
#include <time.h>
#include <unistd.h>

#include "sys/zone.h"
#include "util/list.h"
#include "util/log.h"

#define LOOP_FDS_MAX    16384u /* measured limit of select() with large bitmaps; more is never needed */
#define LOOP_FDS_MIN    1024u  /* libc may access a whole fd_set */
#define SLOW_HANDLER_US 200000u
#define WORD_BITS       (sizeof(unsigned long) * CHAR_BIT)

struct loop {
    struct loop_fd **watch;         /* by descriptor */
    unsigned nwatch;                /* size of `watch`, and bits in each bitmap */
    int top;                        /* highest descriptor in the loop; -1: none */
    unsigned long *want_r, *want_w; /* events that handlers wait for */
    unsigned long *got_r, *got_w;   /* returned by select(), not yet handled */
    struct heap timers;
    uint64_t now_us;
    uint64_t wakeups;
    bool stopping;
    int result;
    bool offset_system;
    int offset_s;
    int spare;             /* -1: in use */
    int64_t offset_minute; /* minute of Unix time for which offset_s is valid */
};

static uint64_t monotonic_us(void)
{
    struct timespec ts;

    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (uint64_t)ts.tv_sec * 1000000u + (uint64_t)ts.tv_nsec / 1000u;
}

static void bit_set(unsigned long *map, int fd)
{
    map[(unsigned)fd / WORD_BITS] |= 1ul << ((unsigned)fd % WORD_BITS);
}

static void bit_clear(unsigned long *map, int fd)
{
    map[(unsigned)fd / WORD_BITS] &= ~(1ul << ((unsigned)fd % WORD_BITS));
}

static bool bit_has(const unsigned long *map, int fd)
{
    return (map[(unsigned)fd / WORD_BITS] >> ((unsigned)fd % WORD_BITS)) & 1ul;
}

int loop_new(struct loop **out)
{
    struct rlimit rl;
    struct loop *l = calloc(1, sizeof(*l));
    size_t words;

    if (!l)
        return -ENOMEM;
    l->nwatch = LOOP_FDS_MAX;
    if (getrlimit(RLIMIT_NOFILE, &rl) == 0 && rl.rlim_cur < LOOP_FDS_MAX)
        l->nwatch = (unsigned)rl.rlim_cur;
    if (l->nwatch < LOOP_FDS_MIN)
        l->nwatch = LOOP_FDS_MIN;
    words = (l->nwatch + WORD_BITS - 1) / WORD_BITS;
    l->top = l->spare = -1;
    l->offset_minute = INT64_MIN;
    l->offset_system = true;
    heap_init(&l->timers);
    l->watch = calloc(l->nwatch, sizeof(struct loop_fd *));
    l->want_r = calloc(words, sizeof(unsigned long));
    l->want_w = calloc(words, sizeof(unsigned long));
    l->got_r = calloc(words, sizeof(unsigned long));
    l->got_w = calloc(words, sizeof(unsigned long));
    if (!l->watch || !l->want_r || !l->want_w || !l->got_r || !l->got_w) {
        loop_free(l);
        return -ENOMEM;
    }
    loop_spare_restore(l);
    l->now_us = monotonic_us();
    *out = l;
    return 0;
}

void loop_free(struct loop *l)
{
    if (!l)
        return;
    loop_spare_use(l);
    heap_free(&l->timers);
    free(l->watch);
    free(l->want_r);
    free(l->want_w);
    free(l->got_r);
    free(l->got_w);
    free(l);
}

bool loop_spare_use(struct loop *l)
{
    if (l->spare < 0)
        return false;
    close(l->spare);
    l->spare = -1;
    return true;
}

void loop_spare_restore(struct loop *l)
{
    if (l->spare < 0)
        l->spare = eventfd(0, EFD_CLOEXEC);
}

int loop_fd_add(struct loop *l, struct loop_fd *w, int fd, unsigned events, loop_fd_fn *fn, void *arg)
{
    if (fd < 0)
        return -EBADF;
    if ((unsigned)fd >= l->nwatch)
        return -EMFILE;
    if (l->watch[fd] && l->watch[fd] != w)
        return -EEXIST;
    if (w->fd >= 0 && w->fd != fd)
        loop_fd_del(l, w);
    w->fd = fd;
    w->fn = fn;
    w->arg = arg;
    l->watch[fd] = w;
    /* Readiness reported for a previous descriptor of this number. */
    bit_clear(l->got_r, fd);
    bit_clear(l->got_w, fd);
    if (fd > l->top)
        l->top = fd;
    loop_fd_want(l, w, events);
    return 0;
}

void loop_fd_want(struct loop *l, struct loop_fd *w, unsigned events)
{
    if (w->fd < 0)
        return;
    w->events = events;
    if (events & LOOP_READ)
        bit_set(l->want_r, w->fd);
    else
        bit_clear(l->want_r, w->fd);
    if (events & LOOP_WRITE)
        bit_set(l->want_w, w->fd);
    else
        bit_clear(l->want_w, w->fd);
}

void loop_fd_del(struct loop *l, struct loop_fd *w)
{
    int fd = w->fd;

    if (fd < 0 || (unsigned)fd >= l->nwatch || l->watch[fd] != w)
        return;
    l->watch[fd] = NULL;
    bit_clear(l->want_r, fd);
    bit_clear(l->want_w, fd);
    bit_clear(l->got_r, fd);
    bit_clear(l->got_w, fd);
    while (l->top >= 0 && !l->watch[l->top])
        l->top--;
    w->fd = -1;
    w->events = 0;
}

int loop_timer_at(struct loop *l, struct loop_timer *t, uint64_t when_us, loop_timer_fn *fn, void *arg)
{
    t->fn = fn;
    t->arg = arg;
    return heap_set(&l->timers, &t->node, when_us);
}

void loop_timer_del(struct loop *l, struct loop_timer *t)
{
    heap_remove(&l->timers, &t->node);
}

uint64_t loop_now_us(const struct loop *l)
{
    return l->now_us;
}

void loop_set_utc_offset(struct loop *l, bool from_system, int seconds)
{
    l->offset_system = from_system;
    l->offset_s = seconds;
    l->offset_minute = INT64_MIN;
}

/* Once a minute is enough: zones change on the hour. */
static int utc_offset(const struct loop *l, time_t now)
{
    struct loop *cache = (struct loop *)(uintptr_t)l;

    if (l->offset_system && l->offset_minute != now / 60) {
        cache->offset_s = zone_offset(now);
        cache->offset_minute = now / 60;
    }
    return l->offset_s;
}

void loop_time(const struct loop *l, struct gb_time *out)
{
    struct timespec ts;

    clock_gettime(CLOCK_REALTIME, &ts);
    out->mono_ms = l->now_us / 1000u;
    out->unix_ms = (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
    out->utc_offset_s = utc_offset(l, ts.tv_sec);
}

/* After every handler: updates the time and logs a handler that blocked the loop. fd -1: a timer. */
static void handler_done(struct loop *l, int fd)
{
    uint64_t started = l->now_us;

    l->now_us = monotonic_us();
    if (l->now_us - started > SLOW_HANDLER_US)
        log_warn("loop: slow-handler fd=%d took_ms=%llu", fd, (unsigned long long)((l->now_us - started) / 1000u));
}

static void run_timers(struct loop *l)
{
    /* Bounded: a timer that re-arms itself for now must not starve the descriptors. */
    for (size_t n = l->timers.count; n && !l->stopping; n--) {
        struct heap_node *top = heap_top(&l->timers);
        struct loop_timer *t;

        if (!top || top->when > l->now_us)
            return;
        t = container_of(top, struct loop_timer, node);
        heap_remove(&l->timers, top);
        t->fn(t, t->arg);
        handler_done(l, -1);
    }
}

static void run_fd(struct loop *l, int fd)
{
    struct loop_fd *w = l->watch[fd];
    unsigned ready = 0;

    if (!w)
        return;
    if (bit_has(l->got_r, fd))
        ready |= LOOP_READ;
    if (bit_has(l->got_w, fd))
        ready |= LOOP_WRITE;
    ready &= w->events;
    if (!ready)
        return;
    w->fn(w, ready, w->arg);
    handler_done(l, fd);
}

static void run_fds(struct loop *l, size_t words)
{
    for (size_t i = 0; i < words && !l->stopping; i++) {
        unsigned long bits = l->got_r[i] | l->got_w[i];

        while (bits && !l->stopping) {
            unsigned b = (unsigned)__builtin_ctzl(bits);

            bits &= bits - 1;
            run_fd(l, (int)(i * WORD_BITS + b));
        }
    }
}

/* Removes descriptors that were closed while in the loop; select() would fail forever. */
static void drop_closed(struct loop *l)
{
    for (int fd = l->top; fd >= 0; fd--) {
        if (fd > l->top || !l->watch[fd] || fcntl(fd, F_GETFD) >= 0)
            continue;
        log_error("loop: fd-closed fd=%d", fd);
        loop_fd_del(l, l->watch[fd]);
    }
}

/* Microseconds to sleep, rounded up to milliseconds so that timers close together share a wake-up. */
static uint64_t wait_for(const struct loop *l, uint64_t max_wait_us)
{
    const struct heap_node *top = heap_top(&l->timers);
    uint64_t wait;

    if (!top)
        return max_wait_us;
    if (top->when <= l->now_us)
        return 0;
    wait = top->when - l->now_us;
    wait = wait > UINT64_MAX - 999u ? wait : (wait + 999u) / 1000u * 1000u;
    return wait < max_wait_us ? wait : max_wait_us;
}

int loop_turn(struct loop *l, uint64_t max_wait_us)
{
    size_t words = (size_t)(l->top + 1 + (int)WORD_BITS - 1) / WORD_BITS;
    size_t bytes = words * sizeof(unsigned long);
    struct timeval tv, *timeout = NULL;
    uint64_t wait;
    int n;

    l->now_us = monotonic_us();
    wait = wait_for(l, max_wait_us);
    if (wait != UINT64_MAX) {
        tv.tv_sec = (time_t)(wait / 1000000u > INT_MAX ? INT_MAX : wait / 1000000u);
        tv.tv_usec = (suseconds_t)(wait % 1000000u);
        timeout = &tv;
    }
    if (words) {
        memcpy(l->got_r, l->want_r, bytes);
        memcpy(l->got_w, l->want_w, bytes);
    }
    n = select(l->top + 1, (fd_set *)(void *)l->got_r, (fd_set *)(void *)l->got_w, NULL, timeout);
    l->wakeups++;
    l->now_us = monotonic_us();
    if (n < 0) {
        int err = errno;

        memset(l->got_r, 0, bytes);
        memset(l->got_w, 0, bytes);
        if (err == EBADF)
            drop_closed(l);
        else if (err != EINTR)
            return -err;
    } else if (n > 0) {
        run_fds(l, words);
    }
    run_timers(l);
    return 0;
}

int loop_run(struct loop *l)
{
    l->stopping = false;
    while (!l->stopping) {
        int err = loop_turn(l, UINT64_MAX);

        if (err)
            return err;
    }
    return l->result;
}

void loop_stop(struct loop *l, int result)
{
    l->stopping = true;
    l->result = result;
}

uint64_t loop_wakeups(const struct loop *l)
{
    return l->wakeups;
}
