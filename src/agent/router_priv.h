/* SPDX-License-Identifier: MIT */
/* What the files of the router share: router.c (what comes in, answers), router_control.c (orders to the board and who
 * may give them), router_query.c (questions to the board). Nobody else includes this. */
#ifndef AGENT_ROUTER_PRIV_H
#define AGENT_ROUTER_PRIV_H

#include "agent/agent.h"
#include "agent/pager.h"
#include "agent/router.h"

/* What an answer is made of besides what the core knows; `arg` is the caller's. */
struct router_facts {
    void (*add)(struct manscdp_facts *f, const void *arg);
    const void *arg;
};

bool router_is_device(const struct router *r, const char *id);
bool router_is_known(const struct router *r, const char *id);      /* the device, a channel or an alarm input */
/* Makes the answer and sends it; ok false: Result ERROR. extra: NULL or what else it is made of. */
void router_respond(struct router *r, const struct manscdp_request *m, bool ok, const struct router_facts *extra,
                    const struct gb_time *now);

/* A request whose answer waits for the board; NULL: too many. */
struct router_pending *router_open(struct router *r, const struct manscdp_request *m, const struct gb_time *now);
/* Closes the question; NULL: it is gone. */
struct router_pending *router_close(struct router *r, uint32_t token);
/* An AGENT_QUERY about the request's target; ERROR at once when too many are open. */
void router_ask(struct router *r, const struct manscdp_request *m, enum agent_query_kind kind, const struct gb_time *now);

/* Whether the config lets this platform set `what` of a DeviceConfig now. A refusal is logged, and what is let through
 * counts for the next. */
bool router_permits_config(struct router *r, const char *what, const char *target, const struct gb_time *now);

/* Whether that message may carry that order: 200, 404 when neither its Request-URI nor its To names this device or what it
 * has, 403 when its From is not the platform's. 200 for what is no order, asks for a key picture or stops a movement. */
unsigned router_addressed(struct router *r, const struct sip_scan *s, const struct manscdp_request *m, const struct gb_time *now);

/* The log line of a query that cannot be answered: the time that is unreadable, or `why`. */
void router_warn_refused(struct router *r, const struct manscdp_request *m, const char *why, const struct gb_time *now);

/* Answers in pages; about: NULL or what the source needs to know of the request. */
void router_pages(struct router *r, const struct pager_source *source, const struct manscdp_request *m,
                  const union pager_about *about, const struct gb_time *now);

/* catalog_pages.c, record_pages.c */
void router_act_catalog(struct router *r, const struct manscdp_request *m, const struct gb_time *now);
void router_act_records(struct router *r, const struct manscdp_request *m, const struct gb_time *now);

/* router_control.c */
/* A direction without speed is the stop of what this platform moves. */
void router_read_move(const struct router *r, struct manscdp_request *m);
void router_act_control(struct router *r, const struct manscdp_request *m, const struct gb_time *now);
void router_moves_offline(struct router *r);
void router_moves_free(struct router *r);
void router_moves_tick(struct router *r, const struct gb_time *now);
uint64_t router_moves_deadline(const struct router *r);

/* router_config.c */
void router_act_config(struct router *r, const struct manscdp_request *m, const struct gb_time *now);
void router_act_download(struct router *r, const struct manscdp_request *m, const struct gb_time *now);
/* One block of a DeviceConfig is done. true: others are not; else *err is the first error of all of them. */
bool router_config_part(struct router *r, uint32_t token, int *err);

/* router_query.c */
void router_act_status(struct router *r, const struct manscdp_request *m, const struct gb_time *now);
void router_act_head(struct router *r, const struct manscdp_request *m, const struct gb_time *now);
void router_act_storage(struct router *r, const struct manscdp_request *m, const struct gb_time *now);
void router_act_home(struct router *r, const struct manscdp_request *m, const struct gb_time *now);
void router_act_presets(struct router *r, const struct manscdp_request *m, const struct gb_time *now);
void router_act_tracks(struct router *r, const struct manscdp_request *m, const struct gb_time *now);
void router_act_track(struct router *r, const struct manscdp_request *m, const struct gb_time *now);
/* router_place.c */
void router_act_place(struct router *r, const struct manscdp_request *m, const struct gb_time *now);
/* geo NULL: what the config says, ERROR when that is nothing. */
void router_respond_place(struct router *r, const struct manscdp_request *m, const struct board_geo *geo,
                          const struct gb_time *now);
/* The board said nothing in time. */
void router_unanswered(struct router *r, const struct manscdp_request *m, const struct gb_time *now);

#endif
