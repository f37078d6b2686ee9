/* SPDX-License-Identifier: MIT */
#include "agent/pager.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/command_log.h"
#include "device/device.h"
#include "ua/ua.h"
#include "util/log.h"

#define ITEM_MAX MANSCDP_BODY_MAX /* fits an item whose texts have maximum length and consist of entities */
#define HEAD_MAX 1024u
#define ITEM_MIN 256u /* bytes of the shortest item requested from the board */

#define PAUSE_RESERVE 6u /* pauses leave 1/PAUSE_RESERVE of total_ms unused */

/* Buffers for writing one page. */
struct page {
    char scratch[ITEM_MAX], items[MANSCDP_BODY_MAX], body[MANSCDP_BODY_MAX + HEAD_MAX];
};

void pager_init(struct pager *p, struct ua *u)
{
    memset(p, 0, sizeof(*p));
    p->ua = u;
    p->next_ref = 1;
}

void pager_free(struct pager *p)
{
    memset(p->query, 0, sizeof(p->query));
}

static void finish(struct pager_query *q)
{
    memset(q, 0, sizeof(*q));
}

static const char *named(const struct pager_query *q, char out[COMMAND_LOG_SIZE])
{
    return command_log(out, q->source->cmd_type, q->sn, q->device_id);
}

static void drop(struct pager *p, struct pager_query *q, const char *why)
{
    char command[COMMAND_LOG_SIZE];

    log_warn("%s: response-incomplete command=%s count=%u total=%u reason=\"%s\"", p->ua->cfg.name, named(q, command),
             q->items, q->total, why);
    finish(q);
}

void pager_offline(struct pager *p)
{
    for (unsigned i = 0; i < PAGER_QUERIES_MAX; i++)
        if (p->query[i].ref)
            drop(p, &p->query[i], "offline");
}

static uint32_t next_number(struct pager *p)
{
    uint32_t n = p->next_ref++;

    p->next_ref += !p->next_ref;
    return n;
}

/* ---- pages ----------------------------------------------------------------------------------- */

static enum charset charset_of(const struct pager *p)
{
    return p->ua->cfg.charset;
}

static int put_head(const struct pager *p, const struct pager_query *q, unsigned num, struct page *pg, struct buf *out)
{
    struct buf utf8;

    buf_init(&utf8, pg->scratch, sizeof(pg->scratch));
    q->source->begin(p->ua, q, num, &utf8);
    return manscdp_convert(charset_of(p), &utf8, out);
}

/* Appends one item. 0, PAGER_SKIP, -EMSGSIZE if it does not fit, or another negative errno. */
static int put_item(const struct pager *p, struct pager_query *q, unsigned index, struct page *pg, struct buf *items)
{
    struct buf utf8;

    buf_init(&utf8, pg->scratch, sizeof(pg->scratch));
    int got = q->source->put_item(p->ua, q, index, &utf8);
    return got ? got : manscdp_convert(charset_of(p), &utf8, items);
}

/* Appends as many items as fit, at least one; *places: the places used. Returns their number, or a negative errno. */
static int put_items(const struct pager *p, struct pager_query *q, unsigned end, size_t room, struct page *pg,
                     struct buf *items, unsigned *places)
{
    unsigned i = q->cursor;
    int n = 0;

    q->next_mark = q->mark;
    for (; i < end; i++) {
        const struct pager_mark before = q->next_mark;
        size_t len = items->len;
        int got = put_item(p, q, i, pg, items);
        if (got == PAGER_SKIP)
            continue;
        if (got && got != -EMSGSIZE)
            return got;
        if (n && (got || items->len > room)) {
            q->next_mark = before;
            items->len = len;
            items->overflow = false;
            break;
        }
        if (got)
            return got;
        n++;
    }
    *places = i - q->cursor;
    return n;
}

/* Writes the page at the cursor, from places before `end`. Returns the number of items or a negative errno. */
static int build_page(const struct pager *p, struct pager_query *q, unsigned end, struct page *pg, struct span *out)
{
    struct buf items, body;
    size_t room = ua_body_room(p->ua);
    int n, err;

    /* Num has no more digits than SumNum, so this head is the longest. */
    buf_init(&body, pg->body, sizeof(pg->body));
    err = put_head(p, q, q->total, pg, &body);
    if (err)
        return err;
    q->source->end(p->ua, q, &body);
    room = room > body.len ? room - body.len : 0;

    buf_init(&items, pg->items, sizeof(pg->items));
    n = put_items(p, q, end, room, pg, &items, &q->sent);
    if (n < 0)
        return n;
    buf_reset(&body);
    err = put_head(p, q, (unsigned)n, pg, &body);
    if (err)
        return err;
    buf_span(&body, (struct span){ items.data, items.len });
    q->source->end(p->ua, q, &body);
    *out = buf_view(&body);
    return body.overflow ? -EMSGSIZE : n;
}

