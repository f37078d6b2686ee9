/* SPDX-License-Identifier: MIT */
/* Decodes every GB/T 28181 command that a device can receive. */
#ifndef MANSCDP_TABLE_H
#define MANSCDP_TABLE_H

#include "manscdp/request.h"

/* Decodes a body as received. 0; -EBADMSG: not XML, unknown root, no CmdType, or CmdType, SN or DeviceID too long;
 * -E2BIG: over the limits of codec/xml.h; -ENOMEM. Invalid arguments are reported by r->error instead. */
int manscdp_decode(struct manscdp_request *r, struct span body, enum charset fallback);
/* Frees what a request owns and zeroes it. Only a request decoded with 0 owns anything. */
void manscdp_request_free(struct manscdp_request *r);

#endif
