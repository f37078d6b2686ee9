/* SPDX-License-Identifier: MIT */
#include "sip/scan.h"

#include <errno.h>
#include <string.h>

#include "sip/party.h"

struct compact {
    char letter;
    const char *name;
};

/* Compact header names, as registered at IANA. */
/* clang-format off */
static const struct compact compact_names[] = {
    { 'a', "Accept-Contact" },   { 'b', "Referred-By" }, { 'c', "Content-Type" },        { 'd', "Request-Disposition" },
    { 'e', "Content-Encoding" }, { 'f', "From" },        { 'i', "Call-ID" },             { 'j', "Reject-Contact" },
    { 'k', "Supported" },        { 'l', "Content-Length" }, { 'm', "Contact" },          { 'o', "Event" },
    { 'r', "Refer-To" },         { 's', "Subject" },     { 't', "To" },                  { 'u', "Allow-Events" },
    { 'v', "Via" },              { 'x', "Session-Expires" }, { 'y', "Identity" },
};
/* clang-format on */

static const char *const method_names[] = {
    [SIP_UNKNOWN] = "UNKNOWN", [SIP_REGISTER] = "REGISTER",   [SIP_INVITE] = "INVITE",   [SIP_ACK] = "ACK",
    [SIP_BYE] = "BYE",         [SIP_CANCEL] = "CANCEL",       [SIP_MESSAGE] = "MESSAGE", [SIP_INFO] = "INFO",
    [SIP_OPTIONS] = "OPTIONS", [SIP_SUBSCRIBE] = "SUBSCRIBE", [SIP_NOTIFY] = "NOTIFY",   [SIP_PRACK] = "PRACK",
    [SIP_UPDATE] = "UPDATE",   [SIP_REFER] = "REFER",         [SIP_PUBLISH] = "PUBLISH",
};
#define NMETHODS (sizeof(method_names) / sizeof(method_names[0]))

enum single {
    SINGLE_FROM,
    SINGLE_TO,
    SINGLE_CALL_ID,
    SINGLE_CSEQ,
    SINGLE_CONTENT_LENGTH,
    SINGLE_CONTENT_TYPE,
    SINGLE_MAX_FORWARDS,
    SINGLE_EXPIRES,
    SINGLE_MIN_EXPIRES,
    SINGLE_EVENT,
    SINGLE_SUBJECT,
    SINGLE_DATE,
    SINGLE_USER_AGENT,
    SINGLE_VERSION,
    NSINGLES
};

/* Headers that a message has once; repetitions are ignored. */
static const char *const single_names[NSINGLES] = {
    [SINGLE_FROM] = "From",
    [SINGLE_TO] = "To",
    [SINGLE_CALL_ID] = "Call-ID",
    [SINGLE_CSEQ] = "CSeq",
    [SINGLE_CONTENT_LENGTH] = "Content-Length",
    [SINGLE_CONTENT_TYPE] = "Content-Type",
    [SINGLE_MAX_FORWARDS] = "Max-Forwards",
    [SINGLE_EXPIRES] = "Expires",
    [SINGLE_MIN_EXPIRES] = "Min-Expires",
    [SINGLE_EVENT] = "Event",
    [SINGLE_SUBJECT] = "Subject",
    [SINGLE_DATE] = "Date",
    [SINGLE_USER_AGENT] = "User-Agent",
    [SINGLE_VERSION] = "X-GB-Ver",
};

struct scan_state {
    struct sip_scan *s;
    bool seen[NSINGLES];
    bool seen_via;
    struct span single[NSINGLES];
};

static void mark_bad(struct sip_scan *s, const char *why)
{
    if (!s->bad)
        s->bad = why;
}

enum sip_method sip_method_parse(struct span name)
{
    for (unsigned i = SIP_REGISTER; i < NMETHODS; i++)
        if (span_eq_str(name, method_names[i]))
            return (enum sip_method)i;
    return SIP_UNKNOWN;
}

const char *sip_method_name(enum sip_method m)
{
    return (unsigned)m < NMETHODS ? method_names[m] : method_names[SIP_UNKNOWN];
}

bool sip_header_is(const struct sip_header *h, const char *name)
{
    if (h->name.n == 1) {
        char letter = (char)(h->name.p[0] | 0x20);

        for (size_t i = 0; i < sizeof(compact_names) / sizeof(compact_names[0]); i++)
            if (compact_names[i].letter == letter)
                return span_case_eq_str(span_of(compact_names[i].name), name);
    }
    return span_case_eq_str(h->name, name);
}

int sip_content_length(struct span value, size_t *out)
{
    uint64_t v;
    int err = span_u64(span_trim(value), SIP_MESSAGE_MAX, &v);

    if (!err)
        *out = (size_t)v;
    return err;
}

