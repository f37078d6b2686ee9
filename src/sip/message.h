/* SPDX-License-Identifier: MIT */
/* Writes SIP requests and responses (RFC 3261 7): always with Content-Length, Max-Forwards, and rport in Via (RFC
 * 3581). */
#ifndef SIP_MESSAGE_H
#define SIP_MESSAGE_H

#include <stdbool.h>
#include <stdint.h>

#include "sip/scan.h"
#include "sip/transport.h"
#include "util/addr.h"
#include "util/buf.h"
#include "util/span.h"

#define SIP_USER_AGENT "gbagent/" GBAGENT_VERSION

/* Strings are borrowed for the call. NULL: without that header. */
struct sip_request {
    enum sip_method method;
    struct span uri;
    enum sip_transport transport;
    const struct addr *via; /* sent-by */
    const char *branch;
    struct span from, to; /* complete header values, with tags */
    struct span call_id;
    uint32_t cseq;
    struct span routes;        /* complete "Route: ...\r\n" lines, or empty */
    const char *contact;       /* complete header value */
    const char *authorization; /* complete header value */
    bool has_expires;
    uint32_t expires;
    struct span event;              /* Event, or empty */
    const char *subscription_state; /* complete header value */
    struct span extra;              /* other complete header lines, or empty */
    const char *content_type;
    struct span body;
};

/* out->overflow: too long. */
void sip_request_write(struct buf *out, const struct sip_request *r);

/* A response to a request that sip_scan read. */
struct sip_response {
    unsigned status;
    const char *to_tag;  /* added when the request's To has none; NULL: not added */
    const char *contact; /* complete header value */
    const char *content_type;
    struct span body;
    const char *allow, *accept; /* complete header values */
    struct span unsupported;    /* 420: the unsupported option tags */
    bool record_route;          /* copy Record-Route (responses that create a dialog) */
    bool has_expires;
    uint32_t expires;
    uint32_t min_expires; /* 423: Min-Expires; 0: none */
    bool event;           /* copy Event */
};

/* `from`: the source of the request, written to the top Via as received and rport. */
void sip_response_write(struct buf *out, const struct sip_response *r, const struct sip_scan *request,
                        const struct addr *from);

#endif