static int send_built(struct pager *p, struct pager_query *q, unsigned end, struct page *pg, const struct gb_time *now)
{
    struct span body;
    int n = build_page(p, q, end, pg, &body), err;

    if (n < 0)
        return n;
    /* There are no more items, although fewer than SumNum were sent. */
    if (!n && q->total)
        return -EPROTO;
    err = ua_send_message(p->ua, MESSAGE_PAGE, q->ref, body, now);
    if (err)
        return err;
    q->in_flight = true;
    q->sent_ms = now->mono_ms;
    q->items += (unsigned)n;
    return 0;
}

static void send_page(struct pager *p, struct pager_query *q, unsigned end, const struct gb_time *now)
{
    struct page *pg = malloc(sizeof(*pg));
    int err = pg ? send_built(p, q, end, pg, now) : -ENOMEM;

    free(pg);
    if (!err)
        q->stalls = 0;
    else if ((err == -ENOBUFS || err == -ENOMEM) && q->stalls++ < PAGER_STALLS_MAX)
        q->resume_ms = now->mono_ms + PAGER_PAUSE_MS;
    else
        drop(p, q, err == -EPROTO ? "fewer items than SumNum" : strerror(-err));
}

/* ---- which page ------------------------------------------------------------------------------- */

static uint64_t version_of(const struct pager *p, const struct pager_query *q)
{
    return q->source->version ? q->source->version(p->ua, q) : device_layout(p->ua->dev);
}

/* Restarts with the new SumNum, which platforms read from each page. */
static bool restart(struct pager_query *q)
{
    q->cursor = q->items = 0;
    q->mark = (struct pager_mark){ 0, 0 };
    q->counted = false;
    return q->restarts++ < PAGER_RESTARTS_MAX;
}

static void ask_board(struct pager *p, struct pager_query *q, const struct gb_time *now)
{
    size_t max = ua_body_room(p->ua) / ITEM_MIN;

    q->token = next_number(p);
    q->resume_ms = now->mono_ms + PAGER_BOARD_MS;
    q->source->fetch(p->ua, q, max < 1 ? 1 : max > PAGER_FETCH_MAX ? PAGER_FETCH_MAX : (unsigned)max);
}

/* Sends the page at the cursor, or fetches its items first. */
static void next_page(struct pager *p, struct pager_query *q, const struct gb_time *now)
{
    uint64_t version = version_of(p, q);

    if (version != q->version && !restart(q)) {
        drop(p, q, "the list keeps changing");
        return;
    }
    q->version = version;
    if (q->source->fetch) {
        ask_board(p, q, now);
        return;
    }
    if (!q->counted) {
        q->size = q->source->count(p->ua, q, &q->total);
        q->counted = true;
    }
    send_page(p, q, q->size, now);
}

static struct pager_query *by_ref(struct pager *p, uint32_t ref)
{
    for (unsigned i = 0; ref && i < PAGER_QUERIES_MAX; i++)
        if (p->query[i].ref == ref)
            return &p->query[i];
    return NULL;
}

static struct pager_query *by_token(struct pager *p, uint32_t token)
{
    for (unsigned i = 0; token && i < PAGER_QUERIES_MAX; i++)
        if (p->query[i].token == token)
            return &p->query[i];
    return NULL;
}

/* The board failed. Before the first page, the platform gets ERROR; otherwise it would wait. */
static void board_failed(struct pager *p, struct pager_query *q, int err, const char *why, const struct gb_time *now)
{
    char command[COMMAND_LOG_SIZE];

    if (q->counted) {
        drop(p, q, why);
        return;
    }
    log_warn_gated(&p->ends, now->mono_ms, "%s: query-failed command=%s reason=\"%s\"", p->ua->cfg.name,
                   named(q, command), why);
    q->err = err;
    q->size = q->total = 0;
    q->counted = true;
    send_page(p, q, 0, now);
}

int pager_fetched(struct pager *p, uint32_t token, int err, const struct board_record *record, unsigned n,
                  unsigned total, const struct gb_time *now)
{
    struct pager_query *q = by_token(p, token);

    if (!q)
        return -ENOENT;
    q->token = 0;
    /* A board without this operation has an empty list. */
    if (err == -ENOTSUP && !q->counted)
        err = 0, n = total = 0;
    if (err) {
        board_failed(p, q, err, strerror(-err), now);
        return 0;
    }
    q->err = 0;
    if (q->counted && total != q->total) {
        if (restart(q))
            next_page(p, q, now);
        else
            drop(p, q, "the list keeps changing");
        return 0;
    }
    if (!n && q->cursor < total) {
        board_failed(p, q, -EPROTO, "fewer items than SumNum", now);
        return 0;
    }
    q->size = q->total = total;
    q->counted = true;
    q->record = record;
    send_page(p, q, n < q->size - q->cursor ? q->cursor + n : q->size, now);
    q->record = NULL;
    return 0;
}

