/* SPDX-License-Identifier: MIT */
/* Every command of GB/T 28181 that reaches a device, and the way to it. */
#ifndef MANSCDP_TABLE_H
#define MANSCDP_TABLE_H

#include "manscdp/request.h"

/* A body as it came. -EBADMSG: no XML, an unknown root, no CmdType or one that is too long; -E2BIG: past the limits of
 * codec/xml.h; -ENOMEM. */
int manscdp_decode(struct manscdp_request *r, struct span body, enum charset fallback);
/* What a request owns; it is zero afterwards. A request that was not decoded with 0 owns nothing. */
void manscdp_request_free(struct manscdp_request *r);

#endif
