/* SPDX-License-Identifier: MIT */
#include "manscdp/message.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static const char *const root_names[] = {
    [MANSCDP_CONTROL] = "Control",
    [MANSCDP_QUERY] = "Query",
    [MANSCDP_NOTIFY] = "Notify",
    [MANSCDP_RESPONSE] = "Response",
};

int manscdp_root_find(const char *name, enum manscdp_root *out)
{
    for (unsigned i = 0; i < sizeof(root_names) / sizeof(root_names[0]); i++) {
        if (!strcmp(name, root_names[i])) {
            *out = (enum manscdp_root)i;
            return 0;
        }
    }
    return -EBADMSG;
}

void manscdp_begin(struct buf *b, enum charset cs, enum manscdp_root root, const char *cmd_type, const char *sn,
                   const char *device_id)
{
    xml_prolog(b, cs);
    xml_open(b, root_names[root]);
    xml_put(b, "CmdType", cmd_type);
    xml_put(b, "SN", sn);
    if (device_id)
        xml_put(b, "DeviceID", device_id);
}

void manscdp_begin_notify(struct buf *b, enum charset cs, const char *cmd_type, uint32_t sn, const char *device_id)
{
    char text[16];

    snprintf(text, sizeof(text), "%u", (unsigned)sn);
    manscdp_begin(b, cs, MANSCDP_NOTIFY, cmd_type, text, device_id);
}

void manscdp_end(struct buf *b, enum manscdp_root root)
{
    xml_close(b, root_names[root]);
}

int manscdp_time_read(const struct xml_node *node, const char *name, bool end, struct manscdp_time *out,
                      struct manscdp_bad_time *why)
{
    const struct span text = span_trim(span_of(xml_text(node, name)));
    const int most = (int)MANSCDP_BAD_TIME_SIZE - 4;
    int64_t here, east;

    if (text.n && !walltime_parse_query(text, 0, end, &here) && !walltime_parse_query(text, 3600, end, &east)) {
        /* With a zone of its own, the time does not depend on ours. */
        out->local = here != east;
        out->unix_s = here / 1000 - (here % 1000 < 0);
        return 0;
    }
    why->element = name;
    snprintf(why->text, sizeof(why->text), "%.*s%s", text.n > (size_t)most ? most : (int)text.n, text.n ? text.p : "",
             text.n > (size_t)most ? "..." : "");
    return text.n ? -EBADMSG : -ENODATA;
}

int64_t manscdp_time_unix(const struct manscdp_time *w, int utc_offset_s)
{
    return w->unix_s - (w->local ? utc_offset_s : 0);
}

int manscdp_convert(enum charset cs, const struct buf *utf8, struct buf *out)
{
    if (utf8->overflow)
        return -EMSGSIZE;
    int err = charset_from_utf8(cs, buf_view(utf8), out);
    if (err)
        return err;
    return out->overflow ? -EMSGSIZE : 0;
}

void manscdp_put_degrees(struct buf *b, const char *name, double degrees)
{
    /* Six decimals are 11 cm. Integers avoid the comma of a locale, and NaN. */
    bool usable = degrees >= -360.0 && degrees <= 360.0;
    long long micro = usable ? (long long)(degrees * 1e6 + (degrees < 0 ? -0.5 : 0.5)) : 0;
    unsigned long long size = (unsigned long long)(micro < 0 ? -micro : micro);

    xml_putf(b, name, "%s%llu.%06llu", micro < 0 ? "-" : "", size / 1000000, size % 1000000);
}
