/* SPDX-License-Identifier: MIT */
#include "tests/unit/support.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "sys/loop.h"
#include "util/log.h"

#define HIGH_FD 3000

struct pair {
    struct loop *loop;
    int fd[2];
    struct loop_fd w;
    unsigned calls, ready;
    struct pair *remove; /* removed and closed by the handler */
};

static void pair_open(struct pair *p, struct loop *l)
{
    memset(p, 0, sizeof(*p));
    p->loop = l;
    p->w.fd = -1;
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, p->fd), 0);
}

static void pair_close(struct pair *p)
{
    loop_fd_del(p->loop, &p->w);
    for (int i = 0; i < 2; i++)
        if (p->fd[i] >= 0)
            close(p->fd[i]);
    p->fd[0] = p->fd[1] = -1;
}

static void on_pair(struct loop_fd *w, unsigned ready, void *arg)
{
    struct pair *p = arg;
    char c;

    p->calls++;
    p->ready |= ready;
    if (ready & LOOP_READ)
        assert_int_equal(read(w->fd, &c, 1), 1);
    if (p->remove)
        pair_close(p->remove);
}

static void test_read_and_write(void **state)
{
    struct loop *l;
    struct pair p;

    (void)state;
    assert_int_equal(loop_new(&l), 0);
    pair_open(&p, l);
    assert_int_equal(loop_fd_add(l, &p.w, p.fd[0], LOOP_READ, on_pair, &p), 0);
    assert_int_equal(loop_turn(l, 0), 0);
    assert_int_equal(p.calls, 0);
    assert_int_equal(write(p.fd[1], "ab", 2), 2);
    assert_int_equal(loop_turn(l, 1000000), 0);
    assert_int_equal(p.calls, 1);
    assert_int_equal(loop_turn(l, 1000000), 0); /* level triggered: the second byte */
    assert_int_equal(p.calls, 2);
    loop_fd_want(l, &p.w, LOOP_WRITE);
    p.ready = 0;
    assert_int_equal(loop_turn(l, 1000000), 0);
    assert_int_equal(p.ready, LOOP_WRITE);
    loop_fd_want(l, &p.w, 0);
    assert_int_equal(write(p.fd[1], "c", 1), 1);
    p.calls = 0;
    assert_int_equal(loop_turn(l, 0), 0);
    assert_int_equal(p.calls, 0);
    pair_close(&p);
    pair_close(&p);
    assert_int_equal(loop_fd_add(l, &p.w, -1, LOOP_READ, on_pair, &p), -EBADF);
    loop_free(l);
}

/* Both are ready in one turn; the first to run removes the other, which then must not run. */
static void test_removed_inside_a_handler(void **state)
{
    struct loop *l;
    struct pair a, b;

    (void)state;
    assert_int_equal(loop_new(&l), 0);
    pair_open(&a, l);
    pair_open(&b, l);
    a.remove = &b;
    b.remove = &a;
    assert_int_equal(loop_fd_add(l, &a.w, a.fd[0], LOOP_READ, on_pair, &a), 0);
    assert_int_equal(loop_fd_add(l, &b.w, b.fd[0], LOOP_READ, on_pair, &b), 0);
    assert_int_equal(write(a.fd[1], "x", 1), 1);
    assert_int_equal(write(b.fd[1], "x", 1), 1);
    assert_int_equal(loop_turn(l, 1000000), 0);
    assert_int_equal(a.calls + b.calls, 1);
    pair_close(&a);
    pair_close(&b);
    loop_free(l);
}

struct reuse {
    struct pair first, second;
    unsigned stale;
};

static void on_stale(struct loop_fd *w, unsigned ready, void *arg)
{
    (void)w;
    (void)ready;
    (*(unsigned *)arg)++;
}

static void on_reuse(struct loop_fd *w, unsigned ready, void *arg)
{
    struct reuse *r = arg;
    int number = r->second.fd[0];

    (void)ready;
    loop_fd_del(r->first.loop, w);
    /* The other one's number now belongs to a descriptor that is not ready. */
    loop_fd_del(r->first.loop, &r->second.w);
    assert_int_equal(dup2(r->first.fd[1], number), number);
    assert_int_equal(loop_fd_add(r->first.loop, &r->second.w, number, LOOP_READ, on_stale, &r->stale), 0);
}

