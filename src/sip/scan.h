/* SPDX-License-Identifier: MIT */
/*
 * Parser of received SIP messages (RFC 3261 7), without allocation: the results point into the message. It extracts
 * what routing, transactions and dialogs need, and distinguishes messages to drop from requests to answer with 400. It
 * accepts the deviations seen in the field: repeated single headers (the first counts), a CSeq method other than the
 * request line's, branches that are empty or lack the cookie, Contact without host, LF line ends, blanks before the
 * colon.
 */
#ifndef SIP_SCAN_H
#define SIP_SCAN_H

#include <stdbool.h>
#include <stdint.h>

#include "sip/party.h"
#include "util/span.h"

#define SIP_HEADERS_MAX 64u
#define SIP_MESSAGE_MAX 65535u

enum sip_method {
    SIP_UNKNOWN,
    SIP_REGISTER,
    SIP_INVITE,
    SIP_ACK,
    SIP_BYE,
    SIP_CANCEL,
    SIP_MESSAGE,
    SIP_INFO,
    SIP_OPTIONS,
    SIP_SUBSCRIBE,
    SIP_NOTIFY,
    SIP_PRACK,
    SIP_UPDATE,
    SIP_REFER,
    SIP_PUBLISH,
};

struct sip_header {
    struct span name, value; /* value trimmed; a folded one keeps its line breaks */
};

struct sip_scan {
    bool response;
    unsigned status; /* responses: 100..699 */
    struct span reason;
    enum sip_method method; /* requests: of the request line; responses: of CSeq */
    struct span method_name;
    struct span uri;         /* requests */
    struct sip_party target; /* requests: uri, parsed (no tag) */

    const char *bad;  /* NULL, or the reason to answer a request with 400 or drop a response */
    bool bad_version; /* 505 instead of 400 */
    bool bad_scheme;  /* a valid Request-URI, but neither sip nor sips: 416 */

    struct sip_via via;
    struct sip_party from, to;
    struct span call_id;
    uint32_t cseq;
    struct span content_type; /* without parameters */
    struct span body;         /* within Content-Length and the message */

    unsigned nheaders;
    struct sip_header header[SIP_HEADERS_MAX];
};

/* Parses one message; *s borrows data. -EBADMSG: not SIP, or cannot be answered (no Via, or larger than
 * SIP_MESSAGE_MAX); s->bad is the reason. 0: otherwise, even if s->bad is set. A body longer than Content-Length is
 * cut, a shorter one is bad. `stream`: Content-Length is required. */
int sip_scan(struct sip_scan *s, const char *data, size_t len, bool stream);

/* The index-th header of that full name, compact forms included; repeated single headers are not counted. */
bool sip_scan_header(const struct sip_scan *s, const char *name, unsigned index, struct span *value);
/* Cuts the next header, folded lines included, off *rest. 1: *h is it; 0: the blank line or the end was reached;
 * -EBADMSG: malformed line, skipped. */
int sip_header_next(struct span *rest, struct sip_header *h);
/* Does h have that full name, in any case or in its compact form? */
bool sip_header_is(const struct sip_header *h, const char *name);
/* The value of Content-Length: digits only, at most SIP_MESSAGE_MAX. -EBADMSG, -ERANGE. */
int sip_content_length(struct span value, size_t *out);
enum sip_method sip_method_parse(struct span name);
const char *sip_method_name(enum sip_method m); /* "UNKNOWN" for SIP_UNKNOWN */

#endif
