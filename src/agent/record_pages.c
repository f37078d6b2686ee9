/* SPDX-License-Identifier: MIT */
/* The Response to RecordInfo, in pages whose items are fetched from the board page by page. */
#include "ua/ua.h"
#include "agent/pager.h"
#include "device/device.h"
#include "manscdp/record.h"

#define PACE_MS  20u    /* platforms lose pages that arrive in quick succession */
#define TOTAL_MS 12000u /* platforms wait 15 s at most */

static const struct device_item *channel_of(const struct ua *u, const struct pager_query *q)
{
    return device_channel_for(u->dev, span_of(q->device_id));
}

/* Independent of the config; pager_fetched notices a change of the number of records. */
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
        .kind = AGENT_QUERY,
        .token = q->token,
        .channel = it ? it->cfg.id : q->device_id,
        .u.query = { .kind = AGENT_QUERY_RECORDS, .records = &q->args.records.query, .skip = q->cursor, .max = max },
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

/* A common platform uses start and end as the key of a record and waits forever if two are equal, so each pair must be
 * greater than the previous one. The later record is shortened by one second, or lengthened if it is too short for
 * that. */
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
    const int zone = q->args.records.utc_offset_s;
    struct record_item it = { .device_id = channel ? channel->cfg.id : q->device_id, .record = r };

    make_unique(&q->next_mark, r);
    it.name = r->name[0] ? r->name : channel_name(u, q);
    /* IndistinctQuery requires the location of each record. */
    it.location = q->args.records.indistinct ? device_config(u->dev)->id : "";
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
    .cmd_type = "RecordInfo",
    .pace_ms = PACE_MS,
    .total_ms = TOTAL_MS,
    .version = version,
    .fetch = fetch,
    .begin = begin,
    .put_item = put_item,
    .end = end,
};

static unsigned count_none(const struct ua *u, const struct pager_query *q, unsigned *total)
{
    (void)u;
    (void)q;
    *total = 0;
    return 0;
}

const struct pager_source record_none_pages = {
    .cmd_type = "RecordInfo",
    .total_ms = TOTAL_MS,
    .version = version,
    .count = count_none,
    .begin = begin,
    .put_item = put_item,
    .end = end,
};
