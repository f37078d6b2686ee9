/* SPDX-License-Identifier: MIT */
#include "manscdp/config.h"

#include <errno.h>

int config_download_decode(struct manscdp_request *r, const struct xml_node *root)
{
    struct span types = span_of(xml_text(root, "ConfigType"));

    r->u.config = types.n ? 0 : MANSCDP_CONFIG_BASIC;
    while (types.n) {
        size_t end = span_chr(types, '/');
        bool basic = span_case_eq_str(span_trim((struct span){ types.p, end }), "BasicParam");
        r->u.config |= basic ? (unsigned)MANSCDP_CONFIG_BASIC : (unsigned)MANSCDP_CONFIG_OTHER;
        types = span_from(types, end + 1);
    }
    /* Of several types the ones we have are answered; none of them is an ERROR rather than silence. */
    return r->u.config & MANSCDP_CONFIG_BASIC ? 0 : -ENOTSUP;
}

void config_download_report(struct buf *b, const struct manscdp_request *r, const struct manscdp_facts *f)
{
    (void)r;
    xml_put(b, "Result", "OK");
    xml_open(b, "BasicParam");
    xml_put(b, "Name", f->target_name);
    xml_putf(b, "Expiration", "%u", (unsigned)f->expires_s);
    /* A large platform dereferences these two unseen. */
    xml_putf(b, "HeartBeatInterval", "%u", (unsigned)f->heartbeat_s);
    xml_putf(b, "HeartBeatCount", "%u", (unsigned)f->heartbeat_count);
    if (f->edition < GB_2022) {
        xml_put(b, "PositionCapability", "0");
        manscdp_put_degrees(b, "Longitude", f->longitude);
        manscdp_put_degrees(b, "Latitude", f->latitude);
    }
    xml_close(b, "BasicParam");
}
