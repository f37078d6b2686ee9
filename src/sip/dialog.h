/* SPDX-License-Identifier: MIT */
/* Requests of ours within a dialog that the platform created (RFC 3261 12.2.1.1), built from the stored request that
 * created it. */
#ifndef SIP_DIALOG_H
#define SIP_DIALOG_H

#include <stdbool.h>
#include <stdint.h>

#include "sip/message.h"
#include "sip/scan.h"
#include "util/addr.h"

/* A CSeq that drops by more than this has wrapped: platforms use one counter for all their requests. */
#define SIP_CSEQ_WRAP (UINT32_C(1) << 30)

/* cseq is lower than the dialog's last one: out of order (RFC 3261 12.2.2). */
bool sip_cseq_old(uint32_t cseq, uint32_t last);

/* A request and the header values that it points into. */
struct sip_dialog_request {
    struct sip_request r;
    char target[192], from[2048], routes[2048];
};

/* Fills in d->r's uri (the peer's Contact or, without a usable one, `user` at the address `from`), from, to, call_id
 * and routes; the rest is the caller's. `s` is the request that created the dialog or last refreshed its target; *d
 * borrows it. local_tag is added to its To unless that has a tag. -EMSGSIZE: too long. */
int sip_dialog_request(struct sip_dialog_request *d, enum sip_method method, const struct sip_scan *s,
                       const char *local_tag, const char *user, const struct addr *from);

#endif
