/* SPDX-License-Identifier: MIT */
/* The units of a stream: read, packed once, pushed to the viewers, released; and the packed units that hold them. */
#include <errno.h>
#include <stdlib.h>

#include "media/stream_priv.h"

#define READS_PER_TURN 8u

/* ---- leases --------------------------------------------------------------------------------------------- */

void stream_update_read(struct stream *s)
{
    bool want;

    if (!s->src)
        return;
    if (s->src->live) {
        want = !s->stuck;
    } else {
        struct list *first = list_first(&s->viewers);
        want = !s->eof && s->leased == 0 && first && viewer_wants(container_of(first, struct viewer, node));
    }
    if (want != (s->watch.events != 0))
        loop_fd_want(s->cfg.loop, &s->watch, want ? LOOP_READ : 0);
}

/* ---- packed units: allocated when none is spare, freed when long unused ------------------------------------- */

/* NULL: no memory. */
static struct packed_unit *new_unit(struct stream *s)
{
    uint8_t slot = 0;
    struct packed_unit *p;

    while (slot < STREAM_LEASES_MAX && s->feed.unit[slot])
        slot++;
    p = slot < STREAM_LEASES_MAX ? calloc(1, sizeof(*p)) : NULL;
    if (p) {
        list_init(&p->node);
        p->slot = slot;
        s->feed.unit[slot] = p;
    }
    return p;
}

static void free_spare(struct stream *s)
{
    struct packed_unit *p = container_of(s->spare.prev, struct packed_unit, node);

    list_remove(&p->node);
    s->nspare--;
    s->feed.unit[p->slot] = NULL;
    packed_unit_free(p);
}

/* Frees those unused since the last key unit, except one. */
static void trim_spare(struct stream *s)
{
    while (s->spare_low > 1 && s->nspare > 1) {
        free_spare(s);
        s->spare_low--;
    }
    s->spare_low = s->nspare;
}

void stream_free_spare(struct stream *s)
{
    while (s->nspare > 0)
        free_spare(s);
}

static struct packed_unit *get_unit(struct stream *s)
{
    struct list *n = list_first(&s->spare);

    if (!n) {
        s->spare_low = 0;
        return new_unit(s);
    }
    list_remove(n);
    s->nspare--;
    s->spare_low = s->nspare < s->spare_low ? s->nspare : s->spare_low;
    return container_of(n, struct packed_unit, node);
}

static void put_unit(struct stream *s, struct packed_unit *p)
{
    list_insert_after(&s->spare, &p->node);
    s->nspare++;
}

/* No viewer needs the unit. */
void stream_release(struct viewer_feed *f, struct packed_unit *p)
{
    struct stream *s = container_of(f, struct stream, feed);

    s->src->ops->release(s->src, &p->unit);
    if (s->leased-- == s->lease_max)
        stream_exclude_full(s);
    put_unit(s, p);
    s->stuck = false;
    stream_update_read(s);
}

/* ---- all leases in use: which viewer loses units --------------------------------------------------------- */

/* All leases are in use. Lagging viewers drop the units they have not begun, the longest queue first. */
static void drop_laggards(struct stream *s)
{
    while (s->leased == s->lease_max) {
        struct viewer *longest = NULL;
        list_each(it, &s->viewers) {
            struct viewer *v = container_of(it, struct viewer, node);
            if (viewer_droppable(v) > (longest ? viewer_droppable(longest) : 0))
                longest = v;
        }
        if (!longest)
            return;
        viewer_drop_queued(longest);
    }
}

/* If every lease is being sent: if another viewer would starve, the viewer that began first drops its unit; else the
 * source waits, so that a large picture gets through a slow connection. */