int pager_start(struct pager *p, const struct pager_source *source, const char *sn, const char *device_id,
                const union pager_args *args, const struct gb_time *now)
{
    struct pager_query *q = NULL;

    for (unsigned i = 0; i < PAGER_QUERIES_MAX; i++) {
        struct pager_query *other = &p->query[i];
        if (!other->ref)
            q = q ? q : other;
        else if (other->source == source && !strcmp(other->sn, sn) && !strcmp(other->device_id, device_id))
            return -EALREADY;
    }
    /* The new query is refused: dropping an older one could leave all of them incomplete. */
    if (!q)
        return -ENOSPC;
    memset(q, 0, sizeof(*q));
    q->ref = next_number(p);
    q->source = source;
    q->begun_ms = now->mono_ms;
    snprintf(q->sn, sizeof(q->sn), "%s", sn);
    snprintf(q->device_id, sizeof(q->device_id), "%s", device_id);
    if (args)
        q->args = *args;
    q->version = version_of(p, q);
    next_page(p, q, now);
    return 0;
}

/* ---- time ------------------------------------------------------------------------------------- */

static uint64_t end_of(const struct pager_query *q)
{
    return q->source->total_ms ? q->begun_ms + q->source->total_ms : UINT64_MAX;
}

/* The pause before the next page: the source's, or a shorter one if the deadline requires it, assuming that each page
 * takes as long as the last one. */
static uint64_t pause_of(const struct pager_query *q, const struct gb_time *now)
{
    uint64_t left = end_of(q), pages, share, took = now->mono_ms - q->sent_ms;

    if (left == UINT64_MAX || !q->sent)
        return q->source->pace_ms;
    left -= q->source->total_ms / PAUSE_RESERVE;
    left = left > now->mono_ms ? left - now->mono_ms : 0;
    pages = (q->size - q->cursor + q->sent - 1) / q->sent;
    share = left / (pages ? pages : 1);
    share = share > took ? share - took : 0;
    return share < q->source->pace_ms ? share : q->source->pace_ms;
}

static void page_delivered(struct pager *p, struct pager_query *q, const struct gb_time *now)
{
    char command[COMMAND_LOG_SIZE];

    q->cursor += q->sent;
    q->mark = q->next_mark;
    q->retries = 0;
    if (q->cursor >= q->size) {
        log_info_gated(&p->ends, now->mono_ms, "%s: response-sent command=%s count=%u", p->ua->cfg.name,
                       named(q, command), q->total);
        finish(q);
        return;
    }
    uint64_t pause = pause_of(q, now);
    q->resume_ms = now->mono_ms + pause;
    if (!pause)
        next_page(p, q, now);
}

/* A platform that refuses a Response (400 to RecordInfo, seen in the field) will refuse it again. */
static bool is_temporary(int status)
{
    return status == 0 || status == 408 || status == 480 || status == 486 || (status >= 500 && status < 600);
}

void pager_message_done(struct pager *p, uint32_t ref, int status, const struct gb_time *now)
{
    struct pager_query *q = by_ref(p, ref);

    if (!q || !q->in_flight)
        return;
    q->in_flight = false;
    if (status >= 200 && status < 300) {
        page_delivered(p, q, now);
        return;
    }
    if (status < 0) {
        drop(p, q, "link lost");
    } else if (!is_temporary(status) || q->retries++ >= PAGER_RETRIES_MAX) {
        drop(p, q, status ? "refused" : "no answer");
    } else {
        q->items = q->items > q->sent ? q->items - q->sent : 0;
        next_page(p, q, now);
    }
}

static void query_due(struct pager *p, struct pager_query *q, const struct gb_time *now)
{
    if (end_of(q) <= now->mono_ms) {
        drop(p, q, "too late for the platform");
    } else if (q->token) {
        q->token = 0;
        board_failed(p, q, -ETIMEDOUT, "the board does not answer", now);
    } else {
        next_page(p, q, now);
    }
}

static uint64_t due_of(const struct pager_query *q)
{
    uint64_t end = end_of(q);

    return q->in_flight || q->resume_ms > end ? end : q->resume_ms;
}

void pager_tick(struct pager *p, const struct gb_time *now)
{
    for (unsigned i = 0; i < PAGER_QUERIES_MAX; i++) {
        struct pager_query *q = &p->query[i];
        if (q->ref && due_of(q) <= now->mono_ms)
            query_due(p, q, now);
    }
}

uint64_t pager_deadline(const struct pager *p)
{
    uint64_t next = UINT64_MAX;

    for (unsigned i = 0; i < PAGER_QUERIES_MAX; i++) {
        const struct pager_query *q = &p->query[i];
        if (q->ref && due_of(q) < next)
            next = due_of(q);
    }
    return next;
}
