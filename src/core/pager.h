/* SPDX-License-Identifier: MIT */
/*
 * Answers of several messages. One page after the other: the next one goes when the previous one was answered
 * (annex N), each filled while the whole SIP message stays within what the transport takes, at least one item.
 * Items are read from the device when their page is made, so nothing is kept however long the list is.
 */
#ifndef CORE_PAGER_H
#define CORE_PAGER_H

#include <stdbool.h>
#include <stdint.h>

#include "manscdp/message.h"
#include "util/walltime.h"

struct agent;

#define PAGER_QUERIES_MAX 4u            /* answers under way at one time; a further query is dropped */
#define PAGER_RETRIES_MAX 1u            /* of one page that got no 2xx */
#define PAGER_RESTARTS_MAX 3u           /* because the list changed meanwhile */
#define PAGER_PAUSE_MS 200u             /* before a page that could not be sent is tried again */
#define PAGER_STALLS_MAX 25u            /* such pauses in a row */

struct pager_query {
    uint32_t ref;                       /* 0 = free */
    bool in_flight;
    unsigned cursor, sent;              /* first item of the page; items in the page that is in flight */
    unsigned total;                     /* SumNum */
    unsigned retries, restarts, stalls;
    uint64_t layout;                    /* the device's list when this began */
    uint64_t resume_ms;                 /* when not in flight */
    char sn[MANSCDP_SN_SIZE];
    char device_id[GBID_SIZE];
};

struct pager {
    struct agent *agent;
    uint32_t next_ref;
    struct pager_query query[PAGER_QUERIES_MAX];
};

void pager_init(struct pager *p, struct agent *a);
void pager_free(struct pager *p);
void pager_offline(struct pager *p);
void pager_tick(struct pager *p, const struct gb_time *now);
uint64_t pager_deadline(const struct pager *p);

/* Answers a Catalog query. 0, -EALREADY that SN is under way, -ENOSPC too many. */
int pager_start(struct pager *p, const char *sn, const char *device_id, const struct gb_time *now);
/* A MESSAGE_PAGE ended. status: of SIP, 0 timeout, negative errno link lost. */
void pager_message_done(struct pager *p, uint32_t ref, int status, const struct gb_time *now);

#endif
