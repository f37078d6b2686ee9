/* SPDX-License-Identifier: MIT */
/* What the files of the router share: router.c (what comes in, answers), router_query.c (all that is asked),
 * router_control.c (orders and who may give them). Nobody else includes this. */
#ifndef AGENT_ROUTER_PRIV_H
#define AGENT_ROUTER_PRIV_H

#include "agent/router.h"
#include "ua/ua.h"

bool router_is_device(const struct router *r, const char *id);
bool router_is_known(const struct router *r, const char *id);      /* the device, a channel or an alarm input */

/* An answer while it is made: a Response that is open behind DeviceID. */
struct router_answer {
    struct buf xml;                     /* what follows goes here, UTF-8 */

    struct router *router;              /* of router.c alone, from here on */
    const struct manscdp_request *request;
    bool closed;
    int err;                            /* of the body, when closed */
    struct buf body;                    /* as it goes out */
    char utf8[MANSCDP_BODY_MAX], converted[MANSCDP_BODY_MAX];
};

/* NULL, and logged: there is no memory. Borrows the request until router_answer_send, which sends and frees it. */
struct router_answer *router_answer_begin(struct router *r, const struct manscdp_request *m, const struct gb_time *now);
void router_answer_send(struct router_answer *an, const struct gb_time *now);
/* Whether it fits into a message. Nothing can be added behind that; restart has it empty again. */
bool router_answer_fits(struct router_answer *an);
void router_answer_restart(struct router_answer *an);
/* The answer that is a Result alone; with ERROR what else the command's Response has to have. */
void router_respond(struct router *r, const struct manscdp_request *m, bool ok, const struct gb_time *now);

/* A request whose answer waits for the board; NULL: too many. */
struct router_pending *router_open(struct router *r, const struct manscdp_request *m, const struct gb_time *now);
/* The open question of that number and command; NULL: it is gone, or another one's answer is given. */
struct router_pending *router_find(struct router *r, uint32_t token, enum manscdp_action action);
void router_close(struct router_pending *p);            /* its request stays readable until the next router_open */

/* router_control.c */
/* Whether that message may carry that order: 200, 404 when neither its Request-URI nor its To names this device or what it
 * has, 403 when its From is not the platform's. 200 for what is no order, asks for a key frame or stops a movement. */
unsigned router_addressed(struct router *r, const struct sip_scan *s, const struct manscdp_request *m, const struct gb_time *now);
/* A direction without speed is the stop of what this platform moves. */
void router_read_move(const struct router *r, struct manscdp_request *m);
void router_act_control(struct router *r, const struct manscdp_request *m, const struct gb_time *now);
void router_act_config(struct router *r, const struct manscdp_request *m, const struct gb_time *now);
/* Whom a block is for: "" the device, an item, or NULL when there is nobody. */
const char *router_block_target(const struct router *r, const char *id, enum gb_block block);
void router_moves_offline(struct router *r);
void router_moves_free(struct router *r);
void router_moves_tick(struct router *r, const struct gb_time *now);
uint64_t router_moves_deadline(const struct router *r);

/* router_query.c */
void router_query(struct router *r, const struct manscdp_request *m, const struct gb_time *now);
/* What goes behind the Result ERROR of that request's answer. */
void router_put_refusal(const struct router *r, const struct manscdp_request *m, struct buf *b);
/* The board said nothing in time. */
void router_unanswered(struct router *r, const struct manscdp_request *m, const struct gb_time *now);

#endif
