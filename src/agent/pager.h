/* SPDX-License-Identifier: MIT */
/*
 * Responses that take several messages, called pages (2016 annex N, 2022 annex M). A page is sent when the previous one
 * has been answered, and has as many items as the transport's limit allows, at least one. The contents come from a
 * source. Items are read when their page is written, from the device or page by page from the board, so that the length
 * of a list does not affect memory.
 */
#ifndef AGENT_PAGER_H
#define AGENT_PAGER_H

#include <stdbool.h>
#include <stdint.h>

#include "gbagent/board.h"
#include "manscdp/request.h"
#include "util/log.h"
#include "util/walltime.h"

struct ua;
struct pager_query;

#define PAGER_QUERIES_MAX  4u    /* responses in progress */
#define PAGER_RETRIES_MAX  1u    /* of a page, after no answer or a temporary failure */
#define PAGER_RESTARTS_MAX 3u    /* after changes of the list */
#define PAGER_PAUSE_MS     200u  /* after a failure to send, until the next attempt */
#define PAGER_STALLS_MAX   25u   /* consecutive pauses */
#define PAGER_BOARD_MS     3000u /* for the board to answer, per page */
#define PAGER_FETCH_MAX    32u   /* items per request to the board */

#define PAGER_SKIP 1 /* of put_item: the item is not listed in this response */

/* Contents of a response. Functions may be NULL where noted. */
struct pager_source {
    const char *cmd_type; /* for the log */
    unsigned pace_ms;     /* minimum between the answer to a page and the next page, if total_ms allows */
    unsigned total_ms;    /* limit for all pages, after which the platform stops waiting; 0 = none */

    /* Number of places; *total: how many of them hold a listed item (SumNum). NULL: fetch provides both. */
    unsigned (*count)(const struct ua *u, const struct pager_query *q, unsigned *total);
    /* A change restarts the response. NULL: device_layout. */
    uint64_t (*version)(const struct ua *u, const struct pager_query *q);
    /* Requests at most `max` items from q->cursor on from the board, with the token q->token; the reply is passed to
     * pager_fetched. NULL: put_item needs no request. */
    void (*fetch)(struct ua *u, const struct pager_query *q, unsigned max);

    /* Write, in UTF-8: the elements before `num` items; one item (0, PAGER_SKIP or a negative errno); the end. */
    void (*begin)(const struct ua *u, const struct pager_query *q, unsigned num, struct buf *b);
    int (*put_item)(const struct ua *u, struct pager_query *q, unsigned index, struct buf *b);
    void (*end)(const struct ua *u, const struct pager_query *q, struct buf *b);
};

/* The arguments of a query, depending on its source. */
union pager_args {
    struct manscdp_period period;   /* Catalog */
    struct manscdp_records records; /* RecordInfo */
    unsigned number;                /* of a cruise track */
};

/* State of the source at the cursor, to which a repeated page returns. */
struct pager_mark {
    int64_t a, b;
};

struct pager_query {
    uint32_t ref; /* 0: unused */
    const struct pager_source *source;
    bool in_flight;
    uint32_t token;        /* of the pending request to the board; 0: none */
    unsigned cursor, sent; /* first place of the page; places in the page in flight */
    unsigned items;        /* sent so far */
    unsigned size, total;  /* places; SumNum */
    bool counted;
    int err; /* the board's, before the first page, which then has ERROR */
    unsigned retries, restarts, stalls;
    uint64_t version;
    uint64_t begun_ms, sent_ms;
    uint64_t resume_ms;                /* when not in flight */
    struct pager_mark mark, next_mark; /* at the cursor; after the page in flight */
    const struct board_record *record; /* from q->cursor on, while their page is written */
    union pager_args args;
    char sn[MANSCDP_SN_SIZE];
    char device_id[GBID_SIZE];
};

struct pager {
    struct ua *ua;
    uint32_t next_ref;
    struct pager_query query[PAGER_QUERIES_MAX];
    struct log_gate ends; /* limits the log lines about ended responses */
};

void pager_init(struct pager *p, struct ua *u);
void pager_free(struct pager *p);
void pager_offline(struct pager *p);
void pager_tick(struct pager *p, const struct gb_time *now);
uint64_t pager_deadline(const struct pager *p);

/* Starts a response. Copies args, NULL: none. 0, -EALREADY a response to this SN is in progress, -ENOSPC too many. */
int pager_start(struct pager *p, const struct pager_source *source, const char *sn, const char *device_id,
                const union pager_args *args, const struct gb_time *now);
/* The result of fetch: n of `total` items, from the cursor on; or err, a negative errno (-ENOTSUP: an empty list).
 * -ENOENT: the request has timed out. */
int pager_fetched(struct pager *p, uint32_t token, int err, const struct board_record *record, unsigned n,
                  unsigned total, const struct gb_time *now);
/* The MESSAGE of a page ended. status: SIP status, 0 on timeout, a negative errno if the link was lost. */
void pager_message_done(struct pager *p, uint32_t ref, int status, const struct gb_time *now);

extern const struct pager_source catalog_pages;     /* catalog_pages.c */
extern const struct pager_source record_pages;      /* record_pages.c */
extern const struct pager_source record_none_pages; /* an empty list, without asking the board */
extern const struct pager_source preset_pages;      /* ptz_pages.c */
extern const struct pager_source track_pages;
extern const struct pager_source track_point_pages;

#endif
