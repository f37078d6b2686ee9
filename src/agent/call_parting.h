/* SPDX-License-Identifier: MIT */
/*
 * Calls that ended here and whose BYE has to wait: for the ACK of their 200, before which none may be sent (RFC 3261 15)
 * unless the 64*T1 are over in which the 200 is sent again; or for the platform's own after a TEARDOWN. The call itself is
 * gone for everybody else; call_match finds these as well.
 */
#ifndef AGENT_CALL_PARTING_H
#define AGENT_CALL_PARTING_H

#include <stdbool.h>
#include <stdint.h>

#include "agent/ua.h"
#include "sip/scan.h"
#include "util/list.h"

struct agent;
#define PARTINGS_MAX 64u                /* of one link, few enough to be walked; of further ones the BYE goes at once */

struct call;

struct partings {
    struct list list;
    unsigned count;
};

void partings_init(struct agent *a);
void partings_free(struct agent *a);            /* without a word */
/* Takes what the BYE needs out of c, which the caller frees next. The BYE goes at bye_ms (mono), of an ANSWERED one not
 * before its ACK or give_up_ms. -ENOBUFS, -ENOMEM: nothing is taken. */
int parting_new(struct call *c, uint64_t bye_ms);
struct call *partings_next(const struct agent *a, const struct call *after);    /* NULL begins and ends */
void parting_ack(struct call *c, const struct gb_time *now);    /* c: one of them; may free it */
void parting_drop(struct call *c);                              /* without a BYE: the platform's own came */
void partings_shutdown(struct agent *a, const struct gb_time *now);     /* the BYEs go now: nobody may be there later */
void partings_tick(struct agent *a, const struct gb_time *now);
uint64_t partings_deadline(const struct agent *a);

#endif
