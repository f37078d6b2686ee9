/* SPDX-License-Identifier: MIT */
/*
 * Lines to the system's syslogd, as RFC 3164 has them. Not by syslog(3), which waits for as long as a daemon is stuck,
 * and media with it, and costs a static program of glibc its strftime and scanf.
 */
#ifndef SYS_LOG_SYSLOG_H
#define SYS_LOG_SYSLOG_H

#define LOG_SYSLOG_PATH "/dev/log"

/* A socket, whether or not anybody listens yet, or -errno. The caller closes it. */
int log_syslog_open(void);
/* priority: facility and severity of <syslog.h>; time_text as of walltime_print. Waits up to 50 ms for a daemon that
 * lags, once until it takes a line again; without one, or one that lags longer, the line is lost, as with syslog(3). A
 * daemon may come back at any time. */
void log_syslog_send(int fd, const char *path, int priority, const char *time_text, const char *line);

#endif
