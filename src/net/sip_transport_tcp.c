/* SPDX-License-Identifier: MIT */
#include "net/sip_transport_priv.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "net/net.h"
#include "util/log.h"

#define TCP_READS 8u /* per turn of the loop */

static void tcp_stalled(struct loop_timer *timer, void *arg)
{
    struct sip_socket *s = arg;

    (void)timer;
    sip_socket_enter(s);
    sip_socket_down(s, s->connecting ? "connection timed out" : "incomplete message");
    sip_socket_leave(s);
}

static void tcp_arm_stall(struct sip_socket *s)
{
    uint64_t at = sip_stream_deadline(&s->stream);

    if (at == UINT64_MAX)
        loop_timer_del(s->owner->loop, &s->timer);
    else if (loop_timer_at(s->owner->loop, &s->timer, at * 1000u, tcp_stalled, s) < 0)
        sip_socket_down(s, "out of memory");
}

/* Delivers the complete messages. */
static void tcp_messages(struct sip_socket *s)
{
    struct sip_transports *t = s->owner;
    struct sip_input in = { .link = s->link, .from = s->peer, .transport = SIP_TCP };
    struct span msg;
    int more;

    while ((more = sip_stream_next(&s->stream, &msg)) == 1) {
        in.data = msg.p;
        in.len = msg.n;
        t->ops->message(t->arg, &in);
        if (s->dead)
            return;
    }
    if (more < 0)
        sip_socket_down(s, "invalid SIP framing");
    else if (s->stream.pings) {
        s->stream.pings = 0;
        sip_transport_send(t, s->link, &s->peer, "\r\n", 2); /* RFC 5626 3.5.1: pong */
    }
}

static void tcp_read(struct sip_socket *s)
{
    for (unsigned i = 0; i < TCP_READS && !s->dead; i++) {
        size_t room;
        ssize_t n;
        char *p;
        int err = sip_stream_space(&s->stream, &p, &room);

        if (err) {
            sip_socket_down(s, err == -EMSGSIZE ? "message too large" : strerror(-err));
            return;
        }
        n = recv(s->fd, p, room, 0);
        if (n < 0 && (errno == EAGAIN || errno == EINTR))
            break;
        if (n <= 0) {
            sip_socket_down(s, n == 0 ? "closed by peer" : strerror(errno));
            return;
        }
        sip_stream_pushed(&s->stream, (size_t)n, loop_now_us(s->owner->loop) / 1000u);
        tcp_messages(s);
    }
    if (!s->dead)
        tcp_arm_stall(s);
}

static void tcp_flush(struct sip_socket *s)
{
    size_t done = 0;

    while (done < s->queued) {
        ssize_t n = send(s->fd, s->queue + done, s->queued - done, MSG_NOSIGNAL);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0 && errno != EAGAIN) {
            sip_socket_down(s, strerror(errno));
            return;
        }
        if (n < 0)
            break;
        done += (size_t)n;
    }
    memmove(s->queue, s->queue + done, s->queued - done);
    s->queued -= done;
    if (!s->queued) {
        free(s->queue);
        s->queue = NULL;
        s->queue_cap = 0;
        loop_fd_want(s->owner->loop, &s->watch, LOOP_READ);
    }
}

static void tcp_connected(struct sip_socket *s)
{
    int err = net_error(s->fd);

    if (err) {
        sip_socket_down(s, strerror(-err));
        return;
    }
    s->connecting = false;
    loop_timer_del(s->owner->loop, &s->timer);
    loop_fd_want(s->owner->loop, &s->watch, LOOP_READ);
    s->owner->ops->connected(s->owner->arg, s->link);
}

static void tcp_ready(struct loop_fd *w, unsigned ready, void *arg)
{
    struct sip_socket *s = arg;

    (void)w;
    sip_socket_enter(s);
    if (s->connecting) {
        tcp_connected(s);
    } else {
        if ((ready & LOOP_WRITE) && s->queued)
            tcp_flush(s);
        if ((ready & LOOP_READ) && !s->dead)
            tcp_read(s);
    }
    sip_socket_leave(s);
}

int sip_transport_tcp_open(struct sip_socket *s, const struct sip_link_config *cfg)
{
    struct net_bind b = {
        .addr = { .family = cfg->server.family, .port = cfg->local_port },
        .interface = cfg->interface,
    };
    struct loop *l = s->owner->loop;
    int err;

    s->fd = net_tcp_open(&b);
    err = s->fd < 0 ? s->fd : net_connect(s->fd, &cfg->server);
    if (b.addr.port && (err == -EADDRINUSE || err == -EADDRNOTAVAIL)) {
        /* The previous connection from this port may be in TIME-WAIT. A connection from another port is better than
         * none. */
        log_warn("sip: local-port-busy port=%u", b.addr.port);
        b.addr.port = 0;
        if (s->fd >= 0)
            close(s->fd);
        s->fd = net_tcp_open(&b);
        err = s->fd < 0 ? s->fd : net_connect(s->fd, &cfg->server);
    }
    if (err && err != -EINPROGRESS)
        return err;
    net_tcp_tune(s->fd, NET_SIP_TIMEOUT_MS);
    s->connecting = true;
    s->peer = cfg->server;
    err = loop_timer_at(l, &s->timer, loop_now_us(l) + SIP_TRANSPORT_CONNECT_US, tcp_stalled, s);
    return err ? err : loop_fd_add(l, &s->watch, s->fd, LOOP_WRITE, tcp_ready, s);
}

static int tcp_queue(struct sip_socket *s, const char *data, size_t len)
{
    if (len > SIP_TRANSPORT_QUEUE_MAX - s->queued)
        return -ENOBUFS;
    if (s->queued + len > s->queue_cap) {
        size_t cap = s->queue_cap ? s->queue_cap : 4096;
        char *p;

        while (cap < s->queued + len)
            cap *= 2;
        p = realloc(s->queue, cap);
        if (!p)
            return -ENOMEM;
        s->queue = p;
        s->queue_cap = cap;
    }
    memcpy(s->queue + s->queued, data, len);
    s->queued += len;
    loop_fd_want(s->owner->loop, &s->watch, LOOP_READ | LOOP_WRITE);
    return 0;
}

int sip_transport_tcp_send(struct sip_socket *s, const char *data, size_t len)
{
    ssize_t n = 0;

    if (s->connecting)
        return -ENOTCONN;
    if (!s->queued) {
        n = send(s->fd, data, len, MSG_NOSIGNAL);
        if (n < 0 && errno != EAGAIN && errno != EINTR)
            return -errno; /* the next read gets the same error and closes */
        if (n < 0)
            n = 0;
    }
    return (size_t)n == len ? 0 : tcp_queue(s, data + n, len - (size_t)n);
}
