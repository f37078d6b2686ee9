/* SPDX-License-Identifier: MIT */
/* The records not yet sent to one reader of a trace. The size is fixed: a slow reader loses whole records and then
 * gets a "lost" record with their number. */
#ifndef TRACE_QUEUE_H
#define TRACE_QUEUE_H

#include <stddef.h>
#include <stdint.h>

#include "util/span.h"

#define TRACE_QUEUE_MAX (128u * 1024u) /* bytes; a message of any size fits into an empty queue */

struct trace_queue {
    char *data; /* NULL: unused */
    size_t start, end;
    uint64_t lost; /* records dropped and not reported yet */
};

int trace_queue_init(struct trace_queue *q);  /* -ENOMEM */
void trace_queue_free(struct trace_queue *q); /* zeroed is fine */
/* Copies a record, its line and its message, or counts it as lost. */
void trace_queue_put(struct trace_queue *q, struct span head, struct span message);
struct span trace_queue_view(const struct trace_queue *q); /* the bytes to send; may be empty */
void trace_queue_sent(struct trace_queue *q, size_t n);

#endif
