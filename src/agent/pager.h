/* SPDX-License-Identifier: MIT */
/*
 * Answers of several messages. One page after the other: the next one goes when the previous one was answered
 * (annex N), each filled while the whole SIP message stays within what the transport takes, at least one item.
 * What an answer is made of comes from a source. Items are read when their page is made, from the device or, page by
 * page, from the board, so nothing is kept however long the list is.
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

#define PAGER_QUERIES_MAX 4u            /* answers under way at one time; a further query is dropped */
#define PAGER_RETRIES_MAX 1u            /* of one page that got no answer or one that may pass */
#define PAGER_RESTARTS_MAX 3u           /* because the list changed meanwhile */
#define PAGER_PAUSE_MS 200u             /* before a page that could not be sent is tried again */
#define PAGER_STALLS_MAX 25u            /* such pauses in a row */
#define PAGER_BOARD_MS 3000u            /* the board's time for one page */
#define PAGER_FETCH_MAX 32u             /* items asked of the board at one time */

#define PAGER_SKIP 1                    /* of put_item: the item is not listed in this answer */

/* What an answer consists of. Functions may be NULL where it says so. */
struct pager_source {
    const char *what;                   /* for the log */
    unsigned pace_ms;                   /* from the answer to one page to the next page, when there is time for it */
    unsigned total_ms;                  /* the platform waits no longer than this for the whole; 0 = as long as it takes */

    /* How many places there are to look at; *total: how many of them are listed (SumNum). NULL: fetch finds out. */
    unsigned (*count)(const struct ua *u, const struct pager_query *q, unsigned *total);
    /* Differs when the answer has to begin anew. NULL: device_layout. */
    uint64_t (*version)(const struct ua *u, const struct pager_query *q);
    /* Asks the board for items from q->cursor on, at most `max`, under the number q->token; pager_fetched gives them.
     * NULL: put_item has them at hand. */
    void (*fetch)(struct ua *u, const struct pager_query *q, unsigned max);

    /* What goes before `num` items, one of them (0, PAGER_SKIP or a negative errno), and after them; UTF-8. */
    void (*begin)(const struct ua *u, const struct pager_query *q, unsigned num, struct buf *b);
    int (*put_item)(const struct ua *u, struct pager_query *q, unsigned index, struct buf *b);
    void (*end)(const struct ua *u, const struct pager_query *q, struct buf *b);
};

/* What one answer is about; which of them is used is the source's. */
union pager_about {
    struct manscdp_period period;         /* Catalog */
    struct manscdp_records records;     /* RecordInfo */
    unsigned number;                    /* of a cruise track */
};

/* How far the source has come, kept with the cursor: a page that is sent again begins with the same. */
struct pager_mark {
    int64_t a, b;
};

struct pager_query {
    uint32_t ref;                       /* 0 = free */
    const struct pager_source *source;
    bool in_flight;
    uint32_t token;                     /* the board is asked; 0 = it is not */
    unsigned cursor, sent;              /* first place of the page; places that the page in flight covers */
    unsigned items;                     /* listed so far */
    unsigned size, total;               /* places; SumNum */
    bool counted;
    int err;                            /* of the board, instead of the first page: the page says ERROR */
    unsigned retries, restarts, stalls;
    uint64_t version;
    uint64_t begun_ms, sent_ms;
    uint64_t resume_ms;                 /* when not in flight */
    struct pager_mark mark, next_mark;  /* at the cursor; after the page in flight */
    const struct board_record *record;  /* from q->cursor on, while a page is made of them */
    union pager_about about;
    char sn[MANSCDP_SN_SIZE];
    char device_id[GBID_SIZE];
};

struct pager {
    struct ua *ua;
    uint32_t next_ref;
    struct pager_query query[PAGER_QUERIES_MAX];
    struct log_gate ends;               /* lines about what became of answers */
};

void pager_init(struct pager *p, struct ua *u);
void pager_free(struct pager *p);
void pager_offline(struct pager *p);
void pager_tick(struct pager *p, const struct gb_time *now);
uint64_t pager_deadline(const struct pager *p);

/* Begins an answer. about: copied, NULL for none. 0, -EALREADY that SN is under way, -ENOSPC too many. */
int pager_start(struct pager *p, const struct pager_source *source, const char *sn, const char *device_id,
                const union pager_about *about, const struct gb_time *now);
/* What fetch asked for: n items from the cursor on, `total` in all; err: a negative errno instead, of which -ENOTSUP is an
 * empty list. -ENOENT: nobody waits for that any more. */
int pager_fetched(struct pager *p, uint32_t token, int err, const struct board_record *record, unsigned n, unsigned total,
                  const struct gb_time *now);
/* A page ended. status: of SIP, 0 timeout, negative errno link lost. */
void pager_message_done(struct pager *p, uint32_t ref, int status, const struct gb_time *now);

extern const struct pager_source catalog_pages;         /* catalog_pages.c */
extern const struct pager_source record_pages;          /* record_pages.c */
extern const struct pager_source record_none_pages;     /* an empty list, of which nothing is asked of the board */
extern const struct pager_source preset_pages;          /* ptz_pages.c */
extern const struct pager_source track_pages;
extern const struct pager_source track_point_pages;

#endif
