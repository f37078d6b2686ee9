/* SPDX-License-Identifier: MIT */
/* The Responses to PresetQuery, CruiseTrackListQuery and CruiseTrackQuery, in pages. */
#include "agent/pager.h"

#include "device/device.h"
#include "manscdp/cruise.h"
#include "manscdp/presets.h"
#include "ua/ua.h"

#define ITEM_FRAME 96u /* bytes of an item without its name */
#define ESCAPED    6u  /* maximum length of an escaped byte */

static const char *channel_of(const struct ua *u, const struct pager_query *q)
{
    const struct device_item *item = device_channel_for(u->dev, span_of(q->device_id));
    return item ? item->cfg.id : q->device_id;
}

static const struct device_state *state_of(const struct ua *u)
{
    return device_state(u->dev);
}

static uint64_t version(const struct ua *u, const struct pager_query *q)
{
    return device_state_changed(state_of(u), channel_of(u, q));
}

static void open_answer(const struct ua *u, const struct pager_query *q, const char *cmd_type, struct buf *b)
{
    manscdp_begin(b, u->cfg.charset, MANSCDP_RESPONSE, cmd_type, q->sn, q->device_id);
}

/* ---- presets --------------------------------------------------------------------------------------- */

static unsigned count_presets(const struct ua *u, const struct pager_query *q, unsigned *total)
{
    return *total = device_state_presets(state_of(u), channel_of(u, q));
}

/* 2016 has no SumNum here. A Response that may need several pages has it anyway; the platform could not find the end
 * otherwise. */
static bool wants_sum(const struct ua *u, const struct pager_query *q)
{
    size_t max = 0;
    const struct device_preset *p;

    if (u->cfg.edition >= GB_2022)
        return true;
    for (unsigned i = 0; (p = device_state_preset(state_of(u), channel_of(u, q), i)); i++)
        max += ITEM_FRAME + ESCAPED * span_of(p->name).n;
    return max > ua_body_room(u) / 2;
}

static void begin_presets(const struct ua *u, const struct pager_query *q, unsigned num, struct buf *b)
{
    open_answer(u, q, "PresetQuery", b);
    preset_list_open(b, wants_sum(u, q), q->total, num);
}

static int put_preset(const struct ua *u, struct pager_query *q, unsigned index, struct buf *b)
{
    const struct device_preset *p = device_state_preset(state_of(u), channel_of(u, q), index);

    if (!p)
        return PAGER_SKIP;
    preset_item_put(b, p->number, p->name);
    return 0;
}

static void end_presets(const struct ua *u, const struct pager_query *q, struct buf *b)
{
    (void)u;
    (void)q;
    preset_list_close(b);
    manscdp_end(b, MANSCDP_RESPONSE);
}

const struct pager_source preset_pages = {
    .cmd_type = "PresetQuery",
    .count = count_presets,
    .version = version,
    .begin = begin_presets,
    .put_item = put_preset,
    .end = end_presets,
};

/* ---- cruise tracks --------------------------------------------------------------------------------- */

static unsigned count_tracks(const struct ua *u, const struct pager_query *q, unsigned *total)
{
    return *total = device_state_tracks(state_of(u), channel_of(u, q));
}

static void begin_tracks(const struct ua *u, const struct pager_query *q, unsigned num, struct buf *b)
{
    open_answer(u, q, "CruiseTrackListQuery", b);
    cruise_list_open(b, q->total, num);
}

static int put_track(const struct ua *u, struct pager_query *q, unsigned index, struct buf *b)
{
    const struct device_track *t = device_state_track(state_of(u), channel_of(u, q), index);

    if (!t)
        return PAGER_SKIP;
    cruise_list_item_put(b, t->number, t->name);
    return 0;
}

static void end_tracks(const struct ua *u, const struct pager_query *q, struct buf *b)
{
    (void)u;
    cruise_list_close(b, q->total);
    manscdp_end(b, MANSCDP_RESPONSE);
}

const struct pager_source track_pages = {
    .cmd_type = "CruiseTrackListQuery",
    .count = count_tracks,
    .version = version,
    .begin = begin_tracks,
    .put_item = put_track,
    .end = end_tracks,
};

/* ---- the points of one track ------------------------------------------------------------------------ */

static const struct device_track *track_of(const struct ua *u, const struct pager_query *q)
{
    return device_state_track_find(state_of(u), channel_of(u, q), q->args.number);
}

static unsigned count_points(const struct ua *u, const struct pager_query *q, unsigned *total)
{
    const struct device_track *t = track_of(u, q);
    return *total = t ? t->npoints : 0;
}

static void begin_points(const struct ua *u, const struct pager_query *q, unsigned num, struct buf *b)
{
    const struct device_track *t = track_of(u, q);

    open_answer(u, q, "CruiseTrackQuery", b);
    cruise_track_open(b, q->args.number, t ? t->name : NULL, q->total, num);
}

static int put_point(const struct ua *u, struct pager_query *q, unsigned index, struct buf *b)
{
    const struct device_track *t = track_of(u, q);

    if (!t || index >= t->npoints)
        return PAGER_SKIP;
    cruise_point_put(b, t->point[index], t->stay_s, t->speed);
    return 0;
}

static void end_points(const struct ua *u, const struct pager_query *q, struct buf *b)
{
    (void)u;
    cruise_track_close(b, q->total);
    manscdp_end(b, MANSCDP_RESPONSE);
}

const struct pager_source track_point_pages = {
    .cmd_type = "CruiseTrackQuery",
    .count = count_points,
    .version = version,
    .begin = begin_points,
    .put_item = put_point,
    .end = end_points,
};
