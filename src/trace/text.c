/* SPDX-License-Identifier: MIT */
#include "trace/text.h"

#include <stdio.h>
#include <stdlib.h>

#include "util/log.h"
#include "util/walltime.h"

void trace_text_head(const struct trace_record *r, char out[TRACE_TEXT_MAX])
{
    char time[WALLTIME_TEXT], local[ADDR_TEXT_MAX], peer[ADDR_TEXT_MAX], suppressed[40] = "";
    int minutes = abs(r->utc_offset_s) / 60;

    walltime_print(r->unix_us / 1000, r->utc_offset_s, time);
    addr_print(&r->local, local);
    addr_print(&r->peer, peer);
    if (r->suppressed)
        snprintf(suppressed, sizeof(suppressed), ", %u suppressed before", r->suppressed);
    snprintf(out, TRACE_TEXT_MAX, "%s.%06d%c%02d%02d %s %s %s %s %s %s %zu bytes%s", time, (int)(r->unix_us % 1000000),
             r->utc_offset_s < 0 ? '-' : '+', minutes / 60, minutes % 60,
             r->platform[0] ? r->platform : "(unknown source)", r->out ? "out" : "in", r->tcp ? "tcp" : "udp", local,
             r->out ? ">" : "<", peer, r->message.n, suppressed);
}

bool trace_text_line(struct span *rest, char out[TRACE_TEXT_MAX])
{
    size_t n = span_chr(*rest, '\n');
    struct span line = { rest->p, n };

    if (!rest->n)
        return false;
    if (n && rest->p[n - 1] == '\r')
        line.n--;
    log_escape(&line, out, TRACE_TEXT_MAX);
    *rest = line.n ? span_from(*rest, (size_t)(line.p - rest->p)) : span_from(*rest, n + 1);
    return true;
}
