/* SPDX-License-Identifier: MIT */
/* Destination of log lines: stderr (with timestamps, or with priorities if it is the journal), syslog, or a file. */
#ifndef SYS_LOG_SINK_H
#define SYS_LOG_SINK_H

#include <stdbool.h>

/* target: "stderr", "syslog" or a file's path; in the background "stderr" means syslog. Installs the sink of util/log.
 * May be called again (reload): the old sink stays if the new one cannot be opened. -errno. */
int log_sink_open(const char *target, bool background);
/* After log rotation: reopens the file; no effect on other targets. -errno: the old file stays open. */
int log_sink_reopen(void);
void log_sink_close(void);

#endif
