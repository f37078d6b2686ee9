/* SPDX-License-Identifier: MIT */
/* Where log lines go: stderr (with time stamps; with priorities instead when it is the journal), syslog, or a file. */
#ifndef SYS_LOG_SINK_H
#define SYS_LOG_SINK_H

#include <stdbool.h>

/* target: "stderr", "syslog" or a file's path. In the background "stderr" means syslog. Becomes the sink of util/log;
 * may be called again (reload): the old sink stays when the new one cannot be opened. -errno. */
int log_sink_open(const char *target, bool background);
/* A file that was rotated away; harmless for the others. -errno, and the old one stays. */
int log_sink_reopen(void);
void log_sink_close(void);

#endif
