/* SPDX-License-Identifier: MIT */
#include "sip/dialog.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "util/buf.h"

bool sip_cseq_old(uint32_t cseq, uint32_t last)
{
    return cseq < last && last - cseq <= SIP_CSEQ_WRAP;
}

static bool uri_ok(struct span uri)
{
    if (uri.n < 5 || uri.n > 512 || !span_case_prefix(uri, "sip:"))
        return false;
    for (size_t i = 0; i < uri.n; i++)
        if (uri.p[i] <= ' ' || uri.p[i] >= 0x7f || uri.p[i] == '<' || uri.p[i] == '>' || uri.p[i] == '"')
            return false;
    return true;
}

int sip_dialog_request(struct sip_dialog_request *d, enum sip_method method, const struct sip_scan *s,
                       const char *local_tag, const char *user, const struct addr *from)
{
    char source[ADDR_TEXT_MAX];
    struct sip_party contact;
    struct buf own, route;
    struct span value;

    addr_print(from, source);
    snprintf(d->target, sizeof(d->target), "sip:%s@%s", user, source);
    /* Ours is their To with our tag; theirs is their From, unchanged. */
    buf_init(&own, d->from, sizeof(d->from));
    buf_span(&own, s->to.whole);
    if (s->to.tag.n == 0)
        buf_printf(&own, ";tag=%s", local_tag);
    buf_init(&route, d->routes, sizeof(d->routes));
    for (unsigned i = 0; sip_scan_header(s, "Record-Route", i, &value); i++) {
        buf_str(&route, "Route: ");
        buf_span(&route, value);
        buf_str(&route, "\r\n");
    }
    d->r = (struct sip_request){
        .method = method,
        .uri = span_of(d->target),
        .from = buf_view(&own),
        .to = s->from.whole,
        .call_id = s->call_id,
        .routes = buf_view(&route),
    };
    if (sip_scan_header(s, "Contact", 0, &value) && sip_party_parse(&contact, value) == 0 && uri_ok(contact.uri))
        d->r.uri = contact.uri;
    return own.overflow || route.overflow ? -EMSGSIZE : 0;
}
