/* SPDX-License-Identifier: MIT */
#include "manscdp/subscribe.h"

#include <errno.h>
#include <string.h>

#define PRIORITY_MAX 4u

static const char *const cmd_types[SUBSCRIBE_KINDS] = {
    [SUBSCRIBE_CATALOG] = "Catalog",
    [SUBSCRIBE_ALARM] = "Alarm",
    [SUBSCRIBE_MOBILE_POSITION] = "MobilePosition",
    [SUBSCRIBE_PTZ_POSITION] = "PTZPosition",
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

/* A text that is too long does not filter. */
static void take_text(const struct xml_node *root, const char *name, char *out, size_t size)
{
    (void)span_copy(span_of(xml_text(root, name)), out, size);
}

/* The first of two spellings that is present; false if none is valid. */
static bool take_time(struct subscribe_request *r, const struct xml_node *root, const char *const names[2], bool end,
                      struct manscdp_time *out)
{
    struct manscdp_bad_time why;
    int err = -ENODATA;

    for (unsigned i = 0; i < 2 && err == -ENODATA; i++)
        err = manscdp_time_read(root, names[i], end, out, &why);
    if (err == -EBADMSG && !r->bad_time.element)
        r->bad_time = why;
    return !err;
}

static unsigned take_priority(const struct xml_node *root, const char *name)
{
    uint64_t n = 0;

    return span_u64(span_of(xml_text(root, name)), PRIORITY_MAX, &n) ? 0 : (unsigned)n;
}

static void take_alarm(struct subscribe_request *r, const struct xml_node *root)
{
    static const char *const starts[] = { "StartAlarmTime", "StartTime" };
    static const char *const ends[] = { "EndAlarmTime", "EndTime" };
    struct manscdp_period *period = &r->alarm.period;

    r->alarm.first_priority = take_priority(root, "StartAlarmPriority");
    r->alarm.last_priority = take_priority(root, "EndAlarmPriority");
    take_text(root, "AlarmMethod", r->alarm.method, sizeof(r->alarm.method));
    take_text(root, "AlarmType", r->alarm.type, sizeof(r->alarm.type));
    period->has_from = take_time(r, root, starts, false, &period->from);
    period->has_to = take_time(r, root, ends, true, &period->to);
}

static void take_interval(struct subscribe_request *r, const struct xml_node *root)
{
    struct span text = span_of(xml_text(root, "Interval"));
    uint64_t n;
    int err = text.n ? span_u64(text, UINT64_MAX, &n) : -EBADMSG;

    if (err && err != -ERANGE)
        return;
    if (err || n > SUBSCRIBE_INTERVAL_MAX_S)
        n = SUBSCRIBE_INTERVAL_MAX_S;
    r->interval_s = n ? (uint32_t)n : 1;
    r->has_interval = true;
}

int subscribe_decode(struct subscribe_request *r, struct span body, enum charset fallback)
{
    struct xml_doc *doc;
    const struct xml_node *root;
    int err = xml_parse(&doc, body, fallback);

    memset(r, 0, sizeof(*r));
    r->interval_s = SUBSCRIBE_INTERVAL_S;
    if (err)
        return err;
    root = xml_root(doc);
    /* The root does not matter, CmdType decides. */
    err = xml_text(root, "CmdType") ? kind_of(span_of(xml_text(root, "CmdType")), &r->kind) : -EBADMSG;
    if (!span_copy(span_of(xml_text(root, "SN")), r->sn, sizeof(r->sn)) ||
        !span_copy(span_of(xml_text(root, "DeviceID")), r->device_id, sizeof(r->device_id)))
        err = -EBADMSG;
    if (!err && r->kind == SUBSCRIBE_ALARM)
        take_alarm(r, root);
    take_interval(r, root);
    xml_free(doc);
    return err;
}

void subscribe_response_put(struct buf *b, enum charset cs, const struct subscribe_request *r)
{
    manscdp_begin(b, cs, MANSCDP_RESPONSE, cmd_types[r->kind], r->sn, r->device_id);
    xml_put(b, "Result", "OK");
    manscdp_end(b, MANSCDP_RESPONSE);
}

/* Each digit is a method: "2", "12" (2016), "1/2" (2022); 0 and "" mean all. */
static bool has_method(const char *list, unsigned method)
{
    return !list[0] || strchr(list, '0') || (method < 10 && strchr(list, (int)('0' + method)));
}

/* A number or a list such as "1/13"; 0 and "" mean all. */
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
    const struct manscdp_period *period = &r->alarm.period;

    if (r->alarm.first_priority && priority < r->alarm.first_priority)
        return false;
    if (r->alarm.last_priority && priority > r->alarm.last_priority)
        return false;
    if (!has_method(r->alarm.method, method) || !has_type(r->alarm.type, type))
        return false;
    if (period->has_from && unix_ms < manscdp_time_unix(&period->from, utc_offset_s) * 1000)
        return false;
    if (period->has_to && unix_ms > manscdp_time_unix(&period->to, utc_offset_s) * 1000)
        return false;
    return true;
}
