/* SPDX-License-Identifier: MIT */
/* For boards that start programs. */
#ifndef GBAGENT_CHILD_H
#define GBAGENT_CHILD_H

/* In the child, between fork() and exec(): signal mask and dispositions become those that the daemon was started with.
 * Without it the child inherits SIGHUP, SIGTERM, SIGINT and SIGUSR1 blocked and SIGPIPE ignored, exec() keeps both, and
 * such a program cannot be ended but by SIGKILL. Async-signal-safe, as all must be between the fork of a process with
 * threads and exec(). posix_spawn() has no place for it: POSIX_SPAWN_SETSIGMASK with an empty mask and
 * POSIX_SPAWN_SETSIGDEF with SIGPIPE come near.
 * The daemon's descriptors are all close-on-exec; its working directory is / and its umask 027 where it runs in the
 * background. The board waits for its children by their PID, never for any (-1): the daemon has some of its own. It gets no
 * SIGCHLD; that a child has ended shows at the end of a pipe from it, or at a pidfd. */
void gb_child_signals(void);

#endif
