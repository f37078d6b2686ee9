/* SPDX-License-Identifier: MIT */
/* Which agents accept requests from an address: found without walking all of a fleet. */
#include "agent/agent_impl.h"

#include <stdlib.h>
#include <string.h>

static struct span make_key(const struct addr *from, uint8_t key[17])
{
    bool mapped = from->family == ADDR_V6 && addr_family(from) == ADDR_V4;

    memset(key, 0, 17);
    key[0] = (uint8_t)addr_family(from);
    memcpy(key + 1, from->ip + (mapped ? 12 : 0), key[0] == ADDR_V4 ? 4 : 16);
    return (struct span){ (const char *)key, 17 };
}

static struct mux_source *find(const struct mux *m, const struct addr *from)
{
    uint8_t key[17];
    struct hash_node *n = hash_find(&m->by_source, make_key(from, key));

    return n ? container_of(n, struct mux_source, node) : NULL;
}

struct agent_source *mux_source_next(const struct mux *m, const struct addr *from, struct agent_source *prev)
{
    struct mux_source *src = prev ? prev->source : find(m, from);
    struct list *next;

    if (!src)
        return NULL;
    next = prev ? prev->node.next : src->agents.next;
    return next == &src->agents ? NULL : container_of(next, struct agent_source, node);
}

static void leave(struct mux *m, struct agent_source *e)
{
    struct mux_source *src = e->source;

    if (!src)
        return;
    list_remove(&e->node);
    e->source = NULL;
    if (!list_empty(&src->agents))
        return;
    hash_remove(&m->by_source, &src->node);
    free(src);
}

/* Without memory the address is not found this way: requests for unknown users from there stay unanswered. */
static void join(struct agent *a, struct agent_source *e, const struct addr *from)
{
    struct mux_source *src = find(a->mux, from);

    if (!src) {
        src = calloc(1, sizeof(*src));
        if (!src)
            return;
        list_init(&src->agents);
        if (hash_insert(&a->mux->by_source, &src->node, make_key(from, src->key)) != 0) {
            free(src);
            return;
        }
    }
    e->agent = a;
    e->source = src;
    list_append(&src->agents, &e->node);
}

static bool listed(const struct agent *a, unsigned n, const struct addr *from)
{
    for (unsigned i = 0; i < n; i++) {
        if (addr_same_ip(&a->server[i], from))
            return true;
    }
    return false;
}

void agent_sources_drop(struct agent *a)
{
    for (unsigned i = 0; i < AGENT_SOURCES_MAX; i++)
        leave(a->mux, &a->sources[i]);
    list_remove(&a->by_prefix);
}

void agent_sources_update(struct agent *a)
{
    agent_sources_drop(a);
    for (unsigned i = 0; i < a->nserver; i++) {
        if (!listed(a, i, &a->server[i]))
            join(a, &a->sources[i], &a->server[i]);
    }
    if (a->learnt.family != ADDR_NONE && !listed(a, a->nserver, &a->learnt))
        join(a, &a->sources[AGENT_SOURCES_MAX - 1], &a->learnt);
    if (a->cfg.nallow > 0)
        list_append(&a->mux->by_prefix, &a->by_prefix);
}
