/* SPDX-License-Identifier: MIT */
/* Levels and one sink. The lower half formats; the shell's sink writes. Control bytes and
 * non-printable bytes of foreign text are escaped before they reach the sink. */
#ifndef UTIL_LOG_H
#define UTIL_LOG_H

#include <stdbool.h>

#include "util/span.h"

enum log_level { LOG_L_ERROR, LOG_L_WARN, LOG_L_INFO, LOG_L_DEBUG, LOG_L_TRACE };

typedef void log_sink_fn(enum log_level level, const char *line);   /* line has no newline */

void log_set_sink(log_sink_fn *sink);           /* NULL: nothing is written (the default) */
void log_set_level(enum log_level level);       /* default LOG_L_INFO */
enum log_level log_get_level(void);
int log_level_parse(const char *name);          /* error warn info debug trace; -EINVAL */
const char *log_level_name(enum log_level level);
void log_write(enum log_level level, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

#define log_on(level) ((level) <= log_get_level())
#define log_error(...) log_write(LOG_L_ERROR, __VA_ARGS__)
#define log_warn(...)  log_write(LOG_L_WARN, __VA_ARGS__)
#define log_info(...)  log_write(LOG_L_INFO, __VA_ARGS__)
#define log_debug(...) do { if (log_on(LOG_L_DEBUG)) log_write(LOG_L_DEBUG, __VA_ARGS__); } while (0)
#define log_trace(...) do { if (log_on(LOG_L_TRACE)) log_write(LOG_L_TRACE, __VA_ARGS__); } while (0)

#endif
