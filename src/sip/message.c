/* SPDX-License-Identifier: MIT */
#include "sip/message.h"

#include <inttypes.h>

static const struct {
    unsigned status;
    const char *text;
} reasons[] = {
    { 100, "Trying" },
    { 200, "OK" },
    { 400, "Bad Request" },
    { 403, "Forbidden" },
    { 404, "Not Found" },
    { 405, "Method Not Allowed" },
    { 408, "Request Timeout" },
    { 413, "Request Entity Too Large" },
    { 415, "Unsupported Media Type" },
    { 416, "Unsupported URI Scheme" },
    { 420, "Bad Extension" },
    { 423, "Interval Too Brief" },
    { 480, "Temporarily Unavailable" },
    { 481, "Call/Transaction Does Not Exist" },
    { 482, "Loop Detected" },
    { 486, "Busy Here" },
    { 487, "Request Terminated" },
    { 488, "Not Acceptable Here" },
    { 489, "Bad Event" },
    { 491, "Request Pending" },
    { 500, "Server Internal Error" },
    { 501, "Not Implemented" },
    { 503, "Service Unavailable" },
    { 505, "Version Not Supported" },
    { 513, "Message Too Large" },
    { 603, "Decline" },
};

static const char *reason_of(unsigned status)
{
    for (size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++)
        if (reasons[i].status == status)
            return reasons[i].text;
    return status < 300 ? "OK" : "Error";
}

static void put_line(struct buf *out, const char *name, const char *value)
{
    if (!value)
        return;
    buf_str(out, name);
    buf_str(out, ": ");
    buf_str(out, value);
    buf_str(out, "\r\n");
}

/* Unfolds the value, so that it cannot start a line of its own. */
static void put_unfolded(struct buf *out, struct span value)
{
    for (size_t i = 0; i < value.n; i++) {
        char c = value.p[i];
        buf_char(out, c == '\r' || c == '\n' || c == '\0' ? ' ' : c);
    }
}

static void put_line_span(struct buf *out, const char *name, struct span value)
{
    buf_str(out, name);
    buf_str(out, ": ");
    put_unfolded(out, value);
    buf_str(out, "\r\n");
}

static void put_tail(struct buf *out, const char *content_type, struct span body)
{
    buf_str(out, "User-Agent: " SIP_USER_AGENT "\r\n");
    if (body.n > 0)
        put_line(out, "Content-Type", content_type);
    buf_printf(out, "Content-Length: %zu\r\n\r\n", body.n);
    buf_span(out, body);
}

void sip_request_write(struct buf *out, const struct sip_request *r)
{
    const char *method = sip_method_name(r->method);
    char host[ADDR_TEXT_MAX];

    addr_print(r->via, host);
    buf_str(out, method);
    buf_char(out, ' ');
    buf_span(out, r->uri);
    buf_str(out, " SIP/2.0\r\n");
    buf_printf(out, "Via: SIP/2.0/%s %s;rport;branch=%s\r\n", r->transport == SIP_TCP ? "TCP" : "UDP", host, r->branch);
    buf_span(out, r->routes);
    buf_str(out, "Max-Forwards: 70\r\n");
    put_line_span(out, "From", r->from);
    put_line_span(out, "To", r->to);
    put_line_span(out, "Call-ID", r->call_id);
    buf_printf(out, "CSeq: %" PRIu32 " %s\r\n", r->cseq, method);
    put_line(out, "Contact", r->contact);
    put_line(out, "Authorization", r->authorization);
    if (r->has_expires)
        buf_printf(out, "Expires: %" PRIu32 "\r\n", r->expires);
    if (r->event.n > 0)
        put_line_span(out, "Event", r->event);
    put_line(out, "Subscription-State", r->subscription_state);
    buf_span(out, r->extra);
    put_tail(out, r->content_type, r->body);
}

