/* SPDX-License-Identifier: MIT */
#include "core/pager.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/agent_priv.h"
#include "core/device.h"
#include "manscdp/catalog.h"
#include "util/log.h"

#define ITEM_MAX 4096u                  /* every text of an item at its longest, each byte an entity */
#define HEAD_MAX 1024u

/* Memory of one page while it is made. */
struct page {
    char scratch[ITEM_MAX], items[MANSCDP_BODY_MAX], body[MANSCDP_BODY_MAX + HEAD_MAX];
};

void pager_init(struct pager *p, struct agent *a)
{
    memset(p, 0, sizeof(*p));
    p->agent = a;
    p->next_ref = 1;
}

void pager_free(struct pager *p)
{
    memset(p->query, 0, sizeof(p->query));
}

void pager_offline(struct pager *p)
{
    for (unsigned i = 0; i < PAGER_QUERIES_MAX; i++) {
        if (p->query[i].ref)
            log_info("catalog SN %s: the link is gone after %u of %u items", p->query[i].sn, p->query[i].cursor,
                     p->query[i].total);
    }
    memset(p->query, 0, sizeof(p->query));
}

/* ---- items ----------------------------------------------------------------------------------- */

static const char *text_or(const char *text, const char *otherwise)
{
    return text[0] ? text : otherwise;
}

/* The device's own item is left out when a channel has its ID: the same ID twice spoils the count. */
static bool has_self(const struct device *d)
{
    const struct device_config *cfg = device_config(d);
    return cfg->catalog_self && !device_item_find(d, span_of(cfg->id));
}

static void self_item(const struct pager *p, const struct device_config *cfg, struct catalog_item *it)
{
    *it = (struct catalog_item){
        .id = cfg->id, .name = cfg->name, .manufacturer = cfg->manufacturer, .model = cfg->model, .owner = "Owner",
        .civil_code = cfg->id, .block = "", .address = "", .parent = agent_get_config(p->agent)->server_id,
        .parental = true, .on = true,
    };
}

static void fill_item(const struct pager *p, unsigned index, struct catalog_item *it)
{
    const struct device *d = agent_device(p->agent);
    const struct device_config *cfg = device_config(d);
    const bool self = has_self(d);

    if (self && index == 0) {
        self_item(p, cfg, it);
        return;
    }
    const struct device_item *item = device_item_at(d, index - self);
    const struct device_item_config *c = &item->cfg;
    *it = (struct catalog_item){
        .id = c->id, .name = c->name, .manufacturer = text_or(c->manufacturer, cfg->manufacturer),
        .model = text_or(c->model, cfg->model), .owner = text_or(c->owner, "Owner"),
        .civil_code = text_or(c->civil_code, c->id), .block = c->block, .address = c->address,
        .parent = text_or(c->parent, cfg->id), .on = item->state == DEVICE_ITEM_ON,
        .longitude = c->has_position ? c->longitude : 0, .latitude = c->has_position ? c->latitude : 0,
        .camera = c->kind == DEVICE_CHANNEL, .ptz_type = c->kind == DEVICE_CHANNEL ? c->ptz_type : 0,
    };
}

static unsigned count_items(const struct pager *p)
{
    const struct device *d = agent_device(p->agent);
    return device_item_count(d) + has_self(d);
}

/* ---- pages ----------------------------------------------------------------------------------- */

static int put_head(const struct pager *p, const struct pager_query *q, unsigned num, struct page *pg, struct buf *out)
{
    enum charset cs = agent_get_config(p->agent)->charset;
    struct buf utf8;

    buf_init(&utf8, pg->scratch, sizeof(pg->scratch));
    catalog_begin(&utf8, cs, q->sn, q->device_id, q->total, num);
    return manscdp_convert(cs, &utf8, out);
}

/* As many items as fit, at least one. Returns how many, or a negative errno. */
static int put_items(const struct pager *p, const struct pager_query *q, size_t room, struct page *pg,
                     struct buf *items)
{
    const struct agent_config *cfg = agent_get_config(p->agent);
    struct catalog_item it;
    struct buf utf8;
    int n = 0;

    for (unsigned i = q->cursor; i < q->total; i++, n++) {
        size_t before = items->len;
        buf_init(&utf8, pg->scratch, sizeof(pg->scratch));
        fill_item(p, i, &it);
        char code[sizeof(((struct device_item_config *)0)->civil_code)];
        /* An ID given as code stands for its first six digits. */
        snprintf(code, sizeof(code), "%.*s", it.civil_code == it.id ? 6 : 8, it.civil_code);
        it.civil_code = code;
        catalog_item_put(&utf8, cfg->edition, &it);
        int ret = manscdp_convert(cfg->charset, &utf8, items);
        if (ret && ret != -EMSGSIZE)
            return ret;
        if (n && (ret || items->len > room)) {
            items->len = before;
            items->overflow = false;
            break;
        }
        if (ret)
            return ret;
    }
    return n;
}

