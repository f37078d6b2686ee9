/* SPDX-License-Identifier: MIT */
#include "agent/sources.h"

#include <stdlib.h>
#include <string.h>

struct source_address {
    struct hash_node node;
    struct list sources;
    uint8_t key[17];                    /* family, address */
};

static struct span make_key(const struct addr *from, uint8_t key[17])
{
    bool mapped = from->family == ADDR_V6 && addr_family(from) == ADDR_V4;

    memset(key, 0, 17);
    key[0] = (uint8_t)addr_family(from);
    memcpy(key + 1, from->ip + (mapped ? 12 : 0), key[0] == ADDR_V4 ? 4 : 16);
    return (struct span){ (const char *)key, 17 };
}

static struct source_address *find(const struct sources *s, const struct addr *from)
{
    uint8_t key[17];
    struct hash_node *n = hash_find(&s->by_address, make_key(from, key));

    return n ? container_of(n, struct source_address, node) : NULL;
}

int sources_init(struct sources *s, const uint64_t secret[2])
{
    list_init(&s->by_prefix);
    return hash_init(&s->by_address, secret);
}

void sources_free(struct sources *s)
{
    hash_free(&s->by_address);
}

struct source *sources_next(const struct sources *s, const struct addr *from, struct source *prev)
{
    struct source_address *at = prev ? prev->address : find(s, from);
    struct list *next;

    if (!at)
        return NULL;
    next = prev ? prev->node.next : at->sources.next;
    return next == &at->sources ? NULL : container_of(next, struct source, node);
}

void source_leave(struct sources *s, struct source *e)
{
    struct source_address *at = e->address;

    if (!at)
        return;
    list_remove(&e->node);
    e->address = NULL;
    if (!list_empty(&at->sources))
        return;
    hash_remove(&s->by_address, &at->node);
    free(at);
}

void source_join(struct sources *s, struct source *e, struct ua *u, const struct addr *from)
{
    struct source_address *at = find(s, from);

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
