/* SPDX-License-Identifier: MIT */
/*
 * Sends lines to the local syslogd, in the format of RFC 3164. syslog(3) is not used: it blocks, and media with it,
 * while syslogd hangs, and pulls strftime and scanf into a program linked statically with glibc.
 */
#ifndef SYS_LOG_SYSLOG_H
#define SYS_LOG_SYSLOG_H

#define LOG_SYSLOG_PATH "/dev/log"

/* A socket, whether or not syslogd runs, or -errno. The caller closes it. */
int log_syslog_open(void);
/* priority: facility and severity of <syslog.h>; time_text as printed by walltime_print. If syslogd's queue is full,
 * waits up to 50 ms, but not again until a line has been accepted. A line that cannot be sent is lost, as with
 * syslog(3). syslogd may be restarted at any time. */
void log_syslog_send(int fd, const char *path, int priority, const char *time_text, const char *line);

#endif
