/* SPDX-License-Identifier: MIT */
#include "trace/record.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

size_t trace_record_head(const struct trace_record *r, char out[TRACE_HEAD_MAX])
{
    char local[ADDR_TEXT_MAX], peer[ADDR_TEXT_MAX];
    int n;

    addr_print(&r->local, local);
    addr_print(&r->peer, peer);
    n = snprintf(out, TRACE_HEAD_MAX, "sip %s %s %" PRId64 " %d %s %s %zu %u %s\n", r->out ? "out" : "in",
                 r->tcp ? "tcp" : "udp", r->unix_us, r->utc_offset_s, local, peer, r->message.n, r->suppressed,
                 r->platform);
    return (size_t)n;
}

static struct span next_word(struct span *rest)
{
    struct span word = { rest->p, span_chr(*rest, ' ') };

    *rest = span_from(*rest, word.n + 1);
    return word;
}

static int next_number(struct span *rest, uint64_t max, uint64_t *out)
{
    return span_u64(next_word(rest), max, out);
}

static int next_offset(struct span *rest, int *out)
{
    struct span word = next_word(rest);
    bool minus = word.n && word.p[0] == '-';
    uint64_t n;
    int err = span_u64(span_from(word, minus), 86400, &n);

    *out = err ? 0 : minus ? -(int)n : (int)n;
    return err;
}

static int parse_head(struct span line, struct trace_record *r)
{
    struct span way = next_word(&line), transport = next_word(&line);
    uint64_t us, bytes, suppressed;

    r->out = span_eq_str(way, "out");
    r->tcp = span_eq_str(transport, "tcp");
    if ((!r->out && !span_eq_str(way, "in")) || (!r->tcp && !span_eq_str(transport, "udp")))
        return -EBADMSG;
    if (next_number(&line, INT64_MAX, &us) || next_offset(&line, &r->utc_offset_s) ||
        addr_parse(&r->local, next_word(&line), 0) || addr_parse(&r->peer, next_word(&line), 0) ||
        next_number(&line, TRACE_MESSAGE_MAX, &bytes) || next_number(&line, UINT32_MAX, &suppressed) ||
        !span_copy(line, r->platform, sizeof(r->platform)))
        return -EBADMSG;
    r->unix_us = (int64_t)us;
    r->suppressed = (unsigned)suppressed;
    r->message = (struct span){ NULL, (size_t)bytes };
    return 0;
}

int trace_record_next(struct span *rest, struct trace_record *r, uint64_t *lost)
{
    struct span line = { rest->p, span_chr(*rest, '\n') }, after = span_from(*rest, line.n + 1), word;
    struct trace_record got;

    if (line.n == rest->n)
        return line.n < TRACE_HEAD_MAX ? 0 : -EBADMSG;
    word = next_word(&line);
    *lost = 0;
    if (span_eq_str(word, "lost")) {
        if (span_u64(line, UINT64_MAX, lost) || !*lost)
            return -EBADMSG;
        *rest = after;
        return 1;
    }
    if (!span_eq_str(word, "sip") || parse_head(line, &got))
        return -EBADMSG;
    if (after.n < got.message.n)
        return 0;
    got.message.p = after.p;
    *r = got;
    *rest = span_from(after, got.message.n);
    return 1;
}
