/* SPDX-License-Identifier: MIT */
#include "util/heap.h"

#include <errno.h>
#include <stdlib.h>

void heap_init(struct heap *h)
{
    h->node = NULL;
    h->count = h->cap = 0;
}

void heap_free(struct heap *h)
{
    for (size_t i = 0; i < h->count; i++)
        h->node[i]->pos = 0;
    free(h->node);
    heap_init(h);
}

int heap_reserve(struct heap *h, size_t n)
{
    size_t cap = h->cap ? h->cap : 8;
    struct heap_node **node;

    if (n <= h->cap)
        return 0;
    while (cap < n) {
        if (cap > SIZE_MAX / 2 / sizeof(struct heap_node *))
            return -ENOMEM;
        cap *= 2;
    }
    node = realloc(h->node, cap * sizeof(struct heap_node *));
    if (!node)
        return -ENOMEM;
    h->node = node;
    h->cap = cap;
    return 0;
}

static void heap_put(struct heap *h, size_t pos, struct heap_node *n)
{
    h->node[pos - 1] = n;
    n->pos = pos;
}

/* Moves n, which is at `pos`, to its place by deadline. */
static void heap_sift(struct heap *h, size_t pos, struct heap_node *n)
{
    while (pos > 1 && h->node[pos / 2 - 1]->when > n->when) {
        heap_put(h, pos, h->node[pos / 2 - 1]);
        pos /= 2;
    }
    while (pos * 2 <= h->count) {
        size_t child = pos * 2;

        if (child < h->count && h->node[child]->when < h->node[child - 1]->when)
            child++;
        if (h->node[child - 1]->when >= n->when)
            break;
        heap_put(h, pos, h->node[child - 1]);
        pos = child;
    }
    heap_put(h, pos, n);
}

int heap_set(struct heap *h, struct heap_node *n, uint64_t when)
{
    if (!n->pos) {
        int err = heap_reserve(h, h->count + 1);

        if (err)
            return err;
        h->count++;
        heap_put(h, h->count, n);
    }
    n->when = when;
    heap_sift(h, n->pos, n);
    return 0;
}

void heap_remove(struct heap *h, struct heap_node *n)
{
    struct heap_node *last;
    size_t pos = n->pos;

    if (!pos)
        return;
    n->pos = 0;
    last = h->node[h->count - 1];
    h->count--;
    if (last != n)
        heap_sift(h, pos, last);
}

struct heap_node *heap_top(const struct heap *h)
{
    return h->count ? h->node[0] : NULL;
}
