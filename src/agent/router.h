/* SPDX-License-Identifier: MIT */
/* MANSCDP requests of a platform (2016 and 2022 9.3, 9.5, 9.7, annex A): decodes them, executes them, and answers by a
 * Response in a MESSAGE of our own after the SIP response. */
#ifndef AGENT_ROUTER_H
#define AGENT_ROUTER_H

#include <stdint.h>

#include "manscdp/request.h"
#include "sip/scan.h"
#include "util/log.h"
#include "util/walltime.h"

struct alarm_inputs;
struct pager;
struct ua;
struct agent_status_reply;

#define ROUTER_PENDING_MAX 8u   /* requests that wait for the board */
#define ROUTER_PENDING_MS  900u /* platforms wait one second for DeviceStatus */

struct router_pending {
    uint32_t token; /* 0: unused */
    uint64_t deadline_ms;
    struct manscdp_request request; /* owns nothing */
    unsigned left;                  /* DeviceConfig: blocks not done yet; ConfigDownload: blocks without a value */
    int error;                      /* DeviceConfig: the first error */
};

struct router {
    struct ua *ua;
    struct pager *pager;
    struct alarm_inputs *alarm_inputs;
    uint32_t next_token;
    struct router_pending pending[ROUTER_PENDING_MAX];
    uint64_t permitted_ms[GB_CONTROL_KINDS]; /* when the last command of a kind was permitted, plus 1; 0 = never */
    uint64_t configured_ms;                  /* the same, of DeviceConfig */
    bool moved;                              /* this platform has started a move */
    bool stop_wanted;                        /* it is offline: stop its moves at stop_ms */
    uint64_t stop_ms;                        /* 0 = set by the next tick */
    struct log_gate refusals;                /* limits the log lines about refused requests and responses */
};

/* A request between router_accept and router_act; borrows nothing from the message. */
struct router_request {
    struct manscdp_request m;
};

void router_init(struct router *r, struct ua *u, struct pager *pager, struct alarm_inputs *inputs); /* borrows all */
void router_free(struct router *r);
void router_offline(struct router *r); /* drops the pending requests */
void router_tick(struct router *r, const struct gb_time *now);
uint64_t router_deadline(const struct router *r); /* mono ms; UINT64_MAX none */

/* The SIP status for a MESSAGE: 200; 400 malformed; for a control command, 403 from another sender than the platform,
 * 404 for another device; 415 another type of body; 500 no memory. *out is set on 200. */
unsigned router_accept(struct router *r, const struct sip_scan *s, struct router_request *out,
                       const struct gb_time *now);
/* Call after the 200 was queued. */
void router_act(struct router *r, struct router_request *req, const struct gb_time *now);
void router_request_free(struct router_request *req);

/* The board's replies: see agent_reply_* of agent/agent.h. -ENOENT: the request has timed out. */
int router_reply_status(struct router *r, uint32_t token, const struct agent_status_reply *reply,
                        const struct gb_time *now);
int router_reply_geo(struct router *r, uint32_t token, const struct board_geo *geo, const struct gb_time *now);
int router_reply_head(struct router *r, uint32_t token, const struct board_head *head, const struct gb_time *now);
int router_reply_storage(struct router *r, uint32_t token, const struct board_card *card, unsigned ncards,
                         const struct gb_time *now);
int router_reply_setting(struct router *r, uint32_t token, int err, const struct gb_setting *setting,
                         const struct gb_time *now);
int router_reply_result(struct router *r, uint32_t token, int err, const struct gb_time *now);

/* A MESSAGE_RESPONSE ended. status: SIP status, 0 on timeout, a negative errno if the link was lost. */
void router_message_done(struct router *r, uint32_t ref, int status, const struct gb_time *now);

#endif
