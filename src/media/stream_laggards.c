/* SPDX-License-Identifier: MIT */
/* Who loses a unit when the source has no further one to lease. */
#include "media/stream_priv.h"
#include "media/viewer_priv.h"

/* All leases are out. Those that lag give back what they have not begun, the longest queue first. */
static void drop_laggards(struct stream *s)
{
    while (s->leased == s->lease_max) {
        struct viewer *longest = NULL;
        list_each(it, &s->viewers) {
            struct viewer *v = container_of(it, struct viewer, node);
            if (viewer_droppable(v) > (longest ? viewer_droppable(longest) : 0)) {
                longest = v;
            }
        }
        if (!longest) {
            return;
        }
        viewer_drop_queued(longest);
    }
}

/* Every lease is under a cursor. Where another viewer would starve, the one that began first is cut; where none
 * would, the source waits: a large picture on a slow link gets through. */
bool stream_make_room(struct stream *s)
{
    bool starving = false;

    drop_laggards(s);
    list_each(it, &s->viewers) {
        starving |= viewer_wants(container_of(it, struct viewer, node));
    }
    while (starving && s->leased == s->lease_max) {
        struct viewer *oldest = NULL;
        list_each(it, &s->viewers) {
            struct viewer *v = container_of(it, struct viewer, node);
            const struct plan *p = viewer_current(v);
            if (p && (!oldest || p->read_us < viewer_current(oldest)->read_us)) {
                oldest = v;
            }
        }
        if (!oldest) {
            break;
        }
        viewer_cut(oldest);
    }
    s->stuck = s->leased == s->lease_max;
    return !s->stuck;
}
