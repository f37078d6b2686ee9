/* SPDX-License-Identifier: MIT */
#include "net/sip_transport.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "net/net.h"
#include "net/sip_transport_priv.h"
#include "util/log.h"

#define DATAGRAM_MIN 5u /* shorter ones are NAT keep-alives: CRLF, four zero bytes */

int sip_transport_new(struct loop *l, const struct sip_transport_ops *ops, void *arg, struct sip_transports **out)
{
    struct sip_transports *t = calloc(1, sizeof(*t));

    if (!t)
        return -ENOMEM;
    t->loop = l;
    t->ops = ops;
    t->arg = arg;
    list_init(&t->sockets);
    *out = t;
    return 0;
}

static void socket_free(struct sip_socket *s)
{
    sip_stream_free(&s->stream);
    free(s->queue);
    free(s);
}

/* Invalidates the number immediately; the memory is freed when no handler of the socket is running. */
static void socket_retire(struct sip_socket *s)
{
    loop_fd_del(s->owner->loop, &s->watch);
    loop_timer_del(s->owner->loop, &s->timer);
    list_remove(&s->node);
    if (s->fd >= 0)
        close(s->fd);
    s->fd = -1;
    s->dead = true;
    if (!s->busy)
        socket_free(s);
}

void sip_socket_enter(struct sip_socket *s)
{
    s->busy = true;
}

void sip_socket_leave(struct sip_socket *s)
{
    s->busy = false;
    if (s->dead)
        socket_free(s);
}

void sip_socket_down(struct sip_socket *s, const char *reason)
{
    if (s->dead)
        return;
    socket_retire(s);
    s->owner->ops->down(s->owner->arg, s->link, reason);
}

void sip_transport_free(struct sip_transports *t)
{
    if (!t)
        return;
    list_each_safe(it, &t->sockets)
        socket_retire(container_of(it, struct sip_socket, node));
    free(t);
}

/* A linear search: there is at most one socket per platform, of CONF_PLATFORMS_MAX. */
static struct sip_socket *socket_find(const struct sip_transports *t, uint32_t link)
{
    list_each(it, &t->sockets) {
        struct sip_socket *s = container_of(it, struct sip_socket, node);

        if (s->link == link)
            return s;
    }
    return NULL;
}

static void udp_readable(struct loop_fd *w, unsigned ready, void *arg)
{
    struct sip_socket *s = arg;
    struct sip_transports *t = s->owner;
    struct sip_input in = { .link = s->link, .transport = SIP_UDP, .data = t->datagram };

    (void)w;
    (void)ready;
    sip_socket_enter(s);
    for (unsigned i = 0; i < SIP_TRANSPORT_DATAGRAMS && !s->dead; i++) {
        struct sockaddr_storage ss;
        socklen_t len = sizeof(ss);
        ssize_t n = recvfrom(s->fd, t->datagram, sizeof(t->datagram), 0, (struct sockaddr *)&ss, &len);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0) {
            /* An ICMP error caused by an earlier datagram; the socket itself is fine. */
            if (errno != EAGAIN)
                log_debug("sip: receive-error link=%u reason=\"%s\"", s->link, strerror(errno));
            break;
        }
        if (n < (ssize_t)DATAGRAM_MIN || n > (ssize_t)SIP_MESSAGE_MAX)
            continue;
        if (net_addr_from_sa((struct sockaddr *)&ss, &in.from) < 0)
            continue;
        in.len = (size_t)n;
        t->ops->message(t->arg, &in);
    }
    sip_socket_leave(s);
}

static int udp_open(struct sip_socket *s, const struct sip_link_config *cfg)
{
    struct net_bind b = {
        .addr = { .family = cfg->server.family, .port = cfg->local_port },
        .interface = cfg->interface,
    };

    s->fd = net_udp_open(&b);
    if (s->fd < 0)
        return s->fd;
    return loop_fd_add(s->owner->loop, &s->watch, s->fd, LOOP_READ, udp_readable, s);
}

static struct sip_socket *shared_socket(struct sip_transports *t, const struct sip_link_config *cfg)
{
    if (cfg->transport != SIP_UDP || !cfg->local_port)
        return NULL;
    list_each(it, &t->sockets) {
        struct sip_socket *s = container_of(it, struct sip_socket, node);

        if (s->transport == SIP_UDP && s->shared_port == cfg->local_port && s->family == cfg->server.family &&
            strcmp(s->interface, cfg->interface ? cfg->interface : "") == 0)
            return s;
    }
    return NULL;
}

int sip_transport_open(struct sip_transports *t, const struct sip_link_config *cfg, uint32_t *link)
{
    struct sip_socket *s = shared_socket(t, cfg);
    int err;

    if (s) {
        s->refs++;
        *link = s->link;
        return 0;
    }
    s = calloc(1, sizeof(*s));
    if (!s)
        return -ENOMEM;
    s->owner = t;
    s->transport = cfg->transport;
    s->fd = s->watch.fd = -1;
    s->refs = 1;
    s->family = (enum addr_family)cfg->server.family;
    s->shared_port = cfg->transport == SIP_UDP ? cfg->local_port : 0;
    if (cfg->interface)
        span_copy(span_of(cfg->interface), s->interface, sizeof(s->interface));
    sip_stream_init(&s->stream);
    s->link = ++t->last_link ? t->last_link : ++t->last_link;
    list_append(&t->sockets, &s->node);
    err = cfg->transport == SIP_TCP ? sip_transport_tcp_open(s, cfg) : udp_open(s, cfg);
    if (err) {
        socket_retire(s);
        return err;
    }
    *link = s->link;
    return 0;
}

void sip_transport_close(struct sip_transports *t, uint32_t link)
{
    struct sip_socket *s = socket_find(t, link);

    if (!s || --s->refs)
        return;
    if (s->queued && !s->connecting)
        (void)!send(s->fd, s->queue, s->queued, MSG_NOSIGNAL | MSG_DONTWAIT);
    socket_retire(s);
}

int sip_transport_send(struct sip_transports *t, uint32_t link, const struct addr *to, const char *data, size_t len)
{
    struct sip_socket *s = socket_find(t, link);
    struct sockaddr_storage ss;
    socklen_t sslen;

    if (!s)
        return -ENOTCONN;
    if (s->transport == SIP_TCP)
        return sip_transport_tcp_send(s, data, len);
    net_addr_to_sa(to, &ss, &sslen);
    if (sendto(s->fd, data, len, MSG_NOSIGNAL, (struct sockaddr *)&ss, sslen) < 0)
        return -errno;
    return 0;
}

int sip_transport_local(const struct sip_transports *t, uint32_t link, struct addr *out)
{
    const struct sip_socket *s = socket_find(t, link);

    return s ? net_local(s->fd, out) : -ENOENT;
}