static void test_number_reused_inside_a_handler(void **state)
{
    struct reuse r = { .stale = 0 };
    struct loop *l;

    (void)state;
    assert_int_equal(loop_new(&l), 0);
    pair_open(&r.first, l);
    pair_open(&r.second, l);
    assert_true(r.first.fd[0] < r.second.fd[0]);
    assert_int_equal(loop_fd_add(l, &r.first.w, r.first.fd[0], LOOP_READ, on_reuse, &r), 0);
    assert_int_equal(loop_fd_add(l, &r.second.w, r.second.fd[0], LOOP_READ, on_stale, &r.stale), 0);
    assert_int_equal(write(r.first.fd[1], "x", 1), 1);
    assert_int_equal(write(r.second.fd[1], "x", 1), 1);
    assert_int_equal(loop_turn(l, 1000000), 0);
    assert_int_equal(r.stale, 0);
    pair_close(&r.first);
    pair_close(&r.second);
    loop_free(l);
}

/* Beyond FD_SETSIZE, where FD_SET would abort. */
static void test_many_descriptors(void **state)
{
    struct rlimit rl, old;
    struct loop *l;
    struct pair p;
    int high;

    (void)state;
    if (getenv("GBAGENT_EMULATED")) /* qemu-user copies the bitmaps with FD_SET and aborts at 1024 itself */
        skip_because("runs under an emulator");
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &old), 0);
    rl = old;
    rl.rlim_cur = HIGH_FD + 10;
    if (rl.rlim_max < rl.rlim_cur || setrlimit(RLIMIT_NOFILE, &rl) < 0)
        skip_because("the limit of descriptors is too low");
    assert_int_equal(loop_new(&l), 0);
    pair_open(&p, l);
    high = fcntl(p.fd[0], F_DUPFD, HIGH_FD);
    assert_true(high >= HIGH_FD);
    close(p.fd[0]);
    p.fd[0] = high;
    assert_int_equal(loop_fd_add(l, &p.w, high, LOOP_READ | LOOP_WRITE, on_pair, &p), 0);
    assert_int_equal(write(p.fd[1], "x", 1), 1);
    assert_int_equal(loop_turn(l, 1000000), 0);
    assert_int_equal(p.calls, 1);
    assert_int_equal(p.ready, LOOP_READ | LOOP_WRITE);
    pair_close(&p);
    assert_int_equal(loop_fd_add(l, &p.w, 100000, LOOP_READ, on_pair, &p), -EMFILE);
    loop_free(l);
    setrlimit(RLIMIT_NOFILE, &old);
}

struct ticks {
    struct loop *loop;
    struct loop_timer timer[4];
    int order[16];
    unsigned n;
};

static void note(struct loop_timer *t, void *arg)
{
    struct ticks *ticks = arg;

    ticks->order[ticks->n++] = (int)(t - ticks->timer);
}

static void test_timer_order(void **state)
{
    struct ticks t = { .n = 0 };
    uint64_t now;

    (void)state;
    assert_int_equal(loop_new(&t.loop), 0);
    now = loop_now_us(t.loop);
    assert_int_equal(loop_timer_at(t.loop, &t.timer[0], now + 3000, note, &t), 0);
    assert_int_equal(loop_timer_at(t.loop, &t.timer[1], now + 1000, note, &t), 0);
    assert_int_equal(loop_timer_at(t.loop, &t.timer[2], now + 2000, note, &t), 0);
    assert_int_equal(loop_timer_at(t.loop, &t.timer[3], now + 500, note, &t), 0);
    loop_timer_del(t.loop, &t.timer[3]);
    assert_int_equal(loop_timer_at(t.loop, &t.timer[2], now + 20000, note, &t), 0); /* moved */
    while (t.n < 3)
        assert_int_equal(loop_turn(t.loop, 1000000), 0);
    assert_int_equal(t.order[0], 1);
    assert_int_equal(t.order[1], 0);
    assert_int_equal(t.order[2], 2);
    assert_true(loop_now_us(t.loop) >= now + 20000);
    loop_free(t.loop);
}

static void again(struct loop_timer *t, void *arg)
{
    struct ticks *ticks = arg;

    ticks->n++;
    assert_int_equal(loop_timer_at(ticks->loop, t, 0, again, ticks), 0);
}

/* A timer that always expires immediately does not block descriptors, and the turn ends. */
static void test_timer_that_is_always_due(void **state)
{
    struct ticks t = { .n = 0 };
    struct pair p;

    (void)state;
    assert_int_equal(loop_new(&t.loop), 0);
    pair_open(&p, t.loop);
    assert_int_equal(loop_timer_at(t.loop, &t.timer[0], 0, again, &t), 0);
    assert_int_equal(loop_fd_add(t.loop, &p.w, p.fd[0], LOOP_READ, on_pair, &p), 0);
    assert_int_equal(write(p.fd[1], "x", 1), 1);
    assert_int_equal(loop_turn(t.loop, 1000000), 0);
    assert_int_equal(loop_turn(t.loop, 1000000), 0);
    assert_int_equal(p.calls, 1);
    assert_int_equal(t.n, 2);
    pair_close(&p);
    loop_timer_del(t.loop, &t.timer[0]);
    loop_free(t.loop);
}

