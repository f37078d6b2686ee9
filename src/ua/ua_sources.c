/* SPDX-License-Identifier: MIT */
#include "ua/ua_sources.h"

#include <stdlib.h>
#include <string.h>

struct ua_source_address {
    struct hash_node node;
    struct list sources;
    uint8_t key[17]; /* family, address */
};

static struct span make_key(const struct addr *from, uint8_t key[17])
{
    bool mapped = from->family == ADDR_V6 && addr_family(from) == ADDR_V4;

    memset(key, 0, 17);
    key[0] = (uint8_t)addr_family(from);
    memcpy(key + 1, from->ip + (mapped ? 12 : 0), key[0] == ADDR_V4 ? 4 : 16);
    return (struct span){ (const char *)key, 17 };
}

static struct ua_source_address *find(const struct ua_sources *s, const struct addr *from)
{
    uint8_t key[17];
    struct hash_node *n = hash_find(&s->by_address, make_key(from, key));

    return n ? container_of(n, struct ua_source_address, node) : NULL;
}

int ua_sources_init(struct ua_sources *s, const uint64_t secret[2])
{
    list_init(&s->by_prefix);
    return hash_init(&s->by_address, secret);
}

void ua_sources_free(struct ua_sources *s)
{
    hash_free(&s->by_address);
}

struct ua_source *ua_sources_next(const struct ua_sources *s, const struct addr *from, struct ua_source *prev)
{
    struct ua_source_address *at = prev ? prev->address : find(s, from);
    struct list *next;

    if (!at)
        return NULL;
    next = prev ? prev->node.next : at->sources.next;
    return next == &at->sources ? NULL : container_of(next, struct ua_source, node);
}

void ua_source_leave(struct ua_sources *s, struct ua_source *e)
{
    struct ua_source_address *at = e->address;

    if (!at)
        return;
    list_remove(&e->node);
    e->address = NULL;
    if (!list_empty(&at->sources))
        return;
    hash_remove(&s->by_address, &at->node);
    free(at);
}

void ua_source_join(struct ua_sources *s, struct ua_source *e, struct ua *u, const struct addr *from)
{
    struct ua_source_address *at = find(s, from);

    if (!at) {
        at = calloc(1, sizeof(*at));
        if (!at)
            return;
        list_init(&at->sources);
        if (hash_insert(&s->by_address, &at->node, make_key(from, at->key)) != 0) {
            free(at);
            return;
        }
    }
    e->ua = u;
    e->address = at;
    list_append(&at->sources, &e->node);
}
