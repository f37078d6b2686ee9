/* SPDX-License-Identifier: MIT */
/* What changed in the catalogue, as NOTIFYs: net changes of a batch, so that what came and went leaves no trace. */
#include "agent/subscription_priv.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "device/catalog_item.h"

#define ITEM_MAX 4096u
#define HEAD_MAX 1024u

static const char *const state_events[] = {
    [DEVICE_ITEM_ON] = "ON", [DEVICE_ITEM_VLOST] = "VLOST", [DEVICE_ITEM_DEFECT] = "DEFECT", [DEVICE_ITEM_OFF] = "OFF",
};

const char *subscription_device_id(const struct subscription *x)
{
    return x->one_item ? x->want.device_id : x->set->ua->device_id;
}

/* ---- gathering ----------------------------------------------------------------------------------- */

/* What a batch does to one item. */
struct net {
    char id_text[GBID_SIZE];
    bool before;                        /* it was there when the batch began */
    bool changed;                       /* not only its state */
    bool stated;
    enum device_item_state was;         /* its first state; stated */
};

static struct net *net_of(struct net *net, unsigned *n, unsigned room, const char *id)
{
    for (unsigned i = 0; i < *n; i++) {
        if (!strcmp(net[i].id_text, id))
            return &net[i];
    }
    if (*n == room)
        return NULL;
    snprintf(net[*n].id_text, sizeof(net[*n].id_text), "%s", id);
    return &net[(*n)++];
}

static void net_add(struct net *e, bool fresh, const struct device_change *c)
{
    if (fresh)
        e->before = c->kind != DEVICE_CHANGE_ADD;
    if (c->kind != DEVICE_CHANGE_STATE)
        e->changed = true;
    if (c->kind == DEVICE_CHANGE_STATE && !e->stated) {
        e->stated = true;
        e->was = c->was;
    }
}

/* NULL: nothing is left of it. */
static const char *net_event(const struct device *d, const struct net *e)
{
    const struct device_item *item = device_item_find(d, span_of(e->id_text));

    if (!item)
        return e->before ? "DEL" : NULL;
    if (!e->before)
        return "ADD";
    if (e->changed)
        return "UPDATE";
    return e->stated && e->was != item->state ? state_events[item->state] : NULL;
}

static void change_add(struct subscription *x, const char *id, const char *event)
{
    struct catalog_change *c = &x->change[x->nchanges];

    if (!event || !subscription_covers(x, id))
        return;
    snprintf(c->id, sizeof(c->id), "%s", id);
    c->event = event;
    x->nchanges++;
}

static int change_room(struct subscription *x, unsigned count)
{
    struct catalog_change *change = calloc(count ? count : 1, sizeof(*change));

    if (!change)
        return -ENOMEM;
    free(x->change);
    x->change = change;
    x->nchanges = x->next = x->sent = 0;
    return 0;
}

/* Every item, when nobody knows any more what changed. */
static int gather_all(struct subscription *x)
{
    const struct device *d = x->set->ua->dev;
    int ret = change_room(x, device_item_count(d));

    for (unsigned i = 0; !ret && i < device_item_count(d); i++)
        change_add(x, device_item_at(d, i)->cfg.id, "UPDATE");
    return ret;
}

int subscription_catalog_first(struct subscription *x)
{
    const struct device *d = x->set->ua->dev;
    int ret = change_room(x, device_item_count(d));

    for (unsigned i = 0; !ret && i < device_item_count(d); i++) {
        const struct device_item *item = device_item_at(d, i);
        change_add(x, item->cfg.id, item->state == DEVICE_ITEM_ON ? NULL : state_events[item->state]);
    }
    return ret;
}

static int gather_net(struct subscription *x, struct net *net, unsigned room)
{
    const struct device *d = x->set->ua->dev;
    struct device_change c;
    unsigned n = 0;
    int ret;

    while ((ret = device_journal_next(d, &x->cursor, &c)) == 1) {
        unsigned known = n;
        struct net *e = net_of(net, &n, room, c.id);
        if (e)
            net_add(e, n > known, &c);
    }
    if (ret == -EOVERFLOW)
        return gather_all(x);
    ret = change_room(x, n);
    for (unsigned i = 0; !ret && i < n; i++)
        change_add(x, net[i].id_text, net_event(d, &net[i]));
    return ret;
}

