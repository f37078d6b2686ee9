/* SPDX-License-Identifier: MIT */
/* What sip_scan needs inside header values: tokens, URIs, Via. */
#ifndef SIP_PARTY_H
#define SIP_PARTY_H

#include "sip/scan.h"

bool sip_is_token(struct span s);       /* RFC 3261 token, at least one character */
/* "scheme:rest"; user, host and port of sip: and sips:, other schemes leave them empty. p->whole and p->tag stay
 * empty. -EBADMSG: no scheme, a blank, quote, angle or control byte inside, or a port that is none. */
int sip_uri_parse(struct sip_party *p, struct span uri);
int sip_via_parse(struct sip_via *v, struct span value);    /* the first of the value; -EBADMSG */

#endif