/* Cuts a line and the folded lines after it, which begin with a blank. */
static struct span take_folded(struct span *rest)
{
    struct span all = *rest;
    size_t n = 0;

    for (;;) {
        size_t lf = span_chr(span_from(all, n), '\n');

        n += lf;
        if (n == all.n)
            break;
        n++;
        if (n == all.n || (all.p[n] != ' ' && all.p[n] != '\t'))
            break;
    }
    *rest = span_from(all, n);
    all.n = n;
    return all;
}

static bool ends_line(char c)
{
    return c == '\r' || c == '\n';
}

/* Some parsers end the line at a CR without LF, so it must not pass. NUL is allowed after a backslash in a quoted
 * string (RFC 3261 25.1, quoted-pair). */
static bool has_bare_cr_or_nul(struct span line)
{
    bool quoted = false;

    for (size_t i = 0; i < line.n; i++) {
        const char c = line.p[i];

        if (c == 0 || (c == '\r' && (i + 1 == line.n || line.p[i + 1] != '\n')))
            return true;
        if (c == '"')
            quoted = !quoted;
        else if (quoted && c == '\\' && i + 1 < line.n && !ends_line(line.p[i + 1]))
            i++;
    }
    return false;
}

int sip_header_next(struct span *rest, struct sip_header *h)
{
    struct span line;
    size_t colon;

    if (rest->n == 0)
        return 0;
    if (rest->p[0] == '\n' || (rest->p[0] == '\r' && rest->n > 1 && rest->p[1] == '\n')) {
        *rest = span_from(*rest, rest->p[0] == '\n' ? 1 : 2);
        return 0;
    }
    line = take_folded(rest);
    colon = span_chr(line, ':');
    h->name = (struct span){ line.p, colon };
    while (h->name.n && (h->name.p[h->name.n - 1] == ' ' || h->name.p[h->name.n - 1] == '\t'))
        h->name.n--;
    if (colon == line.n || !sip_is_token(h->name) || has_bare_cr_or_nul(line))
        return -EBADMSG;
    h->value = span_trim(span_from(line, colon + 1));
    return 1;
}

bool sip_scan_header(const struct sip_scan *s, const char *name, unsigned index, struct span *value)
{
    for (unsigned i = 0; i < s->nheaders; i++) {
        if (!sip_header_is(&s->header[i], name) || index--)
            continue;
        *value = s->header[i].value;
        return true;
    }
    return false;
}

static int scan_status_line(struct sip_scan *s, struct span line, struct span version)
{
    struct span rest = span_from(line, version.n + 1);
    struct span code = { rest.p, span_chr(rest, ' ') };
    uint64_t v = 0;

    s->response = true;
    if (code.n != 3 || span_u64(code, 699, &v) || v < 100)
        mark_bad(s, "status code");
    s->status = (unsigned)v;
    s->reason = span_trim(span_from(rest, code.n));
    return 0;
}

static int scan_request_line(struct sip_scan *s, struct span line)
{
    size_t first = span_chr(line, ' '), last = line.n;
    struct span version;

    while (last && line.p[last - 1] != ' ')
        last--;
    version = span_from(line, last);
    s->method_name = (struct span){ line.p, first };
    if (!sip_is_token(s->method_name) || !span_case_prefix(version, "SIP/"))
        return -EBADMSG;
    s->method = sip_method_parse(s->method_name);
    if (!span_case_eq_str(version, "SIP/2.0")) {
        s->bad_version = true;
        mark_bad(s, "SIP version");
    }
    /* Method SP Request-URI SP version; "INVITE  SIP/2.0" has an empty URI. */
    if (last < first + 3) {
        mark_bad(s, "request line");
        return 0;
    }
    s->uri = (struct span){ line.p + first + 1, last - first - 2 };
    if (sip_uri_parse(&s->target, s->uri))
        mark_bad(s, "Request-URI");
    else
        s->bad_scheme = !span_case_prefix(s->uri, "sip:") && !span_case_prefix(s->uri, "sips:");
    return 0;
}

static int scan_start_line(struct sip_scan *s, struct span line)
{
    struct span version = { line.p, span_chr(line, ' ') };

    if (has_bare_cr_or_nul(line))
        return -EBADMSG;
    if (!span_case_prefix(version, "SIP/"))
        return scan_request_line(s, span_trim(line));
    if (!span_case_eq_str(version, "SIP/2.0")) {
        s->bad_version = true;
        mark_bad(s, "SIP version");
    }
    return scan_status_line(s, line, version);
}

