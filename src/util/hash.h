/* SPDX-License-Identifier: MIT */
/* Intrusive chained hash table keyed by bytes; grows by doubling, so look-ups stay O(1). Keyed by a
 * secret so that a peer cannot choose collisions. */
#ifndef UTIL_HASH_H
#define UTIL_HASH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "util/span.h"

struct hash_node {
    struct hash_node *next;
    uint64_t hash;
    struct span key;            /* borrowed: points into the owner, unchanged while it is in the table */
};

struct hash {
    struct hash_node **slot;
    size_t nslots, count;
    uint64_t secret[2];
};

uint64_t hash_bytes(const uint64_t secret[2], const void *data, size_t n);  /* SipHash-2-4 */

int hash_init(struct hash *h, const uint64_t secret[2]);    /* -ENOMEM */
void hash_free(struct hash *h);                             /* the nodes are the owner's */
/* Several nodes of the same key may be in; -ENOMEM only on the first node of an empty table (growth
 * that fails leaves the table as it is). */
int hash_insert(struct hash *h, struct hash_node *n, struct span key);
void hash_remove(struct hash *h, struct hash_node *n);      /* n must be in */
struct hash_node *hash_find(const struct hash *h, struct span key);
struct hash_node *hash_find_next(const struct hash_node *n);    /* next one of the same key */

#endif
