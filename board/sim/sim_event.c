/* SPDX-License-Identifier: MIT */
/* Events of the simulated camera: a queue with an eventfd, as a vendor's callback thread would fill it. */
#include "board/sim/sim.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "util/log.h"

struct sim_event {
    struct list node;
    struct board_event ev;
    uint8_t data[];
};

int sim_events_init(struct board *b)
{
    list_init(&b->events);
    b->event_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    return b->event_fd < 0 ? -errno : 0;
}

void sim_events_free(struct board *b)
{
    list_each_safe(it, &b->events) {
        list_remove(it);
        free(container_of(it, struct sim_event, node));
    }
    free(b->event_out);
    b->event_out = NULL;
    b->nevents = 0;
    if (b->event_fd >= 0)
        close(b->event_fd);
    b->event_fd = -1;
}

int sim_event_push(struct board *b, const struct board_event *ev)
{
    const size_t len = ev->data ? ev->len : 0;
    const uint64_t one = 1;
    struct sim_event *e;

    if (b->nevents >= SIM_EVENTS_MAX)
        return -ENOBUFS;
    e = malloc(sizeof(*e) + len);
    if (!e)
        return -ENOMEM;
    e->ev = *ev;
    e->ev.data = len ? e->data : NULL;
    e->ev.len = len;
    if (len)
        memcpy(e->data, ev->data, len);
    list_append(&b->events, &e->node);
    b->nevents++;
    if (write(b->event_fd, &one, sizeof(one)) < 0 && errno != EAGAIN)
        log_warn("sim: event-delayed reason=\"%s\"", strerror(errno));
    return 0;
}

int sim_event_fd(struct board *b)
{
    return b->event_fd;
}

int sim_event_read(struct board *b, struct board_event *out)
{
    struct list *first = list_first(&b->events);
    uint64_t count;

    free(b->event_out);
    b->event_out = NULL;
    if (!first) {
        while (read(b->event_fd, &count, sizeof(count)) > 0) {
        }
        return -EAGAIN;
    }
    list_remove(first);
    b->nevents--;
    b->event_out = container_of(first, struct sim_event, node);
    *out = b->event_out->ev;
    return 0;
}