static void keep_header(struct scan_state *st, const struct sip_header *h)
{
    struct sip_scan *s = st->s;

    for (unsigned i = 0; i < NSINGLES; i++) {
        if (!sip_header_is(h, single_names[i]))
            continue;
        if (st->seen[i]) {
            /* against message smuggling */
            if (i == SINGLE_CONTENT_LENGTH && !span_eq(h->value, st->single[i]))
                mark_bad(s, "two Content-Lengths");
            return;
        }
        st->seen[i] = true;
        st->single[i] = h->value;
        break;
    }
    if (!st->seen_via && sip_header_is(h, "Via")) {
        st->seen_via = true;
        if (sip_via_parse(&s->via, h->value))
            mark_bad(s, "Via");
    }
    if (s->nheaders == SIP_HEADERS_MAX) {
        mark_bad(s, "too many headers");
        return;
    }
    s->header[s->nheaders++] = *h;
}

static void scan_cseq(struct sip_scan *s, struct span value)
{
    size_t n = 0;
    struct span name;
    uint64_t v = 0;

    while (n < value.n && value.p[n] >= '0' && value.p[n] <= '9')
        n++;
    name = span_trim(span_from(value, n));
    if (span_u64((struct span){ value.p, n }, UINT32_MAX, &v) || (n < value.n && value.p[n] > ' '))
        mark_bad(s, "CSeq");
    s->cseq = (uint32_t)v;
    if (!s->response)
        return; /* the request line's method counts: some platforms send a BYE with "CSeq: n ACK" */
    s->method_name = name;
    s->method = sip_method_parse(name);
    if (!sip_is_token(name))
        mark_bad(s, "CSeq");
}

static void scan_body(struct scan_state *st, struct span rest, bool stream)
{
    struct sip_scan *s = st->s;
    size_t want = rest.n;

    s->body = (struct span){ rest.p, 0 };
    if (!st->seen[SINGLE_CONTENT_LENGTH]) {
        if (stream)
            mark_bad(s, "no Content-Length");
    } else if (sip_content_length(st->single[SINGLE_CONTENT_LENGTH], &want)) {
        mark_bad(s, "Content-Length");
        return;
    }
    if (want > rest.n) {
        mark_bad(s, "body shorter than Content-Length");
        return;
    }
    s->body.n = want;
}

/* Required headers. A message with a Via can be answered without them. */
static void scan_missing(struct scan_state *st)
{
    static const struct {
        enum single header;
        const char *why;
    } needed[] = {
        { SINGLE_FROM, "no From" },
        { SINGLE_TO, "no To" },
        { SINGLE_CALL_ID, "no Call-ID" },
        { SINGLE_CSEQ, "no CSeq" },
    };

    for (size_t i = 0; i < sizeof(needed) / sizeof(needed[0]); i++)
        if (st->single[needed[i].header].n == 0)
            mark_bad(st->s, needed[i].why);
}

static void scan_singles(struct scan_state *st)
{
    struct sip_scan *s = st->s;
    struct span type = st->single[SINGLE_CONTENT_TYPE];

    scan_missing(st);
    if (sip_party_parse(&s->from, st->single[SINGLE_FROM]))
        mark_bad(s, "From");
    if (sip_party_parse(&s->to, st->single[SINGLE_TO]))
        mark_bad(s, "To");
    s->call_id = st->single[SINGLE_CALL_ID];
    for (size_t i = 0; i < s->call_id.n; i++)
        if ((unsigned char)s->call_id.p[i] <= ' ')
            mark_bad(s, "Call-ID");
    scan_cseq(s, st->single[SINGLE_CSEQ]);
    type.n = span_chr(type, ';');
    s->content_type = span_trim(type);
}

static int reject(struct sip_scan *s, const char *why)
{
    s->bad = why;
    return -EBADMSG;
}

int sip_scan(struct sip_scan *s, const char *data, size_t len, bool stream)
{
    struct scan_state st = { .s = s };
    struct span rest = { data, len }, line;
    struct sip_header h;
    int got;

    memset(s, 0, sizeof(*s));
    if (len > SIP_MESSAGE_MAX)
        return reject(s, "too large");
    while (rest.n && (rest.p[0] == '\r' || rest.p[0] == '\n'))
        rest = span_from(rest, 1);
    if (!span_line(&rest, &line) || scan_start_line(s, line) != 0)
        return reject(s, "not a SIP message");
    while ((got = sip_header_next(&rest, &h)) != 0)
        if (got < 0)
            mark_bad(s, "header line");
        else
            keep_header(&st, &h);
    if (!st.seen_via)
        return reject(s, "no Via");
    scan_singles(&st);
    scan_body(&st, rest, stream);
    return 0;
}
