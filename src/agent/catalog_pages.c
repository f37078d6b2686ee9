/* SPDX-License-Identifier: MIT */
/* The Response to a Catalog query, in pages. */
#include "ua/ua.h"
#include "agent/pager.h"
#include "device/catalog_item.h"
#include "device/device.h"

#define CLOCK_SET_UNIX_S 946684800 /* 2000; earlier times were taken before the clock was set */

/* Not if a channel has the device's ID: platforms count distinct IDs. */
static bool has_self(const struct device *d)
{
    const struct device_config *cfg = device_config(d);
    return cfg->catalog_self && !device_item_find(d, span_of(cfg->id));
}

static void self_item(const struct ua *u, const struct device_config *cfg, struct catalog_item *it,
                      char code[CATALOG_CODE_SIZE])
{
    /* An ID begins with its administrative division. */
    span_copy((struct span){ cfg->id, 6 }, code, CATALOG_CODE_SIZE);
    *it = (struct catalog_item){
        .id = cfg->id,
        .name = cfg->name,
        .manufacturer = cfg->manufacturer,
        .model = cfg->model,
        .owner = "Owner",
        .civil_code = code,
        .block = "",
        .address = "",
        .parent = u->cfg.server_id,
        .parental = true,
        .on = true,
    };
}

/* Was the item added within the query's time range? true if the time is unknown. */
static bool is_in(const struct manscdp_period *s, int64_t added_unix_s)
{
    if (added_unix_s < CLOCK_SET_UNIX_S)
        return true;
    return (!s->has_from || s->from.unix_s <= added_unix_s) && (!s->has_to || added_unix_s <= s->to.unix_s);
}

static unsigned count(const struct ua *u, const struct pager_query *q, unsigned *total)
{
    const struct device *d = u->dev;
    const unsigned n = device_item_count(d), self = has_self(d) ? 1 : 0;

    *total = self;
    for (unsigned i = 0; i < n; i++)
        *total += is_in(&q->args.period, device_item_at(d, i)->added_unix_s);
    return n + self;
}

static void begin(const struct ua *u, const struct pager_query *q, unsigned num, struct buf *b)
{
    catalog_begin(b, u->cfg.charset, q->sn, q->device_id, q->total, num);
}

static int put_item(const struct ua *u, struct pager_query *q, unsigned index, struct buf *b)
{
    const struct device *d = u->dev;
    const bool self = has_self(d);
    struct catalog_item it;
    char code[CATALOG_CODE_SIZE];

    if (self && index == 0) {
        self_item(u, device_config(d), &it, code);
    } else {
        const struct device_item *item = device_item_at(d, index - self);
        if (!is_in(&q->args.period, item->added_unix_s))
            return PAGER_SKIP;
        catalog_item_of(d, item, &it, code);
    }
    catalog_item_put(b, u->cfg.edition, &it);
    return 0;
}

static void end(const struct ua *u, const struct pager_query *q, struct buf *b)
{
    (void)u;
    catalog_end(b, q->total);
}

/* No total_ms: platforms limit only the time between two pages, to seconds. */
const struct pager_source catalog_pages = {
    .cmd_type = "Catalog",
    .count = count,
    .begin = begin,
    .put_item = put_item,
    .end = end,
};