static bool make_room(struct stream *s)
{
    bool starving = false;

    drop_laggards(s);
    list_each(it, &s->viewers)
        starving |= viewer_wants(container_of(it, struct viewer, node));
    while (starving && s->leased == s->lease_max) {
        struct viewer *oldest = NULL;
        list_each(it, &s->viewers) {
            struct viewer *v = container_of(it, struct viewer, node);
            const struct packed_unit *p = viewer_current(v);
            if (p && (!oldest || p->read_us < viewer_current(oldest)->read_us))
                oldest = v;
        }
        if (!oldest)
            break;
        viewer_cut(oldest);
    }
    s->stuck = s->leased == s->lease_max;
    return !s->stuck;
}

/* ---- units ---------------------------------------------------------------------------------------------- */

/* Packs a unit in every format that a viewer needs; elementary streams carry no audio. */
static void pack(struct stream *s, struct packed_unit *p, int err[PACKET_FORMATS])
{
    err[PACKET_PS] = err[PACKET_ES] = 0;
    if (stream_is_undeclared(s, &p->unit)) {
        err[PACKET_PS] = -EAGAIN;
        return;
    }
    if (s->consumers[PACKET_PS] > 0) {
        err[PACKET_PS] = packetizer_build_ps(p, &s->declared, p->pts, p->dts);
        if (!err[PACKET_PS])
            ps_sent(&s->declared, &p->head);
    }
    if (s->consumers[PACKET_ES] > 0 && p->unit.kind == GB_VIDEO)
        err[PACKET_ES] = s->declared.video == GB_CODEC_NONE ? -EAGAIN : packetizer_build_es(p);
    if (err[PACKET_PS] || err[PACKET_ES])
        stream_count_unpackable(s, &p->unit, err[PACKET_PS] ? err[PACKET_PS] : err[PACKET_ES]);
}

static void distribute(struct stream *s, struct packed_unit *p)
{
    int err[PACKET_FORMATS];

    stream_clock_stamp(&s->clock, p);
    stream_track_codec(s, p);
    stream_count_faults(s, p);
    if (s->stats.viewers == 0)
        return;
    pack(s, p, err);
    list_each(it, &s->viewers) {
        struct viewer *v = container_of(it, struct viewer, node);
        if (!err[v->format])
            viewer_push(v, p);
        else if (p->unit.kind == GB_VIDEO)
            viewer_lost_unit(v);
    }
}

/* Returns the result of frame_source_ops.read. */
static int read_unit(struct stream *s)
{
    struct packed_unit *p = get_unit(s);
    struct gb_unit unit;
    int err = s->src->ops->read(s->src, &unit);

    if (err || !p) {
        if (!err) {
            s->stats.dropped_bad++;
            s->src->ops->release(s->src, &unit);
        }
        if (p)
            put_unit(s, p);
        return err;
    }
    p->unit = unit;
    p->refs = 1;
    p->read_us = loop_now_us(s->cfg.loop);
    if (++s->leased == s->lease_max)
        s->full_us = p->read_us;
    s->stats.units++;
    s->stats.keys += unit.key;
    for (unsigned i = 0; i < unit.nseg && i < GB_UNIT_SEGMENTS_MAX; i++)
        s->stats.bytes += unit.seg[i].len;
    distribute(s, p);
    if (--p->refs == 0)
        stream_release(&s->feed, p);
    stream_update_read(s);
    if (unit.key)
        trim_spare(s);
    return 0;
}

void stream_readable(struct loop_fd *w, unsigned ready, void *arg)
{
    struct stream *s = arg;
    int err = 0;

    (void)ready;
    for (unsigned i = 0; i < READS_PER_TURN && !err && w->events != 0; i++) {
        /* A unit is known to be ready for the first read only; drop nothing for a read that may return none. */
        if (s->src->live && s->leased == s->lease_max && (i > 0 || !make_room(s))) {
            stream_update_read(s);
            break;
        }
        err = read_unit(s);
    }
    if (err == -ENODATA && !s->src->live) {
        stream_source_ended(s);
    } else if (err && err != -EAGAIN) {
        stream_source_lost(s, err);
        return;
    }
    if (s->seen.video != GB_CODEC_NONE)
        stream_set_state(s, STREAM_RUNNING);
}
