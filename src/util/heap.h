/* SPDX-License-Identifier: MIT */
/* Intrusive binary heap of deadlines, O(log n). The unit is up to the owner. */
#ifndef UTIL_HEAP_H
#define UTIL_HEAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct heap_node {
    uint64_t when;
    size_t pos; /* 1-based index in the heap; 0 = not in the heap */
};

struct heap {
    struct heap_node **node;
    size_t count, cap;
};

void heap_init(struct heap *h);
void heap_free(struct heap *h);             /* leaves the nodes to their owner */
int heap_reserve(struct heap *h, size_t n); /* room for n nodes in all; 0, -ENOMEM */
/* Inserts or moves. 0; -ENOMEM only if inserting beyond the reserved room. */
int heap_set(struct heap *h, struct heap_node *n, uint64_t when);
void heap_remove(struct heap *h, struct heap_node *n); /* no-op if not in the heap */
struct heap_node *heap_top(const struct heap *h);      /* NULL when empty */

#endif
