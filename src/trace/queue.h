/* SPDX-License-Identifier: MIT */
/* The bytes that one reader of a trace has not taken yet. Bounded: a reader that is too slow loses whole records, and then gets
 * a record that says how many. */
#ifndef TRACE_QUEUE_H
#define TRACE_QUEUE_H

#include <stddef.h>
#include <stdint.h>

#include "util/span.h"

#define TRACE_QUEUE_MAX (128u * 1024u)  /* bytes; one message of any size always fits into an empty queue */

struct trace_queue {
    char *data;                         /* NULL: not in use */
    size_t start, end;
    uint64_t lost;                      /* records, not reported yet */
};

int trace_queue_init(struct trace_queue *q);                /* -ENOMEM */
void trace_queue_free(struct trace_queue *q);               /* zeroed is fine */
/* A record: its head and its message; copied whole, or counted as lost. */
void trace_queue_put(struct trace_queue *q, struct span head, struct span message);
struct span trace_queue_view(const struct trace_queue *q);  /* what is to be sent next; empty: nothing */
void trace_queue_sent(struct trace_queue *q, size_t n);

#endif
