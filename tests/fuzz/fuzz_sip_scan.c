/* SPDX-License-Identifier: MIT */
/* One input, scanned as a datagram and as a TCP message: every span lies within it. */
#include <stdint.h>
#include <stdlib.h>

#include "sip/scan.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void inside(struct span s, const uint8_t *data, size_t size)
{
    const uint8_t *p = (const uint8_t *)s.p;

    if (s.n && (p < data || s.n > size || p > data + size - s.n))
        abort();
}

static void party_inside(const struct sip_party *p, const uint8_t *data, size_t size)
{
    const struct span parts[] = { p->whole, p->uri, p->user, p->host, p->tag };

    for (unsigned i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
        inside(parts[i], data, size);
}

static void header_inside(const struct sip_header *h, const uint8_t *data, size_t size)
{
    static const char *const params[] = { "tag", "expires", "branch", "x" };
    struct sip_party p;
    struct span out;

    inside(h->name, data, size);
    inside(h->value, data, size);
    if (h->name.n == 0)
        abort();
    for (unsigned i = 0; i < sizeof(params) / sizeof(params[0]); i++)
        if (sip_param(h->value, params[i], &out))
            inside(out, data, size);
    if (!sip_party_parse(&p, h->value))
        party_inside(&p, data, size);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    for (int stream = 0; stream < 2; stream++) {
        struct sip_scan s;
        struct span v;

        if (sip_scan(&s, (const char *)data, size, stream))
            continue;
        const struct span views[] = {
            s.reason,    s.method_name,   s.uri,      s.call_id,    s.content_type, s.body,
            s.via.whole, s.via.transport, s.via.host, s.via.branch, s.via.received,
        };

        for (unsigned i = 0; i < sizeof(views) / sizeof(views[0]); i++)
            inside(views[i], data, size);
        party_inside(&s.from, data, size);
        party_inside(&s.to, data, size);
        party_inside(&s.target, data, size);
        if (s.nheaders > SIP_HEADERS_MAX || !s.call_id.n || (!s.bad && !s.via.host.n))
            abort();
        if (!s.bad && s.response && (s.status < 100 || s.status > 699))
            abort();
        for (unsigned i = 0; i < s.nheaders; i++)
            header_inside(&s.header[i], data, size);
        if (!s.bad && (!sip_scan_header(&s, "Via", 0, &v) || sip_scan_header(&s, "Call-ID", 1, &v)))
            abort();
    }
    return 0;
}
