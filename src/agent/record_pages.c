/* SPDX-License-Identifier: MIT */
/* RecordInfo, answered in pages that the board is asked for one by one. */
#include <errno.h>
#include <string.h>

#include "agent/ua.h"
#include "agent/pager.h"
#include "agent/router_priv.h"
#include "device/device.h"
#include "manscdp/record.h"
#include "util/log.h"

#define PACE_MS 20u                     /* platforms lose pages that come at once */
#define TOTAL_MS 12000u                 /* the most patient one forgets the query after 15 s */

static const struct device_item *channel_of(const struct ua *u, const struct pager_query *q)
{
    return device_channel_for(u->dev, span_of(q->device_id));
}

/* Records come and go with the minutes and not with the config; a changed number shows when the next page comes. */
static uint64_t version(const struct ua *u, const struct pager_query *q)
{
    (void)u;
    (void)q;
    return 0;
}

static void fetch(struct ua *u, const struct pager_query *q, unsigned max)
{
    const struct device_item *it = channel_of(u, q);
    const struct agent_event ev = {
        .kind = AGENT_QUERY, .token = q->token, .channel = it ? it->cfg.id : q->device_id,
        .u.query = { .kind = AGENT_QUERY_RECORDS, .records = &q->about.records.query, .skip = q->cursor, .max = max },
    };

    ua_event_push(u, &ev);
}

static const char *channel_name(const struct ua *u, const struct pager_query *q)
{
    const struct device_item *it = channel_of(u, q);

    return it ? it->cfg.name : device_config(u->dev)->name;
}

static void begin(const struct ua *u, const struct pager_query *q, unsigned num, struct buf *b)
{
    record_begin(b, u->cfg.charset, q->sn, q->device_id, !q->err, channel_name(u, q), q->total, num);
}

/* A large platform takes start and end together as the key of a record, and never ends when two have the same: each
 * pair has to be above the one before. The later record is clipped by one second, or lasts one second longer when it
 * is too short for that. */
static void make_unique(struct pager_mark *last, const struct board_record *r)
{
    struct pager_mark at = { r->start_unix_s, r->end_unix_s };

    if (at.a < last->a)
        at.a = last->a;
    if (at.a == last->a && at.b <= last->b) {
        if (at.a + 1 < at.b)
            at.a++;
        else
            at.b = last->b + 1;
    }
    *last = at;
}

static int put_item(const struct ua *u, struct pager_query *q, unsigned index, struct buf *b)
{
    const struct board_record *r = &q->record[index - q->cursor];
    const struct device_item *channel = channel_of(u, q);
    const int zone = q->about.records.utc_offset_s;
    struct record_item it = { .device_id = channel ? channel->cfg.id : q->device_id, .record = r };

    make_unique(&q->next_mark, r);
    it.name = r->name[0] ? r->name : channel_name(u, q);
    /* Where it is kept has to be said when it was asked for wherever it is kept. */
    it.location = q->about.records.indistinct ? device_config(u->dev)->id : "";
    walltime_print(q->next_mark.a * 1000, zone, it.start);
    walltime_print(q->next_mark.b * 1000, zone, it.end);
    record_item_put(b, u->cfg.edition, &it);
    return 0;
}

static void end(const struct ua *u, const struct pager_query *q, struct buf *b)
{
    (void)u;
    record_end(b, q->total);
}

const struct pager_source record_pages = {
    .what = "records", .pace_ms = PACE_MS, .total_ms = TOTAL_MS, .version = version, .fetch = fetch, .begin = begin,
    .put_item = put_item, .end = end,
};

/* Nothing is asked of the board. */
static unsigned count_none(const struct ua *u, const struct pager_query *q, unsigned *total)
{
    (void)u;
    (void)q;
    *total = 0;
    return 0;
}

static const struct pager_source no_records = {
    .what = "records", .total_ms = TOTAL_MS, .version = version, .count = count_none, .begin = begin,
    .put_item = put_item, .end = end,
};

/* Why the answer is ERROR, or NULL. */
static const char *why_refused(const struct router *r, const struct manscdp_request *m, const struct board_record_query *q)
{
    if (m->error && m->error != -ENOENT)
        return "unreadable";
    if (!device_channel_for(r->ua->dev, span_of(m->device_id)))
        return "it is for no channel here";
    return !m->error && q->start_unix_s > q->end_unix_s ? "StartTime is after EndTime" : NULL;
}

/* Why the answer is empty, or NULL. */
static const char *why_none(const struct manscdp_request *m)
{
    if (m->error)
        return "such names are not here";
    /* By To and the platform's own records alone are meant (9.7). */
    return m->u.records.centre && !m->u.records.indistinct ? "those of the platform are asked for" : NULL;
}

/* Platforms fill a filter with the ID of what they ask, as the standard's own sample does: that narrows nothing. */
static void drop_own_name(const struct router *r, const char *asked, char *filter)
{
    if (filter[0] && (!strcmp(filter, asked) || router_is_known(r, filter)))
        filter[0] = '\0';
}

void router_act_records(struct router *r, const struct manscdp_request *m, const struct gb_time *now)
{
    const char *link = r->ua->cfg.name, *why;
    union pager_about about = { .records = m->u.records };

    about.records.utc_offset_s = now->utc_offset_s;
    about.records.query.start_unix_s = manscdp_when_unix(&m->u.records.start, now->utc_offset_s);
    about.records.query.end_unix_s = manscdp_when_unix(&m->u.records.end, now->utc_offset_s);
    drop_own_name(r, m->device_id, about.records.query.path);
    drop_own_name(r, m->device_id, about.records.query.address);
    drop_own_name(r, m->device_id, about.records.query.recorder);
    why = why_refused(r, m, &about.records.query);
    if (why) {
        router_warn_refused(r, m, why, now);
        router_respond(r, m, false, NULL, now);
        return;
    }
    why = why_none(m);
    if (why)
        log_info_gated(&r->refusals, now->mono_ms, "%s: RecordInfo SN %s of %s: none: %s", link, m->sn, m->device_id, why);
    router_pages(r, why ? &no_records : &record_pages, m, &about, now);
}
