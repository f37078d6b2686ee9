/* SPDX-License-Identifier: MIT */
/* Intrusive binary heap of deadlines, O(log n). The unit of the deadline is the owner's. */
#ifndef UTIL_HEAP_H
#define UTIL_HEAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct heap_node {
    uint64_t when;
    size_t pos;                 /* 1-based place in the heap; 0 = not in */
};

struct heap {
    struct heap_node **node;
    size_t count, cap;
};

#define HEAP_NEVER UINT64_MAX

void heap_init(struct heap *h);
void heap_free(struct heap *h);                                 /* nodes are the owner's */
int heap_reserve(struct heap *h, size_t n);                     /* room for n nodes; -ENOMEM */
/* Inserts or moves. -ENOMEM only when inserting past what was reserved. */
int heap_set(struct heap *h, struct heap_node *n, uint64_t when);
void heap_remove(struct heap *h, struct heap_node *n);          /* harmless when not in */
struct heap_node *heap_top(const struct heap *h);               /* NULL when empty */

#endif
