/* SPDX-License-Identifier: MIT */
/* Being a daemon: into the background, one instance, signals as loop events, systemd's notify protocol. */
#ifndef SYS_DAEMON_H
#define SYS_DAEMON_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "sys/loop.h"

/* Forks twice, setsid, chdir to /, standard streams from and to /dev/null once daemon_ready was called. Returns in the
 * grandchild; the parent exits with 0 when that called daemon_ready(*ready_fd, 0), else with what was given there
 * (1 when the child died first), so that init scripts learn about a failed start. Call it before threads, loop and
 * sockets are made. -errno. */
int daemon_background(int *ready_fd);
/* Lets the waiting parent exit with `status`; -1 as ready_fd does nothing. With 0 the standard streams go to
 * /dev/null. */
void daemon_ready(int ready_fd, int status);

/* Creates or opens path, locks it and writes the PID. *fd stays open (and locked) for the life of the process. The lock
 * is flock's: it survives fork, so lock before or after daemon_background, but write the PID with daemon_pidfile_write
 * once the final process runs. -EWOULDBLOCK: another instance holds it, and *other is its PID (0 unknown). -errno. */
int daemon_pidfile_lock(const char *path, int *fd, pid_t *other);
int daemon_pidfile_write(int fd);               /* the caller's PID */
void daemon_pidfile_remove(const char *path, int fd);   /* unlinks and closes; fd -1 does nothing */

/* Before anything else of a daemon runs: SIGHUP, SIGTERM, SIGINT and SIGUSR1 are blocked, which every thread that a board
 * or a library starts inherits, so that they wait for daemon_signals_open; SIGPIPE is ignored. The mask and the
 * dispositions of before are kept for children (gb_child_signals of gbagent/child.h). Further calls do nothing. -errno. */
int daemon_signals_block(void);

/* The four become calls of fn from the loop (SIGUSR1: reopen the log file). Blocks them when that was not done. */
struct daemon_signals {
    struct loop *loop;
    struct loop_fd watch;
    void (*fn)(void *arg, int signo);
    void *arg;
};
int daemon_signals_open(struct daemon_signals *s, struct loop *l, void (*fn)(void *arg, int signo), void *arg);
void daemon_signals_close(struct daemon_signals *s);

/* systemd's sd_notify without libsystemd; no-ops (0) when NOTIFY_SOCKET is not set. -errno. */
int daemon_notify(const char *state);           /* "READY=1", "STOPPING=1", "STATUS=...", several with newlines */
int daemon_notify_reloading(void);              /* RELOADING=1 with MONOTONIC_USEC; then daemon_notify("READY=1") */
/* How often WATCHDOG=1 is due: half of WATCHDOG_USEC, 0 when no watchdog is set or it is another process's. */
uint64_t daemon_watchdog_us(void);

/* Sends WATCHDOG=1 at that pace while the loop turns; nothing when daemon_watchdog_us() is 0. */
struct daemon_watchdog {
    struct loop *loop;
    struct loop_timer timer;
    uint64_t every_us;
};
int daemon_watchdog_start(struct daemon_watchdog *w, struct loop *l);
void daemon_watchdog_stop(struct daemon_watchdog *w);

#endif
