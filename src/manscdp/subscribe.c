/* SPDX-License-Identifier: MIT */
#include "manscdp/subscribe.h"

#include <errno.h>
#include <string.h>

#define PRIORITY_MAX 4u

static const char *const cmd_types[SUBSCRIBE_KINDS] = {
    [SUBSCRIBE_CATALOG] = "Catalog", [SUBSCRIBE_ALARM] = "Alarm",
    [SUBSCRIBE_MOBILE_POSITION] = "MobilePosition", [SUBSCRIBE_PTZ_POSITION] = "PTZPosition",
};

const char *subscribe_cmd_type(enum subscribe_kind kind)
{
    return cmd_types[kind];
}

static int kind_of(struct span name, enum subscribe_kind *kind)
{
    for (unsigned i = 0; i < SUBSCRIBE_KINDS; i++) {
        if (span_case_eq_str(name, cmd_types[i])) {
            *kind = (enum subscribe_kind)i;
            return 0;
        }
    }
    return -ENOTSUP;
}

int subscribe_kind_of_event(struct span event, enum subscribe_kind *kind)
{
    event.n = span_chr(event, ';');
    return kind_of(span_trim(event), kind);
}

/* Of several spellings the first that has a text; one that is too long is no filter. */
static void take_text(const struct xml_node *root, const char *name, const char *other, char *out, size_t size)
{
    const char *text = xml_text(root, name);

    if (other && (!text || !text[0]))
        text = xml_text(root, other);
    (void)span_copy(span_of(text), out, size);
}

static unsigned take_priority(const struct xml_node *root, const char *name)
{
    uint64_t n = 0;

    return span_u64(span_of(xml_text(root, name)), PRIORITY_MAX, &n) ? 0 : (unsigned)n;
}

static void take_alarm(struct subscribe_request *r, const struct xml_node *root)
{
    r->alarm.first_priority = take_priority(root, "StartAlarmPriority");
    r->alarm.last_priority = take_priority(root, "EndAlarmPriority");
    take_text(root, "AlarmMethod", NULL, r->alarm.method, sizeof(r->alarm.method));
    take_text(root, "AlarmType", NULL, r->alarm.type, sizeof(r->alarm.type));
    take_text(root, "StartAlarmTime", "StartTime", r->alarm.start, sizeof(r->alarm.start));
    take_text(root, "EndAlarmTime", "EndTime", r->alarm.end, sizeof(r->alarm.end));
}

static void take_interval(struct subscribe_request *r, const struct xml_node *root)
{
    struct span text = span_of(xml_text(root, "Interval"));
    uint64_t n;
    int ret = text.n ? span_u64(text, UINT64_MAX, &n) : -EBADMSG;

    if (ret && ret != -ERANGE)
        return;
    if (ret || n > SUBSCRIBE_INTERVAL_MAX_S)
        n = SUBSCRIBE_INTERVAL_MAX_S;
    r->interval_s = n ? (uint32_t)n : 1;
    r->has_interval = true;
}

int subscribe_decode(struct subscribe_request *r, struct span body, enum charset fallback)
{
    struct xml_doc *doc;
    const struct xml_node *root;
    int ret = xml_parse(&doc, body, fallback);

    memset(r, 0, sizeof(*r));
    r->interval_s = SUBSCRIBE_INTERVAL_S;
    if (ret)
        return ret;
    root = xml_root(doc);
    /* Whatever the root is called: CmdType says what is asked for. */
    ret = xml_text(root, "CmdType") ? kind_of(span_of(xml_text(root, "CmdType")), &r->kind) : -EBADMSG;
    if (!span_copy(span_of(xml_text(root, "SN")), r->sn, sizeof(r->sn)) ||
        !span_copy(span_of(xml_text(root, "DeviceID")), r->device_id, sizeof(r->device_id)))
        ret = -EBADMSG;
    take_alarm(r, root);
    take_interval(r, root);
    xml_free(doc);
    return ret;
}

void subscribe_response_put(struct buf *b, enum charset cs, const struct subscribe_request *r)
{
    manscdp_begin(b, cs, MANSCDP_RESPONSE, cmd_types[r->kind], r->sn, r->device_id);
    xml_put(b, "Result", "OK");
    manscdp_end(b, MANSCDP_RESPONSE);
}

/* Each digit of AlarmMethod is a method: "2", "12" (2016), "1/2" (2022); 0 and nothing are all. */
static bool has_method(const char *list, unsigned method)
{
    return !list[0] || strchr(list, '0') || (method < 10 && strchr(list, (int)('0' + method)));
}

/* AlarmTypes have two digits: "1/13" in a list, otherwise one number; 0 and nothing are all. */
static bool has_type(const char *list, unsigned type)
{
    struct span rest = span_of(list);
    uint64_t n;

    if (!rest.n)
        return true;
    while (rest.n) {
        size_t end = span_chr(rest, '/');
        struct span one = span_trim((struct span){ rest.p, end });
        if (span_u64(one, 999, &n) || n == 0 || n == type)
            return true;
        rest = span_from(rest, end + 1);
    }
    return false;
}

bool subscribe_wants_alarm(const struct subscribe_request *r, unsigned priority, unsigned method, unsigned type,
                           int64_t unix_ms, int utc_offset_s)
{
    int64_t when;

    if (r->alarm.first_priority && priority < r->alarm.first_priority)
        return false;
    if (r->alarm.last_priority && priority > r->alarm.last_priority)
        return false;
    if (!has_method(r->alarm.method, method) || !has_type(r->alarm.type, type))
        return false;
    if (r->alarm.start[0] && !walltime_parse(span_of(r->alarm.start), utc_offset_s, &when) && unix_ms < when)
        return false;
    if (r->alarm.end[0] && !walltime_parse(span_of(r->alarm.end), utc_offset_s, &when) && unix_ms > when)
        return false;
    return true;
}
