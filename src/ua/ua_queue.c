/* SPDX-License-Identifier: MIT */
/* The queues to the owner: packets and events. */
#include "ua/ua.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "util/log.h"

struct packet_node {
    struct list node;
    struct agent_packet packet;
    char data[];
};

static void mark_ready(struct ua *u)
{
    if (list_empty(&u->ready))
        list_append(&u->common->ready, &u->ready);
}

void ua_packet_push(struct ua *u, uint32_t link, const struct addr *to, const char *data, size_t len)
{
    struct packet_node *n;

    if (u->npackets >= UA_PACKETS_MAX) {
        log_warn("%s: packet-dropped reason=\"send queue full\"", u->cfg.name);
        return;
    }
    n = malloc(sizeof(*n) + len);
    if (!n)
        return; /* as if lost by the network */
    memcpy(n->data, data, len);
    n->packet = (struct agent_packet){ .link = link, .to = *to, .data = n->data, .len = len };
    list_append(&u->packets, &n->node);
    u->npackets++;
    mark_ready(u);
}

void ua_event_append(struct ua *u, struct event_node *n, const struct agent_event *ev)
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
    list_append(&u->events, &n->node);
    u->nevents++;
    mark_ready(u);
}

/* Size of the data that the event points to, except why and channel; 0 = none. *field: the pointer. */
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

int ua_event_try(struct ua *u, const struct agent_event *ev)
{
    bool bounded = ev->kind != AGENT_CALL_STOP && ev->kind != AGENT_OFFLINE;
    struct agent_event copy = *ev;
    struct event_node *n;
    const void **field;
    size_t size = payload_of(&copy, &field);

    if (bounded && u->nevents >= UA_EVENTS_MAX)
        return -ENOBUFS;
    n = malloc(sizeof(*n) + size);
    if (!n)
        return -ENOMEM;
    if (size) {
        memcpy(n->payload, *field, size);
        *field = n->payload;
    }
    ua_event_append(u, n, &copy);
    return 0;
}

void ua_event_push(struct ua *u, const struct agent_event *ev)
{
    const int err = ua_event_try(u, ev);

    if (err != 0)
        log_warn("%s: event-dropped reason=\"%s\"", u->cfg.name,
                 err == -ENOBUFS ? "event queue full" : "out of memory");
}

bool ua_next_packet(struct ua *u, struct agent_packet *out)
{
    struct list *first = list_first(&u->packets);

    free(u->out_packet);
    u->out_packet = NULL;
    if (!first)
        return false;
    list_remove(first);
    u->npackets--;
    u->out_packet = container_of(first, struct packet_node, node);
    *out = u->out_packet->packet;
    return true;
}

bool ua_next_event(struct ua *u, struct agent_event *out)
{
    struct list *first = list_first(&u->events);

    free(u->out_event);
    u->out_event = NULL;
    if (!first)
        return false;
    list_remove(first);
    u->nevents--;
    u->out_event = container_of(first, struct event_node, node);
    *out = u->out_event->ev;
    return true;
}

struct ua *ua_ready(struct ua_common *common)
{
    struct list *first;

    while ((first = list_first(&common->ready))) {
        struct ua *u = container_of(first, struct ua, ready);
        if (u->npackets > 0 || u->nevents > 0)
            return u;
        list_remove(first);
    }
    return NULL;
}

void ua_queues_free(struct ua *u)
{
    list_each_safe(it, &u->packets)
        free(container_of(it, struct packet_node, node));
    list_each_safe(jt, &u->events)
        free(container_of(jt, struct event_node, node));
    free(u->out_packet);
    free(u->out_event);
    free(u->done_event);
}
