/* SPDX-License-Identifier: MIT */
/* For boards that start child processes. */
#ifndef GBAGENT_CHILD_H
#define GBAGENT_CHILD_H

/* Restores, in the child between fork() and exec(), the signal mask and dispositions that the daemon was started with.
 * Without it the program inherits SIGHUP, SIGTERM, SIGINT and SIGUSR1 blocked and SIGPIPE ignored, and only SIGKILL can
 * end it. Async-signal-safe, as everything must be between the fork() of a multithreaded process and exec(). With
 * posix_spawn(), use POSIX_SPAWN_SETSIGMASK with an empty mask and POSIX_SPAWN_SETSIGDEF with SIGPIPE instead.
 *
 * All descriptors of the daemon are close-on-exec. In the background, its working directory is / and its umask 027.
 * Wait for children by PID, never for any (-1): the daemon has some of its own. SIGCHLD is not available: detect the
 * end of a child by a pipe to it or a pidfd. */
void gb_child_signals(void);

#endif
