/* SPDX-License-Identifier: MIT */
/* One pack as contiguous bytes: the headers of codec/ps with the unit in between. */
#ifndef PS_JOIN_H
#define PS_JOIN_H

#include <stdlib.h>
#include <string.h>

#include "codec/ps.h"

#define PS_JOIN_ROOM(bytes) ((bytes) + PS_HEAD_MAX + ((bytes) / 60000u + 1u) * PS_PES_HEAD)

struct ps_join {
    const struct gb_unit *unit;
    unsigned seg;
    size_t at;
};

static inline void ps_join_take(struct ps_join *j, uint8_t *out, size_t n)
{
    while (n > 0) {
        const struct gb_segment *s = &j->unit->seg[j->seg];
        size_t part = s->len - j->at < n ? s->len - j->at : n;
        if (part > 0)
            memcpy(out, s->data + j->at, part);
        out += part;
        n -= part;
        j->at += part;
        if (j->at == s->len) {
            j->seg++;
            j->at = 0;
        }
    }
}

/* 0, and *len bytes in out, of size PS_JOIN_ROOM; or the error of ps_begin. */
static inline int ps_join(uint8_t *out, size_t *len, const struct ps_program *prog, const struct gb_unit *unit,
                          uint64_t pts, uint64_t dts)
{
    struct ps_join j = { .unit = unit };
    struct ps_head head;
    size_t total = 0, n;
    int err;

    for (unsigned i = 0; i < unit->nseg; i++)
        total += unit->seg[i].len;
    err = ps_begin(&head, prog, unit, total, pts, dts);
    if (err)
        return err;
    memcpy(out, head.data, head.len);
    ps_join_take(&j, out + head.len, head.payload);
    n = head.len + head.payload;
    for (size_t rest = total - head.payload; rest > 0;) {
        size_t payload = ps_continue(out + n, unit->kind, rest);
        ps_join_take(&j, out + n + PS_PES_HEAD, payload);
        n += PS_PES_HEAD + payload;
        rest -= payload;
    }
    *len = n;
    return 0;
}

#endif
