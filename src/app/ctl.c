/* SPDX-License-Identifier: MIT */
#include "app/ctl_priv.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "net/net.h"
#include "util/log.h"

#define ACCEPT_RETRY_US 1000000u

static void resume(struct ctl *ctl)
{
    loop_timer_del(ctl->loop, &ctl->accept_retry);
    loop_fd_want(ctl->loop, &ctl->watch, LOOP_READ);
}

void ctl_client_drop(struct ctl_client *c)
{
    struct ctl *ctl = c->ctl;
    int fd = c->watch.fd;

    loop_fd_del(ctl->loop, &c->watch);
    loop_timer_del(ctl->loop, &c->idle);
    c->watch.fd = -1;
    close(fd);
    free(c->reply);
    c->reply = NULL;
    ctl_trace_end(c);
    loop_spare_restore(ctl->loop);
    if (ctl->nclients-- == CTL_CLIENTS_MAX || ctl->accept_paused)
        resume(ctl);
}

static void on_idle(struct loop_timer *t, void *arg)
{
    (void)t;
    ctl_client_drop(arg);
}

static int client_rearm(struct ctl_client *c)
{
    struct loop *l = c->ctl->loop;

    return loop_timer_at(l, &c->idle, loop_now_us(l) + CTL_IDLE_US, on_idle, c);
}

static void client_write(struct ctl_client *c)
{
    ssize_t n;

    while (c->sent < c->len) {
        n = send(c->watch.fd, c->reply + c->sent, c->len - c->sent, MSG_NOSIGNAL);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0 && errno == EAGAIN) {
            loop_fd_want(c->ctl->loop, &c->watch, LOOP_WRITE);
            return;
        }
        if (n < 0 || client_rearm(c) < 0)
            break;
        c->sent += (size_t)n;
    }
    ctl_client_drop(c);
}

static void client_run(struct ctl_client *c, struct span line)
{
    const char *refused = NULL;
    struct ctl_reply reply;

    if (ctl_execute(c->ctl->ops, c->ctl->arg, line, &reply) < 0) {
        ctl_client_drop(c);
        return;
    }
    if (reply.trace) {
        refused = ctl_trace_start(c, &reply);
        free(reply.text);
        if (!refused)
            return;
        reply.text = strdup(refused);
        reply.len = reply.text ? strlen(refused) : 0;
    }
    c->reply = reply.text;
    c->len = reply.len;
    c->sent = 0;
    client_write(c);
}

static void client_read(struct ctl_client *c)
{
    ssize_t n = recv(c->watch.fd, c->line + c->nline, sizeof(c->line) - c->nline, 0);
    struct span line;

    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (n < 0 || (!n && !c->nline)) {
        ctl_client_drop(c);
        return;
    }
    c->nline += (size_t)n;
    line = (struct span){ c->line, c->nline };
    if (n && span_chr(line, '\n') == line.n && line.n < sizeof(c->line)) {
        if (client_rearm(c) < 0)
            ctl_client_drop(c);
        return;
    }
    if (span_chr(line, '\n') == sizeof(c->line)) {
        c->reply = strdup("-expected a line of at most 511 bytes\n");
        c->len = c->reply ? strlen(c->reply) : 0;
        c->sent = 0;
        client_write(c);
        return;
    }
    line.n = span_chr(line, '\n');
    client_run(c, line);
}

static void on_client(struct loop_fd *w, unsigned ready, void *arg)
{
    struct ctl_client *c = arg;

    (void)w;
    if (c->queue.data)
        ctl_trace_ready(c, ready);
    else if (c->reply)
        client_write(c);
    else
        client_read(c);
}

static void client_add(struct ctl *ctl, int fd)
{
    struct ctl_client *c = ctl->client;

    while (c->watch.fd >= 0)
        c++;
    c->nline = 0;
    c->reply = NULL;
    if (loop_fd_add(ctl->loop, &c->watch, fd, LOOP_READ, on_client, c) < 0) {
        c->watch.fd = -1;
        close(fd);
        loop_spare_restore(ctl->loop);
        return;
    }
    ctl->nclients++;
    if (client_rearm(c) < 0)
        ctl_client_drop(c);
}

static void on_accept_retry(struct loop_timer *t, void *arg)
{
    struct ctl *ctl = arg;

    (void)t;
    loop_spare_restore(ctl->loop);
    resume(ctl);
}

