/* SPDX-License-Identifier: MIT */
/* Inside header values: tokens, URIs, From and To, Via, parameters. Everything borrows the value. */
#ifndef SIP_PARTY_H
#define SIP_PARTY_H

#include <stdbool.h>
#include <stdint.h>

#include "util/span.h"

/* A From, To or Contact: name-addr or addr-spec. Missing parts are empty. */
struct sip_party {
    struct span whole;                  /* the header's value */
    struct span uri;                    /* without < > and header parameters */
    struct span user, host;             /* host without port, [v6] with brackets */
    uint16_t port;                      /* 0 = none */
    struct span tag;
};

struct sip_via {
    struct span whole;                  /* the first Via value only */
    struct span transport, host, branch, received;
    uint16_t port;
    bool rport;                         /* the parameter is there */
    uint16_t rport_value;               /* 0 = empty */
};

bool sip_is_token(struct span s);       /* RFC 3261 token, at least one character */
/* "scheme:rest"; user, host and port of sip: and sips:, other schemes leave them empty. p->whole and p->tag stay
 * empty. -EBADMSG: no scheme, a blank, quote, angle or control byte inside, or a port that is none. */
int sip_uri_parse(struct sip_party *p, struct span uri);
/* A Contact, From, ... value taken apart; -EBADMSG when it has no URI at all. */
int sip_party_parse(struct sip_party *p, struct span value);
int sip_via_parse(struct sip_via *v, struct span value);    /* the first of the value; -EBADMSG */
/* A header parameter (";name=value" after any <...>), unquoted; false when absent. */
bool sip_param(struct span value, const char *name, struct span *out);

#endif
