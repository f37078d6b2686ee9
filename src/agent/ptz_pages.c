/* SPDX-License-Identifier: MIT */
/* The answers to PresetQuery, CruiseTrackListQuery and CruiseTrackQuery. */
#include "agent/pager.h"

#include "agent/agent_priv.h"
#include "device/device.h"
#include "manscdp/presets.h"

#define ITEM_FRAME 96u                  /* bytes of an item without its name */
#define ESCAPED 6u                      /* bytes that one byte of a name can become */

static const char *channel_of(const struct agent *a, const struct pager_query *q)
{
    const struct device_item *item = device_channel_for(agent_device(a), span_of(q->device_id));
    return item ? item->cfg.id : q->device_id;
}

static const struct device_state *state_of(const struct agent *a)
{
    return device_state(agent_device(a));
}

static uint64_t version(const struct agent *a, const struct pager_query *q)
{
    return device_state_changed(state_of(a), channel_of(a, q));
}

static void open_answer(const struct agent *a, const struct pager_query *q, const char *cmd_type, struct buf *b)
{
    manscdp_begin(b, agent_get_config(a)->charset, MANSCDP_RESPONSE, cmd_type, q->sn, q->device_id);
}

/* ---- presets --------------------------------------------------------------------------------------- */

static unsigned count_presets(const struct agent *a, const struct pager_query *q, unsigned *total)
{
    return *total = device_state_presets(state_of(a), channel_of(a, q));
}

/* 2016 has no SumNum here; an answer that may need several parts gets it all the same, or nobody could tell when it is
 * complete. */
static bool wants_sum(const struct agent *a, const struct pager_query *q)
{
    size_t most = 0;
    const struct device_preset *p;

    if (agent_get_config(a)->edition >= GB_2022)
        return true;
    for (unsigned i = 0; (p = device_state_preset(state_of(a), channel_of(a, q), i)); i++)
        most += ITEM_FRAME + ESCAPED * span_of(p->name).n;
    return most > agent_body_room(a) / 2;
}

static void begin_presets(const struct agent *a, const struct pager_query *q, unsigned num, struct buf *b)
{
    open_answer(a, q, "PresetQuery", b);
    if (wants_sum(a, q))
        xml_putf(b, "SumNum", "%u", q->total);
    xml_open_num(b, "PresetList", num);
}

static int put_preset(const struct agent *a, struct pager_query *q, unsigned index, struct buf *b)
{
    const struct device_preset *p = device_state_preset(state_of(a), channel_of(a, q), index);

    if (!p)
        return PAGER_SKIP;
    preset_item_put(b, p->number, p->name);
    return 0;
}

static void end_presets(const struct agent *a, const struct pager_query *q, struct buf *b)
{
    (void)a;
    (void)q;
    xml_close(b, "PresetList");
    manscdp_end(b, MANSCDP_RESPONSE);
}

const struct pager_source preset_pages = {
    .what = "presets", .count = count_presets, .version = version, .begin = begin_presets, .put_item = put_preset,
    .end = end_presets,
};

/* ---- cruise tracks --------------------------------------------------------------------------------- */

static unsigned count_tracks(const struct agent *a, const struct pager_query *q, unsigned *total)
{
    return *total = device_state_tracks(state_of(a), channel_of(a, q));
}

static void begin_tracks(const struct agent *a, const struct pager_query *q, unsigned num, struct buf *b)
{
    open_answer(a, q, "CruiseTrackListQuery", b);
    xml_putf(b, "SumNum", "%u", q->total);
    if (q->total)
        xml_open_num(b, "CruiseTrackList", num);
}

static int put_track(const struct agent *a, struct pager_query *q, unsigned index, struct buf *b)
{
    const struct device_track *t = device_state_track(state_of(a), channel_of(a, q), index);

    if (!t)
        return PAGER_SKIP;
    track_item_put(b, t->number, t->name);
    return 0;
}

static void end_tracks(const struct agent *a, const struct pager_query *q, struct buf *b)
{
    (void)a;
    if (q->total)
        xml_close(b, "CruiseTrackList");
    manscdp_end(b, MANSCDP_RESPONSE);
}

const struct pager_source track_pages = {
    .what = "cruise tracks", .count = count_tracks, .version = version, .begin = begin_tracks, .put_item = put_track,
    .end = end_tracks,
};

/* ---- the points of one track ------------------------------------------------------------------------ */

static const struct device_track *track_of(const struct agent *a, const struct pager_query *q)
{
    return device_state_track_find(state_of(a), channel_of(a, q), q->about.number);
}

static unsigned count_points(const struct agent *a, const struct pager_query *q, unsigned *total)
{
    const struct device_track *t = track_of(a, q);
    return *total = t ? t->npoints : 0;
}

static void begin_points(const struct agent *a, const struct pager_query *q, unsigned num, struct buf *b)
{
    const struct device_track *t = track_of(a, q);

    open_answer(a, q, "CruiseTrackQuery", b);
    xml_putf(b, "Number", "%u", q->about.number);
    if (t)
        track_name_put(b, t->name);
    xml_putf(b, "SumNum", "%u", q->total);
    if (q->total)
        xml_open_num(b, "CruisePointList", num);
}

static int put_point(const struct agent *a, struct pager_query *q, unsigned index, struct buf *b)
{
    const struct device_track *t = track_of(a, q);

    if (!t || index >= t->npoints)
        return PAGER_SKIP;
    track_point_put(b, t->point[index], t->stay_s, t->speed);
    return 0;
}

static void end_points(const struct agent *a, const struct pager_query *q, struct buf *b)
{
    (void)a;
    if (q->total)
        xml_close(b, "CruisePointList");
    manscdp_end(b, MANSCDP_RESPONSE);
}

const struct pager_source track_point_pages = {
    .what = "cruise track", .count = count_points, .version = version, .begin = begin_points, .put_item = put_point,
    .end = end_points,
};
