/* SPDX-License-Identifier: MIT */
/* Daemon duties: going to the background, a single instance, signals as loop events, systemd's notify protocol. */
#ifndef SYS_DAEMON_H
#define SYS_DAEMON_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "sys/loop.h"

/* Forks twice, setsid, chdir to /. Returns in the grandchild. The parent exits with the status that the grandchild
 * passes to daemon_ready(*ready_fd, status), or 1 if it dies before that, so that init scripts notice a failed start.
 * Call it before creating threads, loop or sockets. -errno. */
int daemon_background(int *ready_fd);
/* Makes the waiting parent exit with `status`; status 0 also redirects the standard streams to /dev/null. No effect if
 * ready_fd is -1. */
void daemon_ready(int ready_fd, int status);

/* Creates or opens path and locks it. *fd stays open, and locked, for the life of the process. The lock is flock's and
 * survives fork: lock before or after daemon_background, but call daemon_pidfile_write in the final process.
 * -EWOULDBLOCK: another instance holds it; *other is its PID, 0 if unknown. -errno. */
int daemon_pidfile_lock(const char *path, int *fd, pid_t *other);
int daemon_pidfile_write(int fd);                     /* the caller's PID */
void daemon_pidfile_remove(const char *path, int fd); /* unlinks and closes; fd -1 does nothing */

/* Call first in a daemon: blocks SIGHUP, SIGTERM, SIGINT and SIGUSR1 until daemon_signals_open, also in the threads
 * that a board or a library starts later, and ignores SIGPIPE. Saves the previous mask and dispositions for children
 * (gb_child_signals of gbagent/child.h). Further calls have no effect. -errno. */
int daemon_signals_block(void);

/* Calls fn from the loop for each of the four signals (SIGUSR1: reopen the log file). Blocks them if not yet done. */
struct daemon_signals {
    struct loop *loop;
    struct loop_fd watch;
    void (*fn)(void *arg, int signo);
    void *arg;
};
int daemon_signals_open(struct daemon_signals *s, struct loop *l, void (*fn)(void *arg, int signo), void *arg);
void daemon_signals_close(struct daemon_signals *s);

/* sd_notify without libsystemd; 0 and no effect when NOTIFY_SOCKET is not set. -errno. */
int daemon_notify(const char *state); /* "READY=1", "STOPPING=1", "STATUS=...", separated by newlines */
int daemon_notify_reloading(void);    /* RELOADING=1 with MONOTONIC_USEC; then daemon_notify("READY=1") */
/* Interval for WATCHDOG=1: half of WATCHDOG_USEC; 0 if there is no watchdog, or it is for another process. */
uint64_t daemon_watchdog_us(void);

/* Sends WATCHDOG=1 at that interval while the loop runs; no effect when daemon_watchdog_us() is 0. */
struct daemon_watchdog {
    struct loop *loop;
    struct loop_timer timer;
    uint64_t every_us;
};
int daemon_watchdog_start(struct daemon_watchdog *w, struct loop *l);
void daemon_watchdog_stop(struct daemon_watchdog *w);

#endif
