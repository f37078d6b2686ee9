/* SPDX-License-Identifier: MIT */
/*
 * The first reader of every SIP message: no allocation, views into the message. It finds what routing,
 * transactions and dialogs need, and how bad the message is: useless (dropped) or answerable with 400.
 * Tolerant of what platforms really send: doubled single headers (the second is ignored), a CSeq whose
 * method is not the request line's, branches without the cookie or empty, Contact without host, folded lines,
 * compact names, LF line ends, blanks before the colon.
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
    SIP_UNKNOWN, SIP_REGISTER, SIP_INVITE, SIP_ACK, SIP_BYE, SIP_CANCEL, SIP_MESSAGE, SIP_INFO, SIP_OPTIONS,
    SIP_SUBSCRIBE, SIP_NOTIFY, SIP_PRACK, SIP_UPDATE, SIP_REFER, SIP_PUBLISH,
};

struct sip_header {
    struct span name, value;            /* value trimmed; a folded value keeps its inner line breaks */
};

struct sip_scan {
    bool response;
    unsigned status;                    /* responses: 100..699 */
    struct span reason;
    enum sip_method method;             /* requests: of the request line; responses: of CSeq */
    struct span method_name;
    struct span uri;                    /* requests */
    struct sip_party target;            /* requests: uri taken apart (tag empty) */

    const char *bad;                    /* NULL, or why a request deserves 400 (a response: the drop) */
    bool bad_version;                   /* 505 instead */
    bool bad_scheme;                    /* the Request-URI is one, but neither sip nor sips: 416 */

    struct sip_via via;
    struct sip_party from, to;
    struct span call_id;
    uint32_t cseq;
    struct span content_type;           /* without parameters */
    struct span body;                   /* bounds checked against Content-Length and len */
    unsigned duplicates;                /* second copies of single headers that were ignored */

    unsigned nheaders;
    struct sip_header header[SIP_HEADERS_MAX];
};

/* Reads one message. -EBADMSG: not SIP, or nothing that could be answered (no Via, or larger than SIP_MESSAGE_MAX);
 * s->bad says what. 0 otherwise: look at s->bad. On datagrams a body longer than Content-Length is cut,
 * one shorter is bad. `stream`: Content-Length is required. Everything in *s borrows data. */
int sip_scan(struct sip_scan *s, const char *data, size_t len, bool stream);

/* The index-th header of that full name (compact forms match too); duplicates of single headers are not seen. */
bool sip_scan_header(const struct sip_scan *s, const char *name, unsigned index, struct span *value);
/* The next header of a message's header part, folded lines joined; *rest goes past it. 1: *h is one; 0: the blank
 * line or the end of the bytes was taken; -EBADMSG: a line that is no header (skipped, *rest is past it). */
int sip_header_next(struct span *rest, struct sip_header *h);
/* Is this header the one of that full name? Any case, compact form too. */
bool sip_header_is(const struct sip_header *h, const char *name);
/* Content-Length's value: digits only, at most SIP_MESSAGE_MAX. -EBADMSG, -ERANGE. */
int sip_content_length(struct span value, size_t *out);
enum sip_method sip_method_parse(struct span name);
const char *sip_method_name(enum sip_method m);      /* "UNKNOWN" for SIP_UNKNOWN */

#endif
