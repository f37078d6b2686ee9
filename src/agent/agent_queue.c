/* SPDX-License-Identifier: MIT */
/* What waits for the shell: packets and events. */
#include "agent/agent_impl.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "util/log.h"

static void mark_ready(struct agent *a)
{
    if (list_empty(&a->ready))
        list_append(&a->mux->ready, &a->ready);
}

void agent_packet_push(struct agent *a, uint32_t link, const struct addr *to, const char *data, size_t len)
{
    struct agent_packet_node *n;

    if (a->npackets >= AGENT_PACKETS_MAX) {
        log_warn("%s: packets are not taken, one dropped", a->cfg.name);
        return;
    }
    n = malloc(sizeof(*n) + len);
    if (!n)
        return;                         /* as if the network had lost it */
    memcpy(n->data, data, len);
    n->packet = (struct agent_packet){ .link = link, .to = *to, .data = n->data, .len = len };
    list_append(&a->packets, &n->node);
    a->npackets++;
    mark_ready(a);
}

void agent_event_append(struct agent *a, struct event_node *n, const struct agent_event *ev)
{
    list_init(&n->node);
    n->ev = *ev;
    if (ev->why) {
        struct span why = span_of(ev->why);
        if (why.n >= sizeof(n->why))
            why.n = sizeof(n->why) - 1;
        span_copy(why, n->why, sizeof(n->why));
        n->ev.why = n->why;
    }
    if (ev->channel) {
        span_copy(span_of(ev->channel), n->channel, sizeof(n->channel));
        n->ev.channel = n->channel;
    }
    list_append(&a->events, &n->node);
    a->nevents++;
    mark_ready(a);
}

/* Size of what the event points at besides its strings; 0 = nothing. *field: where the pointer is. */
static size_t payload_of(struct agent_event *ev, const void ***field)
{
    *field = NULL;
    if (ev->kind == AGENT_CALL_OFFER) {
        *field = (const void **)&ev->u.offer;
        return sizeof(*ev->u.offer);
    }
    if (ev->kind == AGENT_LINK_WANTED && ev->u.link.host) {
        *field = (const void **)&ev->u.link.host;
        return strlen(ev->u.link.host) + 1;
    }
    if (ev->kind == AGENT_CONTROL) {
        *field = (const void **)&ev->u.control;
        return sizeof(*ev->u.control);
    }
    if (ev->kind == AGENT_CONFIG) {
        *field = (const void **)&ev->u.setting;
        return sizeof(*ev->u.setting);
    }
    if (ev->kind == AGENT_QUERY && ev->u.query.kind == AGENT_QUERY_RECORDS) {
        *field = (const void **)&ev->u.query.records;
        return sizeof(*ev->u.query.records);
    }
    return 0;
}

int agent_event_try(struct agent *a, const struct agent_event *ev)
{
    bool bounded = ev->kind != AGENT_CALL_STOP && ev->kind != AGENT_OFFLINE;
    struct agent_event copy = *ev;
    struct event_node *n;
    const void **field;
    size_t size = payload_of(&copy, &field);

    if (bounded && a->nevents >= AGENT_EVENTS_MAX)
        return -ENOBUFS;
    n = malloc(sizeof(*n) + size);
    if (!n)
        return -ENOMEM;
    if (size) {
        memcpy(n->payload, *field, size);
        *field = n->payload;
    }
    agent_event_append(a, n, &copy);
    return 0;
}

void agent_event_push(struct agent *a, const struct agent_event *ev)
{
    if (agent_event_try(a, ev) != 0)
        log_warn("%s: no room for an event, dropped", a->cfg.name);
}

bool agent_next_packet(struct agent *a, struct agent_packet *out)
{
    struct list *first = list_first(&a->packets);

    free(a->out_packet);
    a->out_packet = NULL;
    if (!first)
        return false;
    list_remove(first);
    a->npackets--;
    a->out_packet = container_of(first, struct agent_packet_node, node);
    *out = a->out_packet->packet;
    return true;
}

bool agent_next_event(struct agent *a, struct agent_event *out)
{
    struct list *first = list_first(&a->events);

    free(a->out_event);
    a->out_event = NULL;
    if (!first)
        return false;
    list_remove(first);
    a->nevents--;
    a->out_event = container_of(first, struct event_node, node);
    *out = a->out_event->ev;
    return true;
}

struct agent *mux_ready(struct mux *m)
{
    struct list *first;

    while ((first = list_first(&m->ready))) {
        struct agent *a = container_of(first, struct agent, ready);
        if (a->npackets > 0 || a->nevents > 0)
            return a;
        list_remove(first);
    }
    return NULL;
}

void agent_queues_free(struct agent *a)
{
    list_each_safe(it, &a->packets)
        free(container_of(it, struct agent_packet_node, node));
    list_each_safe(jt, &a->events)
        free(container_of(jt, struct event_node, node));
    free(a->out_packet);
    free(a->out_event);
    free(a->done_event);
}
