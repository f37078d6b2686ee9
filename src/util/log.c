/* SPDX-License-Identifier: MIT */
#include "util/log.h"

#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define LOG_LINE_MAX 2048u

static log_sink_fn *sink_now;
static enum log_level level_now = LOG_L_INFO;

static const char *const level_names[] = { "error", "warn", "info", "debug", "trace" };

void log_set_sink(log_sink_fn *sink)
{
    sink_now = sink;
}

void log_set_level(enum log_level level)
{
    level_now = level;
}

enum log_level log_get_level(void)
{
    return level_now;
}

int log_level_parse(const char *name)
{
    for (int i = 0; name && i <= LOG_L_TRACE; i++)
        if (span_case_eq_str(span_of(name), level_names[i]))
            return i;
    return -EINVAL;
}

const char *log_level_name(enum log_level level)
{
    return (unsigned)level <= LOG_L_TRACE ? level_names[level] : "?";
}

/* Length of the printable UTF-8 character that text begins with, 0 for C0, DEL, C1 and invalid bytes. */
static unsigned printable(struct span text)
{
    const unsigned char *p = (const unsigned char *)text.p;
    unsigned need;

    if (p[0] < 0x80)
        return p[0] >= 0x20 && p[0] != 0x7f;
    if (p[0] >= 0xC2 && p[0] <= 0xDF)
        need = 1;
    else if ((p[0] & 0xF0) == 0xE0)
        need = 2;
    else if (p[0] >= 0xF0 && p[0] <= 0xF4)
        need = 3;
    else
        return 0;
    if (need >= text.n)
        return 0;
    for (unsigned i = 1; i <= need; i++)
        if ((p[i] & 0xC0) != 0x80)
            return 0;
    if (p[0] == 0xC2 && p[1] < 0xA0)
        return 0;
    if ((p[0] == 0xE0 && p[1] < 0xA0) || (p[0] == 0xED && p[1] > 0x9F) || (p[0] == 0xF0 && p[1] < 0x90) ||
        (p[0] == 0xF4 && p[1] > 0x8F))
        return 0;
    return need + 1;
}

void log_escape(struct span *rest, char *out, size_t size)
{
    static const char hex[] = "0123456789abcdef";
    size_t n = 0;

    while (rest->n && n + 5 < size) {
        const unsigned char c = (unsigned char)*rest->p;
        unsigned len = printable(*rest);

        if (len) {
            memcpy(out + n, rest->p, len);
            n += len;
        } else {
            len = 1;
            out[n++] = '\\';
            out[n++] = 'x';
            out[n++] = hex[c >> 4];
            out[n++] = hex[c & 15];
        }
        *rest = span_from(*rest, len);
    }
    out[n] = 0;
}

const char *log_quoted(char *out, size_t size, struct span text)
{
    size_t n = 0;

    out[n++] = '"';
    for (size_t i = 0; i < text.n && text.p[i]; i++) {
        const bool escaped = text.p[i] == '"' || text.p[i] == '\\';

        if (n + escaped + 3 > size)
            break;
        if (escaped)
            out[n++] = '\\';
        out[n++] = text.p[i];
    }
    out[n++] = '"';
    out[n] = 0;
    return out;
}

static void put_line(enum log_level level, const char *raw)
{
    struct span rest = span_of(raw);
    char line[LOG_LINE_MAX];

    log_escape(&rest, line, sizeof(line));
    sink_now(level, line);
}

void log_write(enum log_level level, const char *fmt, ...)
{
    char raw[LOG_LINE_MAX];
    va_list ap;
    int n;

    if (!sink_now || level > level_now)
        return;
    va_start(ap, fmt);
    n = vsnprintf(raw, sizeof(raw), fmt, ap);
    va_end(ap);
    if (n >= 0)
        put_line(level, raw);
}

int log_gate_pass(struct log_gate *g, uint64_t now_ms)
{
    const uint64_t from = g->full_ms > now_ms ? g->full_ms : now_ms;
    int suppressed = (int)g->suppressed;

    if (from + LOG_GATE_GAP_MS > now_ms + LOG_GATE_BURST * LOG_GATE_GAP_MS) {
        g->suppressed += g->suppressed < INT_MAX;
        return -1;
    }
    g->full_ms = from + LOG_GATE_GAP_MS;
    g->suppressed = 0;
    return suppressed;
}

void log_gated(struct log_gate *g, uint64_t now_ms, enum log_level level, const char *fmt, ...)
{
    char raw[LOG_LINE_MAX];
    va_list ap;
    int n, suppressed;

    if (!sink_now || level > level_now)
        return;
    suppressed = log_gate_pass(g, now_ms);
    if (suppressed < 0)
        return;
    va_start(ap, fmt);
    n = vsnprintf(raw, sizeof(raw), fmt, ap);
    va_end(ap);
    if (n < 0)
        return;
    if (suppressed > 0 && (size_t)n < sizeof(raw))
        snprintf(raw + n, sizeof(raw) - (size_t)n, " suppressed=%d", suppressed);
    put_line(level, raw);
}
