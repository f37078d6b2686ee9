/* SPDX-License-Identifier: MIT */
/* SIP messages as we send them: CRLF, Content-Length and Max-Forwards always, rport in every Via. */
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

/* A request of ours. Strings are borrowed for the call; NULL leaves an optional line out. */
struct sip_request {
    enum sip_method method;
    struct span uri;
    enum sip_transport transport;
    const struct addr *via;             /* sent-by */
    const char *branch;
    struct span from, to;               /* whole header values, tags included */
    struct span call_id;
    uint32_t cseq;
    struct span routes;                 /* whole "Route: ...\r\n" lines, or empty */
    const char *contact;                /* whole header value */
    const char *authorization;          /* whole header value */
    bool has_expires;
    uint32_t expires;
    struct span event;                  /* Event, or empty */
    const char *subscription_state;     /* whole header value */
    struct span extra;                  /* further whole lines, or empty */
    const char *content_type;
    struct span body;
};

/* Overflow shows in out. */
void sip_request_write(struct buf *out, const struct sip_request *r);

/* An answer to a request that sip_scan read. */
struct sip_response {
    unsigned status;
    const char *to_tag;                 /* added when the request's To has none; NULL: never */
    const char *contact;                /* whole header value */
    const char *content_type;
    struct span body;
    const char *allow, *accept;         /* whole header values */
    struct span unsupported;            /* 420: the option tags that are not known */
    bool record_route;                  /* copy Record-Route (answers that make a dialog) */
    bool has_expires;
    uint32_t expires;
    uint32_t min_expires;               /* 423: Min-Expires; 0 no line */
    bool event;                         /* copy Event */
};

/* `from`: where the request came from; it goes into the top Via as received and rport. */
void sip_response_write(struct buf *out, const struct sip_response *r, const struct sip_scan *request,
                        const struct addr *from);

#endif