/* Stops accepting until a client disconnects or ACCEPT_RETRY_US have passed: a pending connection would wake the loop
 * continuously. */
static void pause_accept(struct ctl *ctl, int err)
{
    if (!ctl->accept_paused)
        log_warn("control: accept-failed reason=\"%s\"", strerror(-err));
    ctl->accept_paused = true;
    if (loop_timer_at(ctl->loop, &ctl->accept_retry, loop_now_us(ctl->loop) + ACCEPT_RETRY_US, on_accept_retry, ctl) ==
        0)
        loop_fd_want(ctl->loop, &ctl->watch, 0);
}

static void on_connection(struct loop_fd *w, unsigned ready, void *arg)
{
    struct ctl *ctl = arg;
    int fd;

    (void)ready;
    while (ctl->nclients < CTL_CLIENTS_MAX) {
        fd = net_accept(ctl->loop, w->fd, NULL);
        if (fd == -EAGAIN)
            return;
        if (fd < 0) {
            pause_accept(ctl, fd);
            return;
        }
        ctl->accept_paused = false;
        client_add(ctl, fd);
    }
    loop_fd_want(ctl->loop, w, 0); /* more connections wait in the backlog */
}

/* ---- the socket ------------------------------------------------------------------------------------ */

/* Removes a socket file on which no process listens. -EADDRINUSE: a process does. */
static int remove_stale(const struct sockaddr_un *addr)
{
    struct stat sb;
    int fd, err;

    if (lstat(addr->sun_path, &sb) < 0)
        return errno == ENOENT ? 0 : -errno;
    if (!S_ISSOCK(sb.st_mode))
        return -EEXIST;
    fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return -errno;
    err = connect(fd, (const struct sockaddr *)addr, sizeof(*addr)) < 0 ? -errno : 0;
    close(fd);
    if (err != -ECONNREFUSED)
        return -EADDRINUSE;
    return unlink(addr->sun_path) < 0 && errno != ENOENT ? -errno : 0;
}

static int listen_at(struct ctl *c)
{
    mode_t old;
    struct stat sb;
    int fd, err;

    err = remove_stale(&c->addr);
    if (err < 0)
        return err;
    fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return -errno;
    old = umask(0177); /* 0600 from the start */
    err = bind(fd, (const struct sockaddr *)&c->addr, sizeof(c->addr)) < 0 ? -errno : 0;
    umask(old);
    if (!err && listen(fd, CTL_CLIENTS_MAX) < 0)
        err = -errno;
    if (!err && lstat(c->addr.sun_path, &sb) < 0)
        err = -errno;
    if (err < 0) {
        close(fd);
        return err;
    }
    c->dev = sb.st_dev;
    c->ino = sb.st_ino;
    return fd;
}

int ctl_new(struct loop *l, const char *path, const struct ctl_ops *ops, void *arg, struct ctl **out)
{
    struct ctl *c;
    int fd, err;

    *out = NULL;
    if (strlen(path) >= sizeof(c->addr.sun_path))
        return -ENAMETOOLONG;
    c = calloc(1, sizeof(*c));
    if (!c)
        return -ENOMEM;
    c->loop = l;
    c->ops = ops;
    c->arg = arg;
    c->watch.fd = -1;
    for (unsigned i = 0; i < CTL_CLIENTS_MAX; i++) {
        c->client[i].ctl = c;
        c->client[i].watch.fd = -1;
    }
    c->addr.sun_family = AF_UNIX;
    memcpy(c->addr.sun_path, path, strlen(path));
    fd = listen_at(c);
    err = fd < 0 ? fd : loop_fd_add(l, &c->watch, fd, LOOP_READ, on_connection, c);
    if (err < 0) {
        if (fd >= 0) {
            unlink(path);
            close(fd);
        }
        free(c);
        return err;
    }
    *out = c;
    return 0;
}

void ctl_free(struct ctl *c)
{
    struct stat sb;
    int fd;

    if (!c)
        return;
    for (unsigned i = 0; i < CTL_CLIENTS_MAX; i++)
        if (c->client[i].watch.fd >= 0)
            ctl_client_drop(&c->client[i]);
    fd = c->watch.fd;
    loop_timer_del(c->loop, &c->accept_retry);
    loop_fd_del(c->loop, &c->watch);
    close(fd);
    if (!lstat(c->addr.sun_path, &sb) && sb.st_dev == c->dev && sb.st_ino == c->ino)
        unlink(c->addr.sun_path);
    free(c);
}
