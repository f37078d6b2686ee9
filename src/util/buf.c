/* SPDX-License-Identifier: MIT */
#include "util/buf.h"

#include <stdio.h>
#include <string.h>

void buf_init(struct buf *b, char *mem, size_t cap)
{
    b->data = mem;
    b->cap = cap;
    buf_reset(b);
}

void buf_reset(struct buf *b)
{
    b->len = 0;
    b->overflow = false;
    b->data[0] = 0;
}

void buf_put(struct buf *b, const void *data, size_t n)
{
    if (b->overflow)
        return;
    if (n >= b->cap - b->len) {
        b->overflow = true;
        return;
    }
    if (n)
        memcpy(b->data + b->len, data, n);
    b->len += n;
    b->data[b->len] = 0;
}

void buf_str(struct buf *b, const char *s)
{
    buf_put(b, s, strlen(s));
}

void buf_span(struct buf *b, struct span s)
{
    buf_put(b, s.p, s.n);
}

void buf_char(struct buf *b, char c)
{
    buf_put(b, &c, 1);
}

void buf_printf(struct buf *b, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    buf_vprintf(b, fmt, ap);
    va_end(ap);
}

void buf_vprintf(struct buf *b, const char *fmt, va_list ap)
{
    size_t room;
    int n;

    if (b->overflow)
        return;
    room = b->cap - b->len;
    n = vsnprintf(b->data + b->len, room, fmt, ap);
    if (n < 0 || (size_t)n >= room) {
        b->data[b->len] = 0; /* drop the truncated text */
        b->overflow = true;
        return;
    }
    b->len += (size_t)n;
}

struct span buf_view(const struct buf *b)
{
    return (struct span){ b->data, b->len };
}
