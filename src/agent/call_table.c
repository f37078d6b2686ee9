/* SPDX-License-Identifier: MIT */
/* The calls of an agent, found and timed without walking all of them. */
#include "agent/call.h"

#include <errno.h>
#include <string.h>

#include "agent/agent_impl.h"

void calls_init(struct agent *a)
{
    struct calls *t = &a->calls;

    memset(t, 0, sizeof(*t));
    list_init(&t->list);
    list_init(&t->touched);
    heap_init(&t->due);
    /* Made by the first call. A platform chooses sources and asks for channels: keyed, so that it gets no collisions. */
    t->by_number.secret[0] = t->by_channel.secret[0] = t->by_source.secret[0] = a->ua.common->secret[0];
    t->by_number.secret[1] = t->by_channel.secret[1] = t->by_source.secret[1] = a->ua.common->secret[1];
}

void calls_free(struct agent *a)
{
    struct calls *t = &a->calls;

    list_each_safe(it, &t->list)
        call_free(container_of(it, struct call, node));
    hash_free(&t->by_number);
    hash_free(&t->by_channel);
    hash_free(&t->by_source);
    heap_free(&t->due);
}

/* ---- in and out ------------------------------------------------------------------------ */

static struct span number_key(const struct call *c)
{
    return (struct span){ (const char *)&c->number, sizeof(c->number) };
}

int call_table_add(struct call *c)
{
    struct calls *t = &c->agent->calls;
    int ret = heap_reserve(&t->due, (size_t)t->count + 1);

    if (ret)
        return ret;
    c->number = c->age = ++c->agent->ua.common->next_call;
    ret = hash_insert(&c->agent->ua.common->calls, &c->by_id, c->call_id);
    if (ret)
        return ret;
    ret = hash_insert(&t->by_number, &c->by_number, number_key(c));
    if (ret)
        goto no_number;
    ret = hash_insert(&t->by_channel, &c->by_channel, span_of(c->channel));
    if (ret)
        goto no_channel;
    ret = c->source[0] ? hash_insert(&t->by_source, &c->by_source, span_of(c->source)) : 0;
    if (ret)
        goto no_source;
    list_append(&t->list, &c->node);
    list_append(&t->touched, &c->touched);
    t->count++;
    return 0;
no_source:
    hash_remove(&t->by_channel, &c->by_channel);
no_channel:
    hash_remove(&t->by_number, &c->by_number);
no_number:
    hash_remove(&c->agent->ua.common->calls, &c->by_id);
    return ret;
}

void call_table_remove(struct call *c)
{
    struct calls *t = &c->agent->calls;

    list_remove(&c->node);
    list_remove(&c->touched);
    heap_remove(&t->due, &c->due);
    hash_remove(&c->agent->ua.common->calls, &c->by_id);
    hash_remove(&t->by_number, &c->by_number);
    hash_remove(&t->by_channel, &c->by_channel);
    if (c->source[0])
        hash_remove(&t->by_source, &c->by_source);
    t->count--;
}

void call_renumber(struct call *c)
{
    struct calls *t = &c->agent->calls;

    hash_remove(&t->by_number, &c->by_number);
    c->number = ++c->agent->ua.common->next_call;
    (void)hash_insert(&t->by_number, &c->by_number, number_key(c));      /* fails only while the table has no slots */
}

/* ---- finding --------------------------------------------------------------------------- */

struct call *call_touch(struct call *c)
{
    if (c && !c->parting && list_empty(&c->touched))
        list_append(&c->agent->calls.touched, &c->touched);
    return c;
}

struct call *call_find(const struct agent *a, uint32_t number)
{
    struct hash_node *n = hash_find(&a->calls.by_number, (struct span){ (const char *)&number, sizeof(number) });

    return n ? call_touch(container_of(n, struct call, by_number)) : NULL;
}

struct call *call_of_channel(const struct agent *a, const char *channel, const struct call *after)
{
    struct hash_node *n = after ? hash_find_next(&after->by_channel) : hash_find(&a->calls.by_channel, span_of(channel));

    return n ? call_touch(container_of(n, struct call, by_channel)) : NULL;
}

struct call *call_of_source(const struct agent *a, const char *source)
{
    struct hash_node *n = hash_find(&a->calls.by_source, span_of(source));

    return n ? call_touch(container_of(n, struct call, by_source)) : NULL;
}

/* ---- time ------------------------------------------------------------------------------ */

uint64_t calls_deadline(struct agent *a)
{
    struct calls *t = &a->calls;
    struct heap_node *top;

    list_each_safe(it, &t->touched) {
        struct call *c = container_of(it, struct call, touched);
        list_remove(it);
        (void)heap_set(&t->due, &c->due, call_deadline(c));     /* there is room for every call */
    }
    top = heap_top(&t->due);
    return top ? top->when : UINT64_MAX;
}

void calls_tick(struct agent *a, const struct gb_time *now)
{
    struct calls *t = &a->calls;
    struct heap_node *top;

    while ((top = heap_top(&t->due)) && top->when <= now->mono_ms) {
        struct call *c = container_of(top, struct call, due);
        heap_remove(&t->due, top);      /* back with its new time by calls_deadline */
        call_touch(c);
        call_tick(c, now);
    }
}
