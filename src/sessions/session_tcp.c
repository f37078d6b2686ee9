/* SPDX-License-Identifier: MIT */
#include "sessions/session_priv.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "net/net.h"
#include "util/log.h"

/* ---- active: we connect ----------------------------------------------------------------------------------- */

/* Some platforms open their port as late as a second after the ACK. */
static const uint32_t connect_at_ms[] = { 0, 300, 1000, 3000, 6000 };
#define ACCEPT_RETRY_US 1000000u
#define CONNECT_TRIES   (sizeof(connect_at_ms) / sizeof(connect_at_ms[0]))

static void connect_try(struct session *s);

static void on_connect_timer(struct loop_timer *t, void *arg)
{
    (void)t;
    connect_try(arg);
}

static void on_connect_timeout(struct loop_timer *t, void *arg)
{
    (void)t;
    session_fail(arg, "media connection timed out");
}

/* Uses the port named in the answer, if it is free. */
static int reopen(struct session *s)
{
    struct net_bind b = { .addr = s->local, .interface = s->interface };

    memset(b.addr.ip, 0, sizeof(b.addr.ip));
    s->fd = net_tcp_open(&b);
    if (s->fd == -EADDRINUSE) {
        b.addr.port = 0;
        s->fd = net_tcp_open(&b);
    }
    if (s->fd < 0)
        return s->fd;
    if (s->set->media.dscp)
        net_dscp(s->fd, s->set->media.dscp);
    return 0;
}

static void connect_failed(struct session *s, int err)
{
    struct loop *l = s->set->loop;

    loop_fd_del(l, &s->watch);
    if (s->fd >= 0)
        close(s->fd);
    s->fd = -1;
    if (s->attempt >= CONNECT_TRIES) {
        session_fail(s, err == -ECONNREFUSED ? "media connection refused" : "media connection failed");
        return;
    }
    if (loop_timer_at(l, &s->timer, s->started_us + connect_at_ms[s->attempt] * UINT64_C(1000), on_connect_timer, s))
        session_fail(s, "out of memory");
}

static void on_connect_ready(struct loop_fd *w, unsigned ready, void *arg)
{
    struct session *s = arg;
    int err = net_error(w->fd);

    (void)ready;
    if (err) {
        connect_failed(s, err);
        return;
    }
    net_tcp_tune(s->fd, NET_MEDIA_TIMEOUT_MS);
    session_run(s);
}

static void connect_try(struct session *s)
{
    struct loop *l = s->set->loop;
    int err = s->fd >= 0 ? 0 : reopen(s);

    s->attempt++;
    if (!err)
        err = net_connect(s->fd, &s->peer);
    if (err && err != -EINPROGRESS) {
        connect_failed(s, err);
        return;
    }
    err = loop_fd_add(l, &s->watch, s->fd, LOOP_WRITE, on_connect_ready, s);
    if (!err)
        err = loop_timer_at(l, &s->timer, s->started_us + SESSION_TCP_US, on_connect_timeout, s);
    if (err)
        session_fail(s, strerror(-err));
}

void session_connect(struct session *s)
{
    s->state = SESSION_CONNECTING;
    connect_try(s);
}

/* ---- passive: we listen ----------------------------------------------------------------------------------- */

static void on_listen_timeout(struct loop_timer *t, void *arg)
{
    (void)t;
    session_fail(arg, "no media connection");
}

static void on_accept_retry(struct loop_timer *t, void *arg)
{
    struct session *s = arg;

    (void)t;
    loop_spare_restore(s->set->loop);
    loop_fd_want(s->set->loop, &s->watch, LOOP_READ);
}

/* Stops accepting for a while: the pending connection would wake the loop continuously. */
static void pause_accept(struct session *s, int err)
{
    struct loop *l = s->set->loop;

    log_warn("%s: media-accept-failed call=%u channel=%s reason=\"%s\" retry_s=%u", session_platform(s->agent), s->call,
             s->channel, strerror(-err), ACCEPT_RETRY_US / 1000000u);
    if (loop_timer_at(l, &s->accept_retry, loop_now_us(l) + ACCEPT_RETRY_US, on_accept_retry, s) == 0)
        loop_fd_want(l, &s->watch, 0);
    else
        session_fail(s, "out of memory");
}

static void on_connection(struct loop_fd *w, unsigned ready, void *arg)
{
    struct session *s = arg;
    char text[ADDR_TEXT_MAX];
    struct addr from;
    int fd = net_accept(s->set->loop, w->fd, &from);

    (void)ready;
    if (fd == -EAGAIN)
        return;
    if (fd < 0) {
        pause_accept(s, fd);
        return;
    }
    if (!addr_same_ip(&from, &s->peer) && !addr_same_ip(&from, &s->signalling)) {
        addr_print(&from, text);
        log_warn_gated(&s->set->refusals, loop_now_us(s->set->loop) / 1000,
                       "%s: media-connection-refused call=%u channel=%s from=%s", session_platform(s->agent), s->call,
                       s->channel, text);
        close(fd);
        loop_spare_restore(s->set->loop);
        return;
    }
    /* Only one connection: close the listener. */
    loop_fd_del(s->set->loop, &s->watch);
    close(s->fd);
    loop_spare_restore(s->set->loop);
    s->fd = fd;
    s->peer = from;
    net_tcp_tune(fd, NET_MEDIA_TIMEOUT_MS);
    s->state = SESSION_OFFERED;
    if (s->started)
        session_run(s);
}

void session_listen(struct session *s)
{
    s->state = SESSION_LISTENING;
    if (loop_fd_add(s->set->loop, &s->watch, s->fd, LOOP_READ, on_connection, s) < 0)
        session_fail(s, "out of descriptors");
}

void session_accepted_start(struct session *s)
{
    struct loop *l = s->set->loop;

    if (s->state != SESSION_LISTENING)
        session_run(s);
    else if (loop_timer_at(l, &s->timer, s->started_us + SESSION_TCP_US, on_listen_timeout, s) < 0)
        session_fail(s, "out of memory");
}
