/* SPDX-License-Identifier: MIT */
#include "net/resolve.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "gbagent/child.h"
#include "util/log.h"

#define CHILD_SECONDS 6u /* alarm(2): the child ends even if the parent is gone */
#define CHILD_FDS_MAX 16384

void resolve_init(struct resolve *r, struct loop *l)
{
    memset(r, 0, sizeof(*r));
    r->loop = l;
    r->watch.fd = -1;
}

static void close_all_but(int keep)
{
#ifdef SYS_close_range
    if ((keep <= 3 || syscall(SYS_close_range, 3u, (unsigned)keep - 1u, 0u) == 0) &&
        syscall(SYS_close_range, (unsigned)keep + 1u, ~0u, 0u) == 0)
        return;
#endif
    {
        long n = sysconf(_SC_OPEN_MAX);

        if (n < 0 || n > CHILD_FDS_MAX)
            n = CHILD_FDS_MAX;
        for (int fd = 3; fd < n; fd++)
            if (fd != keep)
                close(fd);
    }
}

static void __attribute__((noreturn)) child_main(int out, const char *name, uint16_t port)
{
    struct resolve_answer a;
    ssize_t n;

    gb_child_signals();
    alarm(CHILD_SECONDS);
    close_all_but(out);
    memset(&a, 0, sizeof(a));
    a.err = resolve_lookup(name, &a);
    for (unsigned i = 0; i < a.naddr; i++)
        a.addr[i].port = port;
    do
        n = write(out, &a, sizeof(a)); /* smaller than PIPE_BUF: atomic */
    while (n < 0 && errno == EINTR);
    _exit(n == (ssize_t)sizeof(a) ? 0 : 1);
}

static void release(struct resolve *r, bool end_child)
{
    int fd = r->watch.fd;

    loop_fd_del(r->loop, &r->watch);
    if (fd >= 0)
        close(fd);
    loop_timer_del(r->loop, &r->timer);
    if (r->child > 0) {
        if (end_child)
            kill(r->child, SIGKILL);
        while (waitpid(r->child, NULL, 0) < 0 && errno == EINTR)
            ;
        r->child = 0;
    }
}

const char *resolve_strerror(int err)
{
    return err == -ENOENT ? "unknown host name" : err == -ETIMEDOUT ? "name lookup timed out" : strerror(-err);
}

void resolve_free(struct resolve *r)
{
    release(r, true);
}

static void finish(struct resolve *r, int err)
{
    resolve_fn *fn = r->fn;
    char server[RESOLVE_NAME_MAX + 2];

    /* The answer is complete or will never come, so the child can be killed. */
    release(r, true);
    r->naddr = 0;
    r->stale = false;
    if (!err) {
        memcpy(r->good, r->answer.addr, sizeof(r->good));
        r->ngood = r->answer.naddr;
    } else if (r->ngood) {
        log_warn("network: lookup-failed server=%s reason=\"%s\"", log_quoted(server, sizeof(server), span_of(r->name)),
                 resolve_strerror(err));
        r->stale = true;
        err = 0;
    }
    if (!err) {
        memcpy(r->addr, r->good, sizeof(r->addr));
        r->naddr = r->ngood;
    }
    fn(r, err, r->arg);
}

static void on_pipe(struct loop_fd *w, unsigned ready, void *arg)
{
    struct resolve *r = arg;
    ssize_t n;

    (void)ready;
    n = read(w->fd, (char *)&r->answer + r->got, sizeof(r->answer) - r->got);
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (n > 0) {
        r->got += (size_t)n;
        if (r->got < sizeof(r->answer))
            return;
    }
    if (r->got < sizeof(r->answer)) {
        finish(r, -EIO);
        return;
    }
    if (!r->answer.err && (!r->answer.naddr || r->answer.naddr > RESOLVE_ADDRS_MAX))
        r->answer.err = -EIO;
    finish(r, r->answer.err);
}

static void on_timeout(struct loop_timer *t, void *arg)
{
    (void)t;
    finish(arg, -ETIMEDOUT);
}

static int fork_child(struct resolve *r)
{
    int fds[2], err;
    pid_t pid;

    if (pipe2(fds, O_CLOEXEC | O_NONBLOCK) < 0)
        return -errno;
    pid = fork();
    if (pid < 0) {
        err = -errno;
        goto fail;
    }
    if (pid == 0)
        child_main(fds[1], r->name, r->port);
    close(fds[1]);
    fds[1] = -1;
    r->child = pid;
    err = loop_fd_add(r->loop, &r->watch, fds[0], LOOP_READ, on_pipe, r);
    if (!err)
        err = loop_timer_at(r->loop, &r->timer, loop_now_us(r->loop) + RESOLVE_TIMEOUT_US, on_timeout, r);
    if (!err)
        return 0;
    loop_fd_del(r->loop, &r->watch);
fail:
    close(fds[0]);
    if (fds[1] >= 0)
        close(fds[1]);
    release(r, true);
    return err;
}

int resolve_start(struct resolve *r, const char *name, uint16_t port, resolve_fn *fn, void *arg)
{
    struct addr literal;

    release(r, true);
    r->naddr = 0;
    r->stale = false;
    r->got = 0;
    if (!name[0])
        return -EINVAL;
    if (strlen(name) >= sizeof(r->name))
        return -ENAMETOOLONG;
    if (addr_parse_ip(&literal, span_of(name)) == 0) {
        literal.port = port;
        r->addr[0] = literal;
        r->naddr = 1;
        return 1;
    }
    if (addr_broken_ip(span_of(name)))
        return -EINVAL;
    if (strcmp(name, r->name) != 0 || port != r->port)
        r->ngood = 0;
    span_copy(span_of(name), r->name, sizeof(r->name));
    r->port = port;
    r->fn = fn;
    r->arg = arg;
    return fork_child(r);
}