/* End of the parameter at `i`: the next ';' outside quotes, or s.n. */
static size_t param_end(struct span s, size_t i)
{
    bool quoted = false;

    for (; i < s.n; i++)
        if (quoted && s.p[i] == '\\' && i + 1 < s.n)
            i++;
        else if (s.p[i] == '"')
            quoted = !quoted;
        else if (!quoted && s.p[i] == ';')
            break;
    return i;
}

static bool param_is(struct span param, const char *name)
{
    struct span key = { param.p, span_chr(param, '=') };

    return span_case_eq_str(span_trim(key), name);
}

/* The first Via value with received (RFC 3261 18.2.1) and rport (RFC 3581) filled in. */
static void put_top_via(struct buf *out, struct span via, const struct addr *from)
{
    char host[ADDR_TEXT_MAX];
    size_t i = param_end(via, 0);

    put_unfolded(out, (struct span){ via.p, i });
    while (i < via.n) {
        size_t end = param_end(via, i + 1);
        struct span param = { via.p + i + 1, end - i - 1 };
        if (param_is(param, "rport")) {
            buf_printf(out, ";rport=%u", (unsigned)from->port);
        } else if (!param_is(param, "received")) {
            buf_char(out, ';');
            put_unfolded(out, param);
        }
        i = end;
    }
    addr_print_ip(from, host);
    buf_printf(out, ";received=%s", host);
}

static void put_vias(struct buf *out, const struct sip_scan *q, const struct addr *from)
{
    struct span value;

    for (unsigned i = 0; sip_scan_header(q, "Via", i, &value); i++) {
        buf_str(out, "Via: ");
        if (i == 0) {
            put_top_via(out, q->via.whole, from);
            size_t taken = (size_t)(q->via.whole.p - value.p) + q->via.whole.n;
            put_unfolded(out, span_from(value, taken));
        } else {
            put_unfolded(out, value);
        }
        buf_str(out, "\r\n");
    }
}

static void put_copied(struct buf *out, const struct sip_scan *q, const char *name)
{
    struct span value;

    for (unsigned i = 0; sip_scan_header(q, name, i, &value); i++) {
        buf_str(out, name);
        buf_str(out, ": ");
        put_unfolded(out, value);
        buf_str(out, "\r\n");
    }
}

static void put_to(struct buf *out, const struct sip_scan *q, const char *tag)
{
    struct span value = q->to.whole;

    if (!sip_scan_header(q, "To", 0, &value))
        return;
    buf_str(out, "To: ");
    put_unfolded(out, value);
    if (tag && q->to.tag.n == 0) {
        buf_str(out, ";tag=");
        buf_str(out, tag);
    }
    buf_str(out, "\r\n");
}

void sip_response_write(struct buf *out, const struct sip_response *r, const struct sip_scan *request,
                        const struct addr *from)
{
    buf_printf(out, "SIP/2.0 %u %s\r\n", r->status, reason_of(r->status));
    put_vias(out, request, from);
    if (r->record_route)
        put_copied(out, request, "Record-Route");
    /* Copied from the raw headers, because malformed ones were not parsed. */
    put_copied(out, request, "From");
    put_to(out, request, r->to_tag);
    put_copied(out, request, "Call-ID");
    put_copied(out, request, "CSeq");
    put_line(out, "Contact", r->contact);
    put_line(out, "Allow", r->allow);
    put_line(out, "Accept", r->accept);
    if (r->has_expires)
        buf_printf(out, "Expires: %" PRIu32 "\r\n", r->expires);
    if (r->min_expires)
        buf_printf(out, "Min-Expires: %" PRIu32 "\r\n", r->min_expires);
    if (r->event)
        put_copied(out, request, "Event");
    if (r->unsupported.n > 0) {
        buf_str(out, "Unsupported: ");
        put_unfolded(out, r->unsupported);
        buf_str(out, "\r\n");
    }
    put_tail(out, r->content_type, r->body);
}
