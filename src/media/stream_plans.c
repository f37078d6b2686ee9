/* SPDX-License-Identifier: MIT */
/* The plans of a stream: one more where more units are out than ever, fewer where that is long ago. */
#include <stdlib.h>

#include "media/stream_priv.h"

struct plan *stream_new_plan(struct stream *s)
{
    uint8_t slot = 0;
    struct plan *p;

    while (slot < STREAM_LEASES_MAX && s->plan[slot]) {
        slot++;
    }
    p = slot < STREAM_LEASES_MAX ? calloc(1, sizeof(*p)) : NULL;
    if (p) {
        list_init(&p->node);
        p->slot = slot;
        s->plan[slot] = p;
    }
    return p;
}

static void free_spare(struct stream *s)
{
    struct plan *p = container_of(s->spare.prev, struct plan, node);

    list_remove(&p->node);
    s->nspare--;
    s->plan[p->slot] = NULL;
    plan_free(p);
}

void stream_trim_plans(struct stream *s)
{
    while (s->spare_low > 1 && s->nspare > 1) {
        free_spare(s);
        s->spare_low--;
    }
    s->spare_low = s->nspare;
}

void stream_free_plans(struct stream *s)
{
    while (s->nspare > 0) {
        free_spare(s);
    }
}
