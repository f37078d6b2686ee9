/* SPDX-License-Identifier: MIT */
#include "sys/daemon.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "gbagent/child.h"
#include "util/span.h"

/* ---- into the background --------------------------------------------------------------------- */

/* The first process: exits with the status of the daemon's start. */
static _Noreturn void exit_as_daemon_starts(int fd)
{
    unsigned char status = 1;
    ssize_t n;

    gb_child_signals(); /* ^C must end this process; the daemon has left the terminal */
    do
        n = read(fd, &status, 1);
    while (n < 0 && errno == EINTR);
    _exit(n == 1 ? status : 1);
}

int daemon_background(int *ready_fd)
{
    int fds[2];
    pid_t pid;
    int err;

    *ready_fd = -1;
    if (pipe2(fds, O_CLOEXEC) < 0)
        return -errno;
    pid = fork();
    if (pid < 0)
        goto fail;
    if (pid > 0) {
        close(fds[1]);
        exit_as_daemon_starts(fds[0]);
    }
    close(fds[0]);
    setsid();
    pid = fork();
    if (pid)
        _exit(pid < 0 ? 1 : 0); /* only the grandchild keeps the pipe open */
    umask(027);
    if (chdir("/") < 0)
        _exit(1);
    *ready_fd = fds[1];
    return 0;
fail:
    err = -errno;
    close(fds[0]);
    close(fds[1]);
    return err;
}

static void streams_to_null(void)
{
    int fd = open("/dev/null", O_RDWR | O_CLOEXEC);

    if (fd < 0)
        return;
    for (int i = 0; i < 3; i++)
        dup2(fd, i);
    if (fd > 2)
        close(fd);
}

void daemon_ready(int ready_fd, int status)
{
    unsigned char byte = (unsigned char)status;
    ssize_t n;

    if (ready_fd < 0)
        return;
    do
        n = write(ready_fd, &byte, 1);
    while (n < 0 && errno == EINTR);
    close(ready_fd);
    if (!status)
        streams_to_null();
}

/* ---- one instance ------------------------------------------------------------------------------ */

int daemon_pidfile_lock(const char *path, int *out, pid_t *other)
{
    struct stat held, named;
    char text[16];
    int fd, err;
    ssize_t n;

    *out = -1;
    if (other)
        *other = 0;
    for (;;) {
        fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644);
        if (fd < 0)
            return -errno;
        if (flock(fd, LOCK_EX | LOCK_NB) < 0)
            break;
        /* The previous owner may have unlinked the file between open and lock; then the lock is worthless. */
        if (!fstat(fd, &held) && !stat(path, &named) && held.st_dev == named.st_dev && held.st_ino == named.st_ino) {
            *out = fd;
            return 0;
        }
        close(fd);
    }
    err = -errno;
    n = pread(fd, text, sizeof(text) - 1, 0);
    if (n > 0 && other) {
        text[n] = '\0';
        *other = (pid_t)strtol(text, NULL, 10);
    }
    close(fd);
    return err;
}

int daemon_pidfile_write(int fd)
{
    char text[16];
    int n = snprintf(text, sizeof(text), "%ld\n", (long)getpid());

    if (ftruncate(fd, 0) < 0)
        return -errno;
    if (pwrite(fd, text, (size_t)n, 0) != n)
        return errno ? -errno : -EIO;
    return 0;
}

void daemon_pidfile_remove(const char *path, int fd)
{
    if (fd < 0)
        return;
    unlink(path);
    close(fd);
}

/* ---- signals ------------------------------------------------------------------------------------- */

static const int handled[] = { SIGHUP, SIGTERM, SIGINT, SIGUSR1,
                               SIGPIPE }; /* SIGPIPE is ignored, the others are read */
#define NHANDLED (sizeof(handled) / sizeof(handled[0]))

/* Inherited from the parent process. */
static struct {
    bool saved;
    sigset_t mask;
    struct sigaction action[NHANDLED];
} inherited;

static void signal_set(sigset_t *set)
{
    sigemptyset(set);
    for (size_t i = 0; i < NHANDLED; i++)
        if (handled[i] != SIGPIPE)
            sigaddset(set, handled[i]);
}

