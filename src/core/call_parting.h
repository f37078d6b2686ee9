/* SPDX-License-Identifier: MIT */
/*
 * Calls that ended here while the ACK of their 200 was still to come: no BYE may be sent before it (RFC 3261 15), or
 * before the 64*T1 are over in which the 200 is sent again. The call itself is gone for everybody else.
 */
#ifndef CORE_CALL_PARTING_H
#define CORE_CALL_PARTING_H

#include <stdbool.h>
#include <stdint.h>

#include "codec/sip_scan.h"
#include "core/agent.h"
#include "util/list.h"

#define PARTINGS_MAX 64u                /* of one link, few enough to be walked; of further ones the BYE goes at once */

struct call;

struct partings {
    struct list list;
    unsigned count;
};

void partings_init(struct agent *a);
void partings_free(struct agent *a);            /* without a word */
/* Takes what the BYE needs out of c, which is ANSWERED and freed by the caller next. -ENOBUFS, -ENOMEM: nothing is taken. */
int parting_new(struct call *c);
void partings_ack(struct agent *a, const struct sip_scan *s, const struct gb_time *now);        /* its BYE goes */
/* The platform's own BYE for one of them: true, and ours need not go any more. */
bool partings_bye(struct agent *a, const struct sip_scan *s);
void partings_shutdown(struct agent *a, const struct gb_time *now);     /* the BYEs go now: nobody will be there later */
void partings_tick(struct agent *a, const struct gb_time *now);
uint64_t partings_deadline(const struct agent *a);

#endif