static void stop_loop(struct loop_timer *t, void *arg)
{
    (void)t;
    loop_stop(arg, 7);
}

/* 60 ms with one timer and an idle descriptor: one sleep, not a poll. */
static void test_no_spurious_wakeups(void **state)
{
    struct loop_timer stop = { .arg = NULL };
    struct loop *l;
    struct pair p;

    (void)state;
    assert_int_equal(loop_new(&l), 0);
    pair_open(&p, l);
    assert_int_equal(loop_fd_add(l, &p.w, p.fd[0], LOOP_READ, on_pair, &p), 0);
    assert_int_equal(loop_timer_at(l, &stop, loop_now_us(l) + 60000, stop_loop, l), 0);
    assert_int_equal(loop_run(l), 7);
    assert_true(loop_wakeups(l) <= 2);
    assert_int_equal(p.calls, 0);
    pair_close(&p);
    loop_free(l);
}

static unsigned errors_logged;

static void count_errors(enum log_level level, const char *line)
{
    (void)line;
    if (level <= LOG_L_WARN)
        errors_logged++;
}

/* A descriptor closed by other code is removed and logged; the others continue. */
static void test_closed_while_watched(void **state)
{
    struct loop *l;
    struct pair a, b;

    (void)state;
    errors_logged = 0;
    log_set_sink(count_errors);
    assert_int_equal(loop_new(&l), 0);
    pair_open(&a, l);
    pair_open(&b, l);
    assert_int_equal(loop_fd_add(l, &a.w, a.fd[0], LOOP_READ, on_pair, &a), 0);
    assert_int_equal(loop_fd_add(l, &b.w, b.fd[0], LOOP_READ, on_pair, &b), 0);
    close(b.fd[0]);
    b.fd[0] = -1;
    assert_int_equal(write(a.fd[1], "x", 1), 1);
    assert_int_equal(loop_turn(l, 1000), 0);
    assert_int_equal(loop_turn(l, 1000), 0);
    assert_int_equal(a.calls, 1);
    assert_int_equal(b.w.fd, -1);
    assert_true(errors_logged >= 1);
    log_set_sink(NULL);
    pair_close(&a);
    pair_close(&b);
    loop_free(l);
}

static void sleepy(struct loop_timer *t, void *arg)
{
    struct timespec ts = { 0, 210000000 };

    (void)t;
    (void)arg;
    nanosleep(&ts, NULL);
}

static void test_slow_handler_is_named(void **state)
{
    struct loop_timer t = { .arg = NULL };
    struct loop *l;

    (void)state;
    errors_logged = 0;
    log_set_sink(count_errors);
    assert_int_equal(loop_new(&l), 0);
    assert_int_equal(loop_timer_at(l, &t, 0, sleepy, NULL), 0);
    assert_int_equal(loop_turn(l, 0), 0);
    assert_int_equal(errors_logged, 1);
    log_set_sink(NULL);
    loop_free(l);
}

static void test_time_has_the_utc_offset(void **state)
{
    struct gb_time t;
    struct loop *l;

    (void)state;
    assert_int_equal(loop_new(&l), 0);
    loop_set_utc_offset(l, false, 28800);
    loop_time(l, &t);
    assert_int_equal(t.utc_offset_s, 28800);
    assert_int_equal(t.mono_ms, loop_now_us(l) / 1000);
    assert_true(t.unix_ms / 1000 - (int64_t)time(NULL) <= 1 && (int64_t)time(NULL) - t.unix_ms / 1000 <= 1);
    setenv("TZ", "XXX-05:30", 1);
    tzset();
    loop_set_utc_offset(l, true, 0);
    loop_time(l, &t);
    assert_int_equal(t.utc_offset_s, 19800);
    loop_free(l);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_read_and_write),
        cmocka_unit_test(test_removed_inside_a_handler),
        cmocka_unit_test(test_number_reused_inside_a_handler),
        cmocka_unit_test(test_many_descriptors),
        cmocka_unit_test(test_timer_order),
        cmocka_unit_test(test_timer_that_is_always_due),
        cmocka_unit_test(test_no_spurious_wakeups),
        cmocka_unit_test(test_closed_while_watched),
        cmocka_unit_test(test_slow_handler_is_named),
        cmocka_unit_test(test_time_has_the_utc_offset),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
