/* SPDX-License-Identifier: MIT */
/* Parsers of SIP header values (RFC 3261 20, 25.1): tokens, URIs, From and To, Via, parameters. The results borrow the
 * value. */
#ifndef SIP_PARTY_H
#define SIP_PARTY_H

#include <stdbool.h>
#include <stdint.h>

#include "util/span.h"

/* A From, To or Contact: name-addr or addr-spec. Missing parts are empty. */
struct sip_party {
    struct span whole;      /* the header value */
    struct span uri;        /* without < > and header parameters */
    struct span user, host; /* host without port, [v6] with brackets */
    uint16_t port;          /* 0: none */
    struct span tag;
};

struct sip_via {
    struct span whole; /* the first Via value only */
    struct span transport, host, branch, received;
    uint16_t port;
    bool rport;           /* the parameter is present */
    uint16_t rport_value; /* 0: empty */
};

bool sip_is_token(struct span s); /* RFC 3261 token, not empty */
/* "scheme:rest"; user, host and port are those of sip: and sips:, empty for other schemes. p->whole and p->tag stay
 * empty. -EBADMSG: no scheme, a blank, quote, angle bracket or control byte, or an invalid port. */
int sip_uri_parse(struct sip_party *p, struct span uri);
int sip_party_parse(struct sip_party *p, struct span value); /* -EBADMSG: no valid URI */
int sip_via_parse(struct sip_via *v, struct span value);     /* the first Via of the value; -EBADMSG */
/* A header parameter (";name=value" after any <...>), unquoted; false: absent. */
bool sip_param(struct span value, const char *name, struct span *out);

#endif
