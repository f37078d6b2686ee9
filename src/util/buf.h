/* SPDX-License-Identifier: MIT */
/* A bounds-checked writer. A write that does not fit is dropped as a whole, sets `overflow`, and drops all later
 * output, so callers check only once at the end. data[len] is always NUL. */
#ifndef UTIL_BUF_H
#define UTIL_BUF_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

#include "util/span.h"

struct buf {
    char *data;
    size_t len, cap; /* bytes; cap includes the NUL */
    bool overflow;
};

void buf_init(struct buf *b, char *mem, size_t cap); /* borrows mem of cap >= 1 bytes until the end of use */
void buf_reset(struct buf *b);
void buf_put(struct buf *b, const void *data, size_t n);
void buf_str(struct buf *b, const char *s);
void buf_span(struct buf *b, struct span s);
void buf_char(struct buf *b, char c);
void buf_printf(struct buf *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void buf_vprintf(struct buf *b, const char *fmt, va_list ap) __attribute__((format(printf, 2, 0)));
struct span buf_view(const struct buf *b); /* valid until the next write */

#endif