int subscription_catalog_gather(struct subscription *x)
{
    uint64_t behind = device_journal_end(x->set->ua->dev) - x->cursor, cursor = x->cursor;
    unsigned room = behind < DEVICE_JOURNAL_MAX ? (unsigned)behind : DEVICE_JOURNAL_MAX;
    struct net *net = calloc(room ? room : 1, sizeof(*net));
    int ret;

    if (!net)
        return -ENOMEM;
    ret = gather_net(x, net, room);
    if (ret)
        x->cursor = cursor;             /* to be tried again */
    free(net);
    return ret;
}

/* ---- sending ------------------------------------------------------------------------------------- */

/* Memory of one NOTIFY while it is made. */
struct page {
    char scratch[ITEM_MAX], items[MANSCDP_BODY_MAX], body[MANSCDP_BODY_MAX + HEAD_MAX];
};

/* false: the item is gone meanwhile, DEL will follow. */
static bool put_change(const struct subscription *x, const struct catalog_change *c, struct buf *utf8)
{
    const bool whole = !strcmp(c->event, "ADD") || !strcmp(c->event, "UPDATE");
    const struct device_item *item = device_item_find(x->set->ua->dev, span_of(c->id));
    struct catalog_item it;
    char code[CATALOG_CODE_SIZE];

    if (!whole) {
        catalog_event_put(utf8, c->id, c->event);
        return true;
    }
    if (!item)
        return false;
    catalog_item_of(x->set->ua->dev, item, &it, code);
    it.event = c->event;
    catalog_item_put(utf8, x->set->ua->cfg.edition, &it);
    return true;
}

/* As many changes as fit, at least one. *num: items written; *taken: changes used up. */
static int put_changes(const struct subscription *x, size_t room, struct page *pg, struct buf *items, unsigned *num,
                       unsigned *taken)
{
    struct buf utf8;

    *num = *taken = 0;
    for (unsigned i = x->next; i < x->nchanges; i++, ++*taken) {
        size_t before = items->len;
        buf_init(&utf8, pg->scratch, sizeof(pg->scratch));
        if (!put_change(x, &x->change[i], &utf8))
            continue;
        int ret = manscdp_convert(x->set->ua->cfg.charset, &utf8, items);
        if (*num && (ret == -EMSGSIZE || items->len > room)) {
            items->len = before;
            items->overflow = false;
            break;
        }
        if (ret)
            return ret;
        ++*num;
    }
    return 0;
}

static int put_head(const struct subscription *x, unsigned num, struct page *pg, struct buf *body)
{
    enum charset cs = x->set->ua->cfg.charset;
    struct buf utf8;

    buf_init(&utf8, pg->scratch, sizeof(pg->scratch));
    catalog_notify_begin(&utf8, cs, x->set->ua->next_sn, subscription_device_id(x), num);
    return manscdp_convert(cs, &utf8, body);
}

static int send_page(struct subscription *x, struct page *pg, const struct gb_time *now)
{
    size_t room = subscription_room(x, now);
    unsigned num, taken;
    struct buf items, body;
    int ret;

    (void)ua_next_sn(x->set->ua);
    /* The head with the largest number is the longest. */
    buf_init(&body, pg->body, sizeof(pg->body));
    ret = put_head(x, x->nchanges, pg, &body);
    if (ret)
        return ret;
    catalog_notify_end(&body);
    room = room > body.len ? room - body.len : 0;
    buf_init(&items, pg->items, sizeof(pg->items));
    ret = put_changes(x, room, pg, &items, &num, &taken);
    if (ret)
        return ret;
    if (!num) {
        x->next += taken;
        return 0;
    }
    buf_reset(&body);
    ret = put_head(x, num, pg, &body);
    if (ret)
        return ret;
    buf_span(&body, buf_view(&items));
    catalog_notify_end(&body);
    if (body.overflow)
        return -EMSGSIZE;
    ret = subscription_notify(x, buf_view(&body), now);
    if (!ret)
        x->sent = taken;
    return ret;
}

int subscription_catalog_send(struct subscription *x, const struct gb_time *now)
{
    struct page *pg = malloc(sizeof(*pg));
    int ret = pg ? send_page(x, pg, now) : -ENOMEM;

    free(pg);
    if (ret == -EMSGSIZE)
        x->next++;                      /* never, unless headers alone fill a message */
    return ret;
}