/* The page at the cursor. Returns the number of items or a negative errno. */
static int build_page(const struct pager *p, const struct pager_query *q, struct page *pg, struct span *out)
{
    struct buf items, body;
    size_t room = agent_body_room(p->agent);
    int n, ret;

    /* Num takes no more digits than SumNum: the head measured with it is the longest. */
    buf_init(&body, pg->body, sizeof(pg->body));
    ret = put_head(p, q, q->total, pg, &body);
    if (ret)
        return ret;
    catalog_end(&body, q->total);
    room = room > body.len ? room - body.len : 0;

    buf_init(&items, pg->items, sizeof(pg->items));
    n = put_items(p, q, room, pg, &items);
    if (n < 0)
        return n;
    buf_reset(&body);
    ret = put_head(p, q, (unsigned)n, pg, &body);
    if (ret)
        return ret;
    buf_span(&body, (struct span){ items.data, items.len });
    catalog_end(&body, q->total);
    *out = buf_view(&body);
    return body.overflow ? -EMSGSIZE : n;
}

static void drop(struct pager_query *q, const char *why)
{
    log_warn("catalog SN %s: given up after %u of %u items: %s", q->sn, q->cursor, q->total, why);
    memset(q, 0, sizeof(*q));
}

/* A reload while pages are under way: from the start again with the new number, which platforms take from each page. */
static bool still_valid(struct pager *p, struct pager_query *q)
{
    uint64_t layout = device_layout(agent_device(p->agent));

    if (q->layout == layout)
        return true;
    if (q->restarts++ >= PAGER_RESTARTS_MAX)
        return false;
    q->layout = layout;
    q->cursor = 0;
    q->total = count_items(p);
    return true;
}

static int send_built(struct pager *p, struct pager_query *q, struct page *pg, const struct gb_time *now)
{
    struct span body;
    int n = build_page(p, q, pg, &body);

    if (n < 0)
        return n;
    int ret = agent_send_message(p->agent, MESSAGE_PAGE, q->ref, body, now);
    if (ret)
        return ret;
    q->in_flight = true;
    q->sent = (unsigned)n;
    return 0;
}

static void send_page(struct pager *p, struct pager_query *q, const struct gb_time *now)
{
    struct page *pg;
    int ret = -ENOMEM;

    if (!still_valid(p, q)) {
        drop(q, "the list keeps changing");
        return;
    }
    pg = malloc(sizeof(*pg));
    if (pg)
        ret = send_built(p, q, pg, now);
    free(pg);
    if (!ret) {
        q->stalls = 0;
    } else if ((ret == -ENOBUFS || ret == -ENOMEM) && q->stalls++ < PAGER_STALLS_MAX) {
        q->resume_ms = now->mono_ms + PAGER_PAUSE_MS;
    } else {
        drop(q, strerror(-ret));
    }
}

int pager_start(struct pager *p, const char *sn, const char *device_id, const struct gb_time *now)
{
    struct pager_query *q = NULL;

    for (unsigned i = 0; i < PAGER_QUERIES_MAX; i++) {
        struct pager_query *other = &p->query[i];
        if (!other->ref)
            q = q ? q : other;
        else if (!strcmp(other->sn, sn) && !strcmp(other->device_id, device_id))
            return -EALREADY;
    }
    /* The newest goes: a platform that asks too often would otherwise never get one whole answer. */
    if (!q)
        return -ENOSPC;
    memset(q, 0, sizeof(*q));
    q->ref = p->next_ref++;
    p->next_ref += !p->next_ref;
    q->layout = device_layout(agent_device(p->agent));
    q->total = count_items(p);
    snprintf(q->sn, sizeof(q->sn), "%s", sn);
    snprintf(q->device_id, sizeof(q->device_id), "%s", device_id);
    send_page(p, q, now);
    return 0;
}

void pager_message_done(struct pager *p, uint32_t ref, int status, const struct gb_time *now)
{
    struct pager_query *q = NULL;

    for (unsigned i = 0; i < PAGER_QUERIES_MAX; i++) {
        if (ref && p->query[i].ref == ref)
            q = &p->query[i];
    }
    if (!q || !q->in_flight)
        return;
    q->in_flight = false;
    if (status >= 200 && status < 300) {
        q->cursor += q->sent;
        q->retries = 0;
        if (q->cursor >= q->total) {
            log_info("catalog SN %s: %u items sent", q->sn, q->total);
            memset(q, 0, sizeof(*q));
            return;
        }
    } else if (status < 0) {
        drop(q, "the link is gone");
        return;
    } else if (q->retries++ >= PAGER_RETRIES_MAX) {
        drop(q, status ? "refused" : "no answer");
        return;
    }
    send_page(p, q, now);
}

void pager_tick(struct pager *p, const struct gb_time *now)
{
    for (unsigned i = 0; i < PAGER_QUERIES_MAX; i++) {
        struct pager_query *q = &p->query[i];
        if (q->ref && !q->in_flight && q->resume_ms <= now->mono_ms)
            send_page(p, q, now);
    }
}

uint64_t pager_deadline(const struct pager *p)
{
    uint64_t next = UINT64_MAX;

    for (unsigned i = 0; i < PAGER_QUERIES_MAX; i++) {
        const struct pager_query *q = &p->query[i];
        if (q->ref && !q->in_flight && q->resume_ms < next)
            next = q->resume_ms;
    }
    return next;
}
