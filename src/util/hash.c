/* SPDX-License-Identifier: MIT */
#include "util/hash.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define HASH_SLOTS_MIN 16u

static uint64_t rotl(uint64_t x, unsigned n)
{
    return (x << n) | (x >> (64 - n));
}

static uint64_t read_le(const uint8_t *p, size_t n)
{
    uint64_t v = 0;

    for (size_t i = 0; i < n; i++)
        v |= (uint64_t)p[i] << (8 * i);
    return v;
}

static void sip_rounds(uint64_t v[4], unsigned rounds)
{
    while (rounds--) {
        v[0] += v[1];
        v[1] = rotl(v[1], 13) ^ v[0];
        v[0] = rotl(v[0], 32);
        v[2] += v[3];
        v[3] = rotl(v[3], 16) ^ v[2];
        v[0] += v[3];
        v[3] = rotl(v[3], 21) ^ v[0];
        v[2] += v[1];
        v[1] = rotl(v[1], 17) ^ v[2];
        v[2] = rotl(v[2], 32);
    }
}

uint64_t hash_bytes(const uint64_t secret[2], const void *data, size_t n)
{
    const uint8_t *p = data;
    uint64_t last = (uint64_t)(n & 0xff) << 56;
    uint64_t v[4] = {
        secret[0] ^ 0x736f6d6570736575u,
        secret[1] ^ 0x646f72616e646f6du,
        secret[0] ^ 0x6c7967656e657261u,
        secret[1] ^ 0x7465646279746573u,
    };

    while (n >= 8) {
        uint64_t m = read_le(p, 8);

        v[3] ^= m;
        sip_rounds(v, 2);
        v[0] ^= m;
        p += 8;
        n -= 8;
    }
    if (n)
        last |= read_le(p, n);
    v[3] ^= last;
    sip_rounds(v, 2);
    v[0] ^= last;
    v[2] ^= 0xff;
    sip_rounds(v, 4);
    return v[0] ^ v[1] ^ v[2] ^ v[3];
}

int hash_init(struct hash *h, const uint64_t secret[2])
{
    memset(h, 0, sizeof(*h));
    h->secret[0] = secret[0];
    h->secret[1] = secret[1];
    h->slot = calloc(HASH_SLOTS_MIN, sizeof(struct hash_node *));
    if (!h->slot)
        return -ENOMEM;
    h->nslots = HASH_SLOTS_MIN;
    return 0;
}

void hash_free(struct hash *h)
{
    free(h->slot);
    h->slot = NULL;
    h->nslots = h->count = 0;
}

static void hash_grow(struct hash *h)
{
    size_t want = h->nslots * 2;
    struct hash_node **slot = calloc(want, sizeof(struct hash_node *));

    if (!slot)
        return;
    for (size_t i = 0; i < h->nslots; i++) {
        struct hash_node *n = h->slot[i];

        while (n) {
            struct hash_node *next = n->next;
            struct hash_node **at = &slot[n->hash & (want - 1)];

            n->next = *at;
            *at = n;
            n = next;
        }
    }
    free(h->slot);
    h->slot = slot;
    h->nslots = want;
}

int hash_insert(struct hash *h, struct hash_node *n, struct span key)
{
    struct hash_node **at;

    if (!h->slot) {
        h->slot = calloc(HASH_SLOTS_MIN, sizeof(struct hash_node *));
        if (!h->slot)
            return -ENOMEM;
        h->nslots = HASH_SLOTS_MIN;
    }
    if (h->count >= h->nslots)
        hash_grow(h);
    n->key = key;
    n->hash = hash_bytes(h->secret, key.p, key.n);
    at = &h->slot[n->hash & (h->nslots - 1)];
    n->next = *at;
    *at = n;
    h->count++;
    return 0;
}

void hash_remove(struct hash *h, struct hash_node *n)
{
    struct hash_node **at = &h->slot[n->hash & (h->nslots - 1)];

    while (*at && *at != n)
        at = &(*at)->next;
    if (!*at)
        return;
    *at = n->next;
    n->next = NULL;
    h->count--;
}

static struct hash_node *same_key(struct hash_node *n, uint64_t hash, struct span key)
{
    while (n && (n->hash != hash || !span_eq(n->key, key)))
        n = n->next;
    return n;
}

struct hash_node *hash_find(const struct hash *h, struct span key)
{
    uint64_t hash;

    if (!h->count)
        return NULL;
    hash = hash_bytes(h->secret, key.p, key.n);
    return same_key(h->slot[hash & (h->nslots - 1)], hash, key);
}

struct hash_node *hash_find_next(const struct hash_node *n)
{
    return same_key(n->next, n->hash, n->key);
}
