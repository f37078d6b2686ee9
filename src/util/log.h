/* SPDX-License-Identifier: MIT */
/*
 * Levels and one sink. The lower half formats; the daemon's sink writes. A line is `SUBJECT: EVENT key=value ...`, see
 * LOG EVENTS in gbagentd(8); tests/log_events.py checks the form. Control bytes and invalid UTF-8 are escaped as \xHH
 * before the line reaches the sink.
 */
#ifndef UTIL_LOG_H
#define UTIL_LOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "util/span.h"

enum log_level { LOG_L_ERROR, LOG_L_WARN, LOG_L_INFO, LOG_L_DEBUG, LOG_L_TRACE };

typedef void log_sink_fn(enum log_level level, const char *line); /* line has no newline */

void log_set_sink(log_sink_fn *sink);     /* NULL: nothing is written (the default) */
void log_set_level(enum log_level level); /* default LOG_L_INFO */
enum log_level log_get_level(void);
int log_level_parse(const char *name); /* error warn info debug trace; -EINVAL */
const char *log_level_name(enum log_level level);
void log_write(enum log_level level, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Text from outside as a value: in double quotes, `"` and `\` escaped, cut to fit. size: 3 or more. Returns out. */
#define LOG_QUOTED_SIZE 128u
const char *log_quoted(char *out, size_t size, struct span text);

/* Moves as much of *rest as fits into out, control bytes and invalid UTF-8 as \xHH. size: 6 or more. */
void log_escape(struct span *rest, char *out, size_t size);

/* Rate limit for lines that a remote can trigger without bound, by forging a platform's address for instance: a burst
 * of LOG_GATE_BURST, then one per LOG_GATE_GAP_MS. The next line written ends with suppressed=N. Starts zeroed. */
#define LOG_GATE_BURST  20u
#define LOG_GATE_GAP_MS 1000u
struct log_gate {
    uint64_t full_ms;    /* when the burst is available again */
    unsigned suppressed; /* lines since the last line written */
};
/* -1: suppress this line; otherwise the number of lines suppressed since the last one written. */
int log_gate_pass(struct log_gate *g, uint64_t now_ms);
void log_gated(struct log_gate *g, uint64_t now_ms, enum log_level level, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));
#define log_warn_gated(gate, now_ms, ...) log_gated(gate, now_ms, LOG_L_WARN, __VA_ARGS__)
#define log_info_gated(gate, now_ms, ...) log_gated(gate, now_ms, LOG_L_INFO, __VA_ARGS__)

#define log_on(level)  ((level) <= log_get_level())
#define log_error(...) log_write(LOG_L_ERROR, __VA_ARGS__)
#define log_warn(...)  log_write(LOG_L_WARN, __VA_ARGS__)
#define log_info(...)  log_write(LOG_L_INFO, __VA_ARGS__)
#define log_debug(...)                                                                                                 \
    do {                                                                                                               \
        if (log_on(LOG_L_DEBUG))                                                                                       \
            log_write(LOG_L_DEBUG, __VA_ARGS__);                                                                       \
    } while (0)
#define log_trace(...)                                                                                                 \
    do {                                                                                                               \
        if (log_on(LOG_L_TRACE))                                                                                       \
            log_write(LOG_L_TRACE, __VA_ARGS__);                                                                       \
    } while (0)

#endif