int daemon_signals_block(void)
{
    sigset_t set;

    if (inherited.saved)
        return 0;
    signal_set(&set);
    if (sigprocmask(SIG_BLOCK, &set, &inherited.mask) < 0)
        return -errno;
    for (size_t i = 0; i < NHANDLED; i++) {
        /* The parent may have ignored them (nohup); an ignored signal never reaches a signalfd. */
        const struct sigaction act = { .sa_handler = handled[i] == SIGPIPE ? SIG_IGN : SIG_DFL };

        (void)sigaction(handled[i], &act, &inherited.action[i]);
    }
    inherited.saved = true;
    return 0;
}

void gb_child_signals(void)
{
    if (!inherited.saved)
        return;
    for (size_t i = 0; i < NHANDLED; i++)
        (void)sigaction(handled[i], &inherited.action[i], NULL);
    (void)sigprocmask(SIG_SETMASK, &inherited.mask, NULL);
}

static void on_signal(struct loop_fd *w, unsigned ready, void *arg)
{
    struct daemon_signals *s = arg;
    struct signalfd_siginfo info;

    (void)ready;
    while (w->fd >= 0 && read(w->fd, &info, sizeof(info)) == (ssize_t)sizeof(info))
        s->fn(s->arg, (int)info.ssi_signo);
}

int daemon_signals_open(struct daemon_signals *s, struct loop *l, void (*fn)(void *arg, int signo), void *arg)
{
    sigset_t set;
    int fd, err;

    s->loop = l;
    s->fn = fn;
    s->arg = arg;
    s->watch.fd = -1;
    err = daemon_signals_block();
    if (err < 0)
        return err;
    signal_set(&set);
    fd = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
    if (fd < 0)
        return -errno;
    err = loop_fd_add(l, &s->watch, fd, LOOP_READ, on_signal, s);
    if (err < 0)
        close(fd);
    return err;
}

void daemon_signals_close(struct daemon_signals *s)
{
    int fd = s->watch.fd;

    if (fd < 0)
        return;
    loop_fd_del(s->loop, &s->watch);
    s->watch.fd = -1;
    close(fd);
}

/* ---- systemd ---------------------------------------------------------------------------------------- */

int daemon_notify(const char *state)
{
    const char *path = getenv("NOTIFY_SOCKET");
    struct sockaddr_un sa = { .sun_family = AF_UNIX };
    size_t len;
    int fd, err = 0;

    if (!path || !path[0])
        return 0;
    len = strlen(path);
    if ((path[0] != '/' && path[0] != '@') || len >= sizeof(sa.sun_path))
        return -EINVAL;
    memcpy(sa.sun_path, path, len);
    if (path[0] == '@')
        sa.sun_path[0] = '\0';
    fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return -errno;
    if (sendto(fd, state, strlen(state), MSG_NOSIGNAL, (const struct sockaddr *)&sa,
               (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len)) < 0)
        err = -errno;
    close(fd);
    return err;
}

int daemon_notify_reloading(void)
{
    struct timespec ts;
    char text[64];

    clock_gettime(CLOCK_MONOTONIC, &ts);
    snprintf(text, sizeof(text), "RELOADING=1\nMONOTONIC_USEC=%lld",
             (long long)ts.tv_sec * 1000000 + (long long)(ts.tv_nsec / 1000));
    return daemon_notify(text);
}

uint64_t daemon_watchdog_us(void)
{
    const char *usec = getenv("WATCHDOG_USEC"), *pid = getenv("WATCHDOG_PID");
    uint64_t v;

    if (!usec || span_u64(span_of(usec), UINT64_MAX / 2, &v) < 0)
        return 0;
    if (pid && pid[0] && strtol(pid, NULL, 10) != (long)getpid())
        return 0;
    return v / 2;
}

static void on_watchdog(struct loop_timer *t, void *arg)
{
    struct daemon_watchdog *w = arg;

    daemon_notify("WATCHDOG=1");
    loop_timer_at(w->loop, t, loop_now_us(w->loop) + w->every_us, on_watchdog, w);
}

int daemon_watchdog_start(struct daemon_watchdog *w, struct loop *l)
{
    memset(w, 0, sizeof(*w));
    w->loop = l;
    w->every_us = daemon_watchdog_us();
    if (!w->every_us)
        return 0;
    return loop_timer_at(l, &w->timer, loop_now_us(l) + w->every_us, on_watchdog, w);
}

void daemon_watchdog_stop(struct daemon_watchdog *w)
{
    if (w->every_us)
        loop_timer_del(w->loop, &w->timer);
    w->every_us = 0;
}
