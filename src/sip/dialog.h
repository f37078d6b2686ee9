/* SPDX-License-Identifier: MIT */
/* Requests of ours inside a dialog that the platform began, made from its first request as it was kept. */
#ifndef SIP_DIALOG_H
#define SIP_DIALOG_H

#include <stdbool.h>
#include <stdint.h>

#include "sip/message.h"
#include "sip/scan.h"
#include "util/addr.h"

#define SIP_CSEQ_WRAP (UINT32_C(1) << 30)       /* CSeq that drops by more has wrapped: platforms count over all they send */

/* A request whose CSeq is lower than that of the last one in its dialog (RFC 3261 12.2.2). */
bool sip_cseq_old(uint32_t cseq, uint32_t last);

/* The header values that r points into. */
struct sip_dialog_request {
    struct sip_request r;
    char target[192], from[2048], routes[2048];
};

/* Fills r's uri (the peer's Contact, or `user` at the place the request came from when it has no usable one), from, to,
 * call_id and routes; the rest is the caller's. `s` is the request that made the dialog or last refreshed its target
 * and has to live as long as *d; local_tag is added to their To unless it is there. -EMSGSIZE: too long. */
int sip_dialog_request(struct sip_dialog_request *d, enum sip_method method, const struct sip_scan *s,
                       const char *local_tag, const char *user, const struct addr *from);

#endif
