/* SPDX-License-Identifier: MIT */
/* For boards that start programs. */
#ifndef GBAGENT_CHILD_H
#define GBAGENT_CHILD_H

/* In the child, between fork() and exec() (with posix_spawn: by a program that does so): signal mask and dispositions
 * become those that the daemon was started with. Without it the child inherits SIGHUP, SIGTERM, SIGINT and SIGUSR1
 * blocked and SIGPIPE ignored, exec() keeps both, and such a program cannot be ended but by SIGKILL. Safe after a fork of
 * a process with threads. The daemon's descriptors are all close-on-exec. */
void gb_child_signals(void);

#endif
