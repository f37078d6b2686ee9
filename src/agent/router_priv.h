/* SPDX-License-Identifier: MIT */
/* Shared by router.c (requests, responses), router_query.c (queries) and router_control.c (control commands and
 * permissions) only. */
#ifndef AGENT_ROUTER_PRIV_H
#define AGENT_ROUTER_PRIV_H

#include "agent/router.h"
#include "ua/ua.h"

bool router_is_device(const struct router *r, const char *id);
bool router_is_known(const struct router *r, const char *id); /* the device, a channel or an alarm input */

/* A Response being written, up to and including DeviceID. */
struct router_answer {
    struct buf xml; /* for the elements that follow, UTF-8 */

    struct router *router; /* private to router.c, from here on */
    const struct manscdp_request *request;
    bool closed;
    int err;         /* of the body, when closed */
    struct buf body; /* in the charset that is sent */
    char utf8[MANSCDP_BODY_MAX], converted[MANSCDP_BODY_MAX];
};

/* NULL: no memory, which has been logged. Borrows the request until router_answer_send, which sends and frees the
 * answer. */
struct router_answer *router_answer_begin(struct router *r, const struct manscdp_request *m, const struct gb_time *now);
void router_answer_send(struct router_answer *an, const struct gb_time *now);
/* Does it fit into a message? Ends the answer: to add more, call restart, which empties it. */
bool router_answer_fits(struct router_answer *an);
void router_answer_restart(struct router_answer *an);
/* Sends a Response with Result only; ERROR also has the elements that the command's Response requires. */
void router_respond(struct router *r, const struct manscdp_request *m, bool ok, const struct gb_time *now);

/* Adds a request that waits for the board; NULL: too many. */
struct router_pending *router_pending_add(struct router *r, const struct manscdp_request *m, const struct gb_time *now);
/* The pending request with that token and action; NULL: timed out, or of another action. */
struct router_pending *router_pending_find(struct router *r, uint32_t token, enum manscdp_action action);
void router_pending_remove(struct router_pending *p); /* its request stays valid until the next router_pending_add */

/* router_control.c */
/* Checks recipient and sender of a control command: 404 if neither Request-URI nor To is an ID of this device, 403 if
 * From is not the platform, otherwise 200. Other requests, key frame requests and stops always get 200. */
unsigned router_addressed(struct router *r, const struct sip_scan *s, const struct manscdp_request *m,
                          const struct gb_time *now);
/* Turns a direction without speed into a stop if this platform is moving the camera. */
void router_read_move(const struct router *r, struct manscdp_request *m);
void router_act_control(struct router *r, const struct manscdp_request *m, const struct gb_time *now);
void router_act_config(struct router *r, const struct manscdp_request *m, const struct gb_time *now);
/* The target of a block: "" the device, an item's ID, or NULL: unknown. */
const char *router_block_target(const struct router *r, const char *id, enum gb_block block);
void router_moves_offline(struct router *r);
void router_moves_free(struct router *r);
void router_moves_tick(struct router *r, const struct gb_time *now);
uint64_t router_moves_deadline(const struct router *r);

/* router_query.c */
void router_query(struct router *r, const struct manscdp_request *m, const struct gb_time *now);
/* Writes the elements after Result ERROR that the Response to that request requires. */
void router_put_refusal(const struct router *r, const struct manscdp_request *m, struct buf *b);
/* The board has not replied in time. */
void router_pending_timeout(struct router *r, const struct manscdp_request *m, const struct gb_time *now);

#endif
