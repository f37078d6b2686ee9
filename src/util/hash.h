/* SPDX-License-Identifier: MIT */
/* Intrusive chained hash table with byte strings as keys. It doubles when full, so lookups stay O(1). Hashes depend on
 * a secret, so that a peer cannot construct collisions. */
#ifndef UTIL_HASH_H
#define UTIL_HASH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "util/span.h"

struct hash_node {
    struct hash_node *next;
    uint64_t hash;
    struct span key; /* borrowed from the owner, must not change while in the table */
};

struct hash {
    struct hash_node **slot;
    size_t nslots, count;
    uint64_t secret[2];
};

uint64_t hash_bytes(const uint64_t secret[2], const void *data, size_t n); /* SipHash-2-4 */

int hash_init(struct hash *h, const uint64_t secret[2]); /* 0, -ENOMEM */
void hash_free(struct hash *h);                          /* leaves the nodes to their owner */
/* Several nodes may have the same key. 0, or -ENOMEM if the table has no slots (after hash_free) and none can be
 * allocated; failing to grow is not an error. */
int hash_insert(struct hash *h, struct hash_node *n, struct span key);
void hash_remove(struct hash *h, struct hash_node *n); /* n must be in the table */
struct hash_node *hash_find(const struct hash *h, struct span key);
struct hash_node *hash_find_next(const struct hash_node *n); /* the next node with the same key */

#endif
