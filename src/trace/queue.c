/* SPDX-License-Identifier: MIT */
#include "trace/queue.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LOST_MAX 32u /* "lost 18446744073709551615\n" */

int trace_queue_init(struct trace_queue *q)
{
    *q = (struct trace_queue){ .data = malloc(TRACE_QUEUE_MAX) };
    return q->data ? 0 : -ENOMEM;
}

void trace_queue_free(struct trace_queue *q)
{
    free(q->data);
    *q = (struct trace_queue){ 0 };
}

static void put(struct trace_queue *q, struct span bytes)
{
    if (bytes.n)
        memcpy(q->data + q->end, bytes.p, bytes.n);
    q->end += bytes.n;
}

/* There must be room for LOST_MAX bytes. */
static void put_lost(struct trace_queue *q)
{
    if (q->lost)
        q->end += (size_t)snprintf(q->data + q->end, LOST_MAX, "lost %" PRIu64 "\n", q->lost);
    q->lost = 0;
}

void trace_queue_put(struct trace_queue *q, struct span head, struct span message)
{
    size_t need = LOST_MAX + head.n + message.n;

    if (need > TRACE_QUEUE_MAX - (q->end - q->start)) {
        q->lost++;
        return;
    }
    if (need > TRACE_QUEUE_MAX - q->end) {
        memmove(q->data, q->data + q->start, q->end - q->start);
        q->end -= q->start;
        q->start = 0;
    }
    put_lost(q);
    put(q, head);
    put(q, message);
}

struct span trace_queue_view(const struct trace_queue *q)
{
    return (struct span){ q->data + q->start, q->end - q->start };
}

void trace_queue_sent(struct trace_queue *q, size_t n)
{
    q->start += n;
    if (q->start < q->end)
        return;
    q->start = q->end = 0;
    put_lost(q);
}
