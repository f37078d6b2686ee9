/* SPDX-License-Identifier: MIT */
/* SUBSCRIBE and NOTIFY with an injected clock: granted expirations, contents and times of NOTIFYs, ends. */
#include <math.h>

#include "tests/unit/agent_rig.h"

#include <errno.h>

#include "agent/subscription.h"

#define CALL_ID  "sub-1@192.0.2.1"
#define FROM_TAG "1719"

struct ask {
    const char *type, *event, *expires, *device, *inner, *to_tag, *call_id, *contact;
    unsigned cseq;
    bool no_body;
};

/* The 200 to the last SUBSCRIBE of the test. */
static const char *response(struct rig *r)
{
    rig_drain(r);
    for (unsigned i = r->npackets; i > 0; i--)
        if (!strncmp(r->packet[i - 1], "SIP/2.0 ", 8))
            return r->packet[i - 1];
    return NULL;
}

static unsigned status_of(const char *packet)
{
    assert_non_null(packet);
    return (unsigned)strtoul(packet + 8, NULL, 10);
}

static const char *tag_of(const char *packet)
{
    const char *tag = strstr(rig_header(packet, "To"), ";tag=");

    assert_non_null(tag);
    return tag + 5;
}

static unsigned subscribe(struct rig *r, struct ask q)
{
    static unsigned branch;
    char body[1024] = "", text[4096], to_tag[64] = "", event[128] = "", expires[64] = "";

    if (!q.no_body)
        snprintf(body, sizeof(body),
                 "<?xml version=\"1.0\" encoding=\"GB2312\"?>\r\n<Query>\r\n<CmdType>%s</CmdType>\r\n"
                 "<SN>17</SN>\r\n<DeviceID>%s</DeviceID>\r\n%s</Query>\r\n",
                 q.type, q.device ? q.device : DEVICE_ID, q.inner ? q.inner : "");
    if (q.to_tag)
        snprintf(to_tag, sizeof(to_tag), ";tag=%s", q.to_tag);
    if (q.event)
        snprintf(event, sizeof(event), "Event: %s\r\n", q.event);
    if (q.expires)
        snprintf(expires, sizeof(expires), "Expires: %s\r\n", q.expires);
    snprintf(text, sizeof(text),
             "SUBSCRIBE sip:" DEVICE_ID "@198.51.100.5:5062 SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.1:5060;rport;"
             "branch=z9hG4bKs%u\r\nFrom: <sip:" SERVER_ID "@3402000000>;tag=" FROM_TAG "\r\nTo: <sip:" DEVICE_ID
             "@3402000000>%s\r\nCall-ID: %s\r\nCSeq: %u SUBSCRIBE\r\n%sMax-Forwards: 70\r\n%s%s%s"
             "Content-Length: %zu\r\n\r\n%s",
             ++branch, to_tag, q.call_id ? q.call_id : CALL_ID, q.cseq ? q.cseq : 1,
             q.contact ? q.contact : "Contact: <sip:" SERVER_ID "@192.0.2.1:5060>\r\n", event, expires,
             body[0] ? "Content-Type: Application/MANSCDP+xml\r\n" : "", strlen(body), body);
    rig_input_from(r, r->server, text);
    return status_of(response(r));
}

/* The n-th NOTIFY sent; NULL: there are fewer. */
static const char *notify(const struct rig *r, unsigned n)
{
    for (unsigned i = 0; i < r->npackets; i++)
        if (!strncmp(r->packet[i], "NOTIFY ", 7) && n-- == 0)
            return r->packet[i];
    return NULL;
}

static const char *body_of(const char *packet)
{
    const char *end = strstr(packet, "\r\n\r\n");

    assert_non_null(end);
    return end + 4;
}

static void change(struct rig *r, const char *id, enum device_item_state state)
{
    device_set_state(r->dev, id, state);
    agent_device_changed(r->agent, &r->now);
    rig_drain(r);
}

static struct rig *online(const struct agent_config *cfg)
{
    struct rig *r = rig_new(cfg);

    rig_register(r);
    return r;
}

static void test_catalog(void **state)
{
    struct rig *r = online(NULL);
    const char *ok, *n;

    (void)state;
    /* Nothing is offline: the first NOTIFY has no body. */
    assert_int_equal(subscribe(r, (struct ask){ .type = "Catalog", .event = "Catalog;id=4711", .expires = "600" }),
                     200);
    ok = response(r);
    assert_string_equal(rig_header(ok, "Expires"), "600");
    assert_string_equal(rig_header(ok, "Event"), "Catalog;id=4711");
    assert_non_null(rig_header(ok, "Contact"));
    assert_null(rig_header(ok, "Content-Type"));
    n = notify(r, 0);
    assert_non_null(n);
    assert_true(!strncmp(n, "NOTIFY sip:" SERVER_ID "@192.0.2.1:5060 SIP/2.0\r\n", 44));
    assert_string_equal(rig_header(n, "Call-ID"), CALL_ID);
    assert_string_equal(rig_header(n, "Event"), "Catalog;id=4711");
    assert_string_equal(rig_header(n, "Subscription-State"), "active;expires=600");
    assert_string_equal(rig_header(n, "CSeq"), "1 NOTIFY");
    assert_string_equal(rig_header(n, "To"), "<sip:" SERVER_ID "@3402000000>;tag=" FROM_TAG);
    assert_non_null(strstr(rig_header(n, "From"), tag_of(ok)));
    assert_non_null(rig_header(n, "Contact"));
    assert_string_equal(body_of(n), "");
    /* One in flight: changes meanwhile wait for the response. */
    change(r, CHANNEL_1, DEVICE_ITEM_VLOST);
    assert_null(notify(r, 1));
    r->now.mono_ms += 10000;
    rig_answer_from(r, r->server, n, 200, NULL);
    rig_drain(r);
    n = notify(r, 1);
    assert_non_null(n);
    assert_string_equal(rig_header(n, "CSeq"), "2 NOTIFY");
    assert_string_equal(rig_header(n, "Subscription-State"), "active;expires=590");
    assert_string_equal(rig_header(n, "Content-Type"), "Application/MANSCDP+xml");
    assert_non_null(strstr(n, "<Notify>\r\n<CmdType>Catalog</CmdType>\r\n"));
    assert_non_null(strstr(
        n, "<DeviceID>" DEVICE_ID "</DeviceID>\r\n<SumNum>1</SumNum>\r\n<DeviceList Num=\"1\">\r\n<Item>\r\n"
           "<DeviceID>" CHANNEL_1 "</DeviceID>\r\n<Event>VLOST</Event>\r\n</Item>\r\n</DeviceList>\r\n</Notify>"));
    rig_free(r);
}

/* The initial NOTIFY has the items that are not ON. */
static void test_first_notify_lists_items_that_are_not_on(void **state)
{
    struct rig *r = online(NULL);

    (void)state;
    change(r, CHANNEL_1, DEVICE_ITEM_OFF);
    change(r, CHANNEL_2, DEVICE_ITEM_DEFECT);
    assert_int_equal(subscribe(r, (struct ask){ .type = "Catalog", .expires = "90" }), 200);
    assert_non_null(strstr(notify(r, 0), "<SumNum>2</SumNum>"));
    assert_non_null(strstr(notify(r, 0), CHANNEL_1 "</DeviceID>\r\n<Event>OFF</Event>"));
    assert_non_null(strstr(notify(r, 0), CHANNEL_2 "</DeviceID>\r\n<Event>DEFECT</Event>"));
    /* No empty one follows. Event is present even without one in SUBSCRIBE. */
    assert_string_equal(rig_header(notify(r, 0), "Event"), "Catalog");
    rig_answer_from(r, r->server, notify(r, 0), 200, NULL);
    rig_run(r, 5000);
    assert_null(notify(r, 1));
    rig_free(r);
}

static void test_batch(void **state)
{
    struct agent_config cfg;
    struct rig *r;

    (void)state;
    rig_config(&cfg);
    cfg.notify_batch_s = 2;
    r = online(&cfg);
    subscribe(r, (struct ask){ .type = "Catalog", .event = "Catalog", .expires = "600" });
    rig_answer_from(r, r->server, notify(r, 0), 200, NULL);
    rig_forget(r);
    /* Removed and added again within the window: no change. */
    change(r, CHANNEL_1, DEVICE_ITEM_VLOST);
    rig_run(r, 1000);
    change(r, CHANNEL_1, DEVICE_ITEM_ON);
    rig_run(r, 10000);
    assert_null(notify(r, 0));
    /* Both within one window are in one NOTIFY. */
    change(r, CHANNEL_1, DEVICE_ITEM_VLOST);
    rig_run(r, 1000);
    change(r, CHANNEL_2, DEVICE_ITEM_OFF);
    assert_null(notify(r, 0));
    rig_run(r, 1000);
    assert_non_null(notify(r, 0));
    assert_non_null(strstr(notify(r, 0), "<SumNum>2</SumNum>"));
    rig_free(r);
}

static void reload(struct rig *r, unsigned n, const char *first_name)
{
    struct device_item_config *item = test_calloc(n ? n : 1, sizeof(*item));
    struct device_config dc = { .item = item, .nitems = n };

    snprintf(dc.id, sizeof(dc.id), DEVICE_ID);
    for (unsigned i = 0; i < n; i++)
        snprintf(item[i].id, sizeof(item[i].id), "34020000001310%06u", i + 1);
    snprintf(item[0].name, sizeof(item[0].name), "%s", first_name);
    assert_int_equal(device_apply(r->dev, &dc), 0);
    agent_device_changed(r->agent, &r->now);
    rig_drain(r);
    test_free(item);
}

/* A reload: added and updated items in full, deleted ones by ID, split into messages below the size limit. */
static void test_reload(void **state)
{
    struct rig *r = online(NULL);
    unsigned n = 0, items = 0;

    (void)state;
    subscribe(r, (struct ask){ .type = "Catalog", .event = "Catalog", .expires = "600" });
    rig_answer_from(r, r->server, notify(r, 0), 200, NULL);
    rig_forget(r);
    reload(r, 1, "gate");
    assert_non_null(strstr(notify(r, 0), "<SumNum>2</SumNum>"));
    assert_non_null(strstr(notify(r, 0), CHANNEL_2 "</DeviceID>\r\n<Event>DEL</Event>\r\n</Item>"));
    assert_non_null(strstr(notify(r, 0), CHANNEL_1 "</DeviceID>\r\n<Event>UPDATE</Event>\r\n<Name>gate</Name>\r\n"));
    assert_non_null(strstr(notify(r, 0), "<Status>ON</Status>"));
    rig_answer_from(r, r->server, notify(r, 0), 200, NULL);
    rig_forget(r);
    reload(r, 40, "gate");
    for (const char *one; (one = notify(r, n)); n++) {
        unsigned sum = (unsigned)strtoul(strstr(one, "<SumNum>") + 8, NULL, 10), num = 0;
        assert_true(strlen(one) <= 1300);
        for (const char *at = one; (at = strstr(at, "<Event>ADD</Event>")); at++)
            num++;
        assert_int_equal(sum, num);
        items += num;
        rig_answer_from(r, r->server, one, 200, NULL);
        rig_drain(r);
    }
    assert_true(n > 5);
    assert_int_equal(items, 39);
    rig_free(r);
}

static void test_granted_expiry_is_bounded(void **state)
{
    static const struct {
        const char *asked, *granted;
    } t[] = {
        { "600", "600" },
        { "30", "30" },
        { "5", "5" },
        { "4294967295", "86400" },
        { "99999999999999999999999", "86400" },
        { NULL, "600" },
        { "86400", "86400" },
    };
    struct rig *r = online(NULL);

    (void)state;
    for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
        assert_int_equal(subscribe(r, (struct ask){ .type = "Alarm", .event = "presence", .expires = t[i].asked }),
                         200);
        assert_string_equal(rig_header(response(r), "Expires"), t[i].granted);
    }
    /* Never lengthened: below the minimum it is refused with Min-Expires (RFC 6665 4.2.1.1), and an existing one
     * stays. */
    rig_forget(r);
    assert_int_equal(subscribe(r, (struct ask){ .type = "Alarm", .event = "presence", .expires = "4" }), 423);
    assert_string_equal(rig_header(response(r), "Min-Expires"), "5");
    assert_non_null(strstr(response(r), "SIP/2.0 423 Interval Too Brief\r\n"));
    assert_null(notify(r, 0));
    assert_int_equal(subscribe(r, (struct ask){ .type = "Alarm", .expires = "soon" }), 400);
    assert_int_equal(subscribe(r, (struct ask){ .type = "Weather", .event = "presence", .expires = "600" }), 489);
    assert_int_equal(subscribe(r, (struct ask){ .no_body = true, .event = "presence", .expires = "600" }), 489);
    assert_int_equal(subscribe(r, (struct ask){ .no_body = true, .event = "Catalog;id=1", .expires = "600" }), 200);
    assert_int_equal(subscribe(r, (struct ask){ .type = "Alarm", .to_tag = "nobody", .expires = "600" }), 481);
    rig_free(r);
}

static void test_refresh_cancel(void **state)
{
    struct rig *r = online(NULL);
    char tag[64];

    (void)state;
    subscribe(r, (struct ask){ .type = "Alarm", .event = "presence;id=9", .expires = "90" });
    snprintf(tag, sizeof(tag), "%s", tag_of(response(r)));
    rig_answer_from(r, r->server, notify(r, 0), 200, NULL);
    rig_forget(r);
    rig_run(r, 80000);
    assert_int_equal(
        subscribe(r,
                  (struct ask){ .type = "Alarm", .event = "presence;id=9", .expires = "90", .to_tag = tag, .cseq = 2 }),
        200);
    assert_string_equal(tag_of(response(r)), tag);
    /* RFC 6665 4.2.1.2: a refresh is followed by a NOTIFY like the initial one. */
    assert_string_equal(rig_header(notify(r, 0), "Subscription-State"), "active;expires=90");
    rig_answer_from(r, r->server, notify(r, 0), 200, NULL);
    rig_run(r, 80000);
    assert_null(notify(r, 1));
    /* A refresh without a body means the one of its dialog. */
    assert_int_equal(
        subscribe(r,
                  (struct ask){ .no_body = true, .event = "presence;id=9", .expires = "90", .to_tag = tag, .cseq = 3 }),
        200);
    rig_forget(r);
    assert_int_equal(
        subscribe(r,
                  (struct ask){ .no_body = true, .event = "presence;id=9", .expires = "0", .to_tag = tag, .cseq = 4 }),
        200);
    assert_string_equal(rig_header(response(r), "Expires"), "0");
    assert_string_equal(rig_header(notify(r, 0), "Subscription-State"), "terminated;reason=timeout");
    assert_int_equal(
        subscribe(r,
                  (struct ask){ .no_body = true, .event = "presence;id=9", .expires = "90", .to_tag = tag, .cseq = 5 }),
        481);
    rig_free(r);
}

/* A cancellation without dialog and body: identified by Call-ID, by the Event with its id, or by the package. */
static void test_cancel_outside(void **state)
{
    static const struct {
        const char *event, *call_id;
        unsigned status;
        const char *ended;
    } t[] = {
        { "Catalog;id=7", "new", 200, "Catalog;id=7" },
        { "Catalog", "new", 200, "Catalog;id=7" },
        { "Catalog;id=8", "new", 200, "Catalog;id=7" },
        { "presence;id=1", "new", 200, "presence;id=1" },
        { "presence;id=2", "new", 200, "presence;id=2" },
        { NULL, "two", 200, "presence;id=2" },
        { NULL, "new", 489, NULL },
        { "presence;id=3", "new", 489, NULL },
        { "Alarm", "new", 200, "presence;id=1" },
        { "PTZPosition", "new", 200, NULL },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
        struct rig *r = online(NULL);
        subscribe(r, (struct ask){ .type = "Catalog", .event = "Catalog;id=7", .expires = "600" });
        subscribe(r, (struct ask){ .type = "Alarm", .event = "presence;id=1", .expires = "600", .call_id = "one" });
        subscribe(
            r, (struct ask){ .type = "MobilePosition", .event = "presence;id=2", .expires = "600", .call_id = "two" });
        rig_answer_from(r, r->server, notify(r, 0), 200, NULL);
        rig_answer_from(r, r->server, notify(r, 1), 200, NULL);
        rig_forget(r);
        assert_int_equal(
            subscribe(r, (struct ask){ .no_body = true, .event = t[i].event, .expires = "0", .call_id = t[i].call_id }),
            t[i].status);
        assert_int_equal(rig_count(r, "NOTIFY "), t[i].ended ? 1 : 0);
        if (t[i].ended) {
            assert_string_equal(rig_header(notify(r, 0), "Subscription-State"), "terminated;reason=timeout");
            assert_string_equal(rig_header(notify(r, 0), "Event"), t[i].ended);
        }
        rig_free(r);
    }
}

/* Two with the same package are distinguished by Event; if that is ambiguous, neither ends. */
static void test_cancel_one_of_two(void **state)
{
    struct rig *r = online(NULL);

    (void)state;
    subscribe(r, (struct ask){ .type = "Catalog", .event = "Catalog;id=7", .expires = "600" });
    subscribe(
        r, (struct ask){
               .type = "Catalog", .event = "Catalog;id=8", .expires = "600", .device = CHANNEL_1, .call_id = "two" });
    /* A new subscription by the package alone: replaces the device's. */
    subscribe(r, (struct ask){ .no_body = true, .event = "Catalog;id=9", .expires = "600", .call_id = "three" });
    rig_forget(r);
    assert_int_equal(
        subscribe(r, (struct ask){ .no_body = true, .event = "Catalog", .expires = "0", .call_id = "new" }), 200);
    assert_null(notify(r, 0));
    assert_int_equal(
        subscribe(r, (struct ask){ .no_body = true, .event = "Catalog;id=7", .expires = "0", .call_id = "new" }), 200);
    assert_null(notify(r, 0));
    assert_int_equal(
        subscribe(r, (struct ask){ .no_body = true, .event = "Catalog;id=8", .expires = "0", .call_id = "new" }), 200);
    assert_string_equal(rig_header(notify(r, 0), "Event"), "Catalog;id=8");
    assert_int_equal(
        subscribe(r, (struct ask){ .no_body = true, .event = "Catalog", .expires = "0", .call_id = "new" }), 200);
    assert_string_equal(rig_header(notify(r, 1), "Event"), "Catalog;id=9");
    rig_free(r);
}

static void test_expiry(void **state)
{
    struct rig *r = online(NULL);

    (void)state;
    subscribe(r, (struct ask){ .type = "Catalog", .event = "Catalog", .expires = "60" });
    rig_answer_from(r, r->server, notify(r, 0), 200, NULL);
    rig_forget(r);
    rig_run(r, 60000);
    assert_string_equal(rig_header(notify(r, 0), "Subscription-State"), "terminated;reason=timeout");
    rig_answer_from(r, r->server, notify(r, 0), 200, NULL);
    rig_forget(r);
    change(r, CHANNEL_1, DEVICE_ITEM_OFF);
    rig_run(r, 10000);
    assert_null(notify(r, 0));
    rig_free(r);
}

/* The same kind and target replaces the old one, with any Call-ID; eight different targets are the maximum. */
static void test_replacement(void **state)
{
    struct rig *r = online(NULL);
    char device[24];

    (void)state;
    subscribe(r, (struct ask){ .type = "Catalog", .event = "Catalog", .expires = "600" });
    rig_answer_from(r, r->server, notify(r, 0), 200, NULL);
    assert_int_equal(subscribe(r, (struct ask){ .type = "Catalog",
                                                .event = "Catalog;id=2",
                                                .expires = "600",
                                                .call_id = "second@192.0.2.1\r\nCall-ID: " CALL_ID }),
                     200);
    rig_answer_from(r, r->server, notify(r, 1), 200, NULL);
    rig_forget(r);
    change(r, CHANNEL_1, DEVICE_ITEM_OFF);
    assert_non_null(notify(r, 0));
    assert_string_equal(rig_header(notify(r, 0), "Call-ID"), "second@192.0.2.1");
    assert_null(notify(r, 1));
    for (unsigned i = 1; i < SUBSCRIPTIONS_MAX; i++) {
        snprintf(device, sizeof(device), "3402000000134000000%u", i);
        assert_int_equal(
            subscribe(r, (struct ask){ .type = "Alarm", .event = "presence", .expires = "600", .device = device }),
            200);
    }
    assert_int_equal(subscribe(r, (struct ask){ .type = "PTZPosition", .event = "presence", .expires = "600" }), 486);
    assert_int_equal(
        subscribe(r, (struct ask){ .type = "Alarm", .event = "presence", .expires = "600", .device = device }), 200);
    rig_free(r);
}

static void test_refused(void **state)
{
    struct rig *r = online(NULL);

    (void)state;
    /* Busy: the same NOTIFY is sent again later. */
    subscribe(r, (struct ask){ .type = "Catalog", .event = "Catalog", .expires = "600" });
    rig_answer_from(r, r->server, notify(r, 0), 486, NULL);
    rig_run(r, SUBSCRIPTION_RETRY_MS);
    assert_non_null(notify(r, 1));
    rig_answer_from(r, r->server, notify(r, 1), 200, NULL);
    /* After any other refusal the contents are lost, but the subscription stays. */
    rig_forget(r);
    change(r, CHANNEL_1, DEVICE_ITEM_OFF);
    rig_answer_from(r, r->server, notify(r, 0), 400, NULL);
    change(r, CHANNEL_2, DEVICE_ITEM_OFF);
    assert_non_null(strstr(notify(r, 1), CHANNEL_2));
    assert_null(strstr(notify(r, 1), CHANNEL_1));
    /* 481 ends it. */
    rig_answer_from(r, r->server, notify(r, 1), 481, NULL);
    rig_forget(r);
    change(r, CHANNEL_1, DEVICE_ITEM_ON);
    rig_run(r, 10000);
    assert_null(notify(r, 0));
    /* So does a timeout. */
    subscribe(r, (struct ask){ .type = "Catalog", .event = "Catalog", .expires = "600" });
    rig_run(r, 33000);
    rig_forget(r);
    change(r, CHANNEL_1, DEVICE_ITEM_OFF);
    rig_run(r, 1000);
    assert_null(notify(r, 0));
    rig_free(r);
}

/* RFC 5057 5.1: statuses that end the subscription or its dialog; others end the NOTIFY only. */
static void test_statuses_that_end_a_subscription(void **state)
{
    static const struct {
        unsigned status;
        bool lost;
    } t[] = {
        { 400, false }, { 403, false }, { 404, true },  { 405, true },  { 410, true },  { 413, false },
        { 415, false }, { 416, true },  { 480, true },  { 481, true },  { 482, true },  { 483, true },
        { 484, true },  { 485, true },  { 486, false }, { 488, false }, { 489, true },  { 500, false },
        { 501, true },  { 502, true },  { 503, false }, { 600, false }, { 603, false }, { 604, true },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
        struct rig *r = online(NULL);
        subscribe(r, (struct ask){ .type = "Catalog", .event = "Catalog", .expires = "600" });
        rig_answer_from(r, r->server, notify(r, 0), t[i].status, NULL);
        rig_run(r, SUBSCRIPTION_RETRY_MS);
        rig_forget(r);
        change(r, CHANNEL_1, DEVICE_ITEM_OFF);
        /* A busy one is being sent the first NOTIFY again. */
        if (t[i].status != 486 && t[i].status != 503)
            assert_int_equal(rig_count(r, "NOTIFY "), t[i].lost ? 0 : 1);
        assert_int_equal(
            subscribe(r, (struct ask){ .no_body = true, .event = "Catalog", .expires = "0", .call_id = "c" }), 200);
        assert_int_equal(rig_count(r, "NOTIFY ") > 0, !t[i].lost);
        rig_free(r);
    }
}

static int raise_alarm(struct rig *r, const char *id, unsigned method, unsigned type, unsigned priority)
{
    struct agent_alarm al = { .method = method, .type = type, .priority = priority };
    int err;

    snprintf(al.id, sizeof(al.id), "%s", id);
    err = agent_alarm(r->agent, &al, &r->now);
    rig_drain(r);
    return err;
}

static void test_alarm(void **state)
{
    struct rig *r = online(NULL);

    (void)state;
    subscribe(r, (struct ask){
                     .type = "Alarm",
                     .event = "presence",
                     .expires = "600",
                     .inner = "<StartAlarmPriority>1</StartAlarmPriority>\r\n<EndAlarmPriority>2</EndAlarmPriority>\r\n"
                              "<AlarmMethod>25</AlarmMethod>\r\n" });
    assert_string_equal(body_of(notify(r, 0)), "");
    rig_answer_from(r, r->server, notify(r, 0), 200, NULL);
    rig_forget(r);
    assert_int_equal(raise_alarm(r, CHANNEL_1, 5, 2, 1), 0);
    assert_int_equal(rig_count(r, "MESSAGE "), 0);
    assert_non_null(strstr(notify(r, 0), "<Notify>\r\n<CmdType>Alarm</CmdType>"));
    assert_string_equal(rig_header(notify(r, 0), "Event"), "presence");
    /* Only one NOTIFY in flight here, too; alarms outside the filter are sent by MESSAGE. */
    assert_int_equal(raise_alarm(r, CHANNEL_2, 5, 2, 2), 0);
    assert_null(notify(r, 1));
    rig_answer_from(r, r->server, notify(r, 0), 200, NULL);
    rig_drain(r);
    assert_non_null(strstr(notify(r, 1), "<DeviceID>" CHANNEL_2));
    rig_answer_from(r, r->server, notify(r, 1), 200, NULL);
    r->now.mono_ms += 10000;
    assert_int_equal(raise_alarm(r, CHANNEL_1, 6, 1, 1), 0);
    assert_int_equal(rig_count(r, "MESSAGE "), 1);
    assert_int_equal(raise_alarm(r, CHANNEL_2, 5, 2, 3), 0);
    assert_int_equal(rig_count(r, "MESSAGE "), 2);
    /* If the platform refuses the NOTIFY, the alarm is sent by MESSAGE. */
    r->now.mono_ms += 10000;
    rig_forget(r);
    assert_int_equal(raise_alarm(r, CHANNEL_1, 2, 0, 1), 0);
    rig_answer_from(r, r->server, notify(r, 0), 400, NULL);
    rig_drain(r);
    assert_int_equal(rig_count(r, "MESSAGE "), 1);
    /* The same if it has lost the subscription. */
    r->now.mono_ms += 10000;
    rig_forget(r);
    assert_int_equal(raise_alarm(r, CHANNEL_1, 2, 0, 1), 0);
    rig_answer_from(r, r->server, notify(r, 0), 481, NULL);
    rig_drain(r);
    assert_int_equal(rig_count(r, "MESSAGE "), 1);
    rig_free(r);
}

/* Alarms queued for a subscription that is cancelled, replaced or expires are sent by MESSAGE. */
static void test_alarm_outlives(void **state)
{
    (void)state;
    for (unsigned how = 0; how < 3; how++) {
        struct rig *r = online(NULL);
        struct ask q = { .type = "Alarm", .event = "presence", .expires = "6" };

        subscribe(r, q);
        rig_answer_from(r, r->server, notify(r, 0), 200, NULL);
        rig_forget(r);
        assert_int_equal(raise_alarm(r, CHANNEL_1, 5, 2, 1), 0);
        assert_non_null(strstr(notify(r, 0), "<CmdType>Alarm</CmdType>"));
        assert_int_equal(rig_count(r, "MESSAGE "), 0);
        q.expires = how == 0 ? "0" : "600";
        q.call_id = "sub-2@192.0.2.1";
        q.cseq = 2;
        if (how < 2)
            assert_int_equal(subscribe(r, q), 200);
        else
            rig_run(r, 6000);
        rig_drain(r);
        assert_int_equal(rig_count(r, "MESSAGE "), 1);
        rig_free(r);
    }
}

/* A latch with a time-out is released when that has passed, not earlier. */
static void test_latch_runs_out(void **state)
{
    struct agent_config cfg;
    struct rig *r = online(NULL);

    (void)state;
    cfg = *agent_get_config(r->agent);
    cfg.alarm_latch_s = 5;
    cfg.alarm_interval_s = 0;
    agent_apply(r->agent, &cfg, &r->now);
    assert_int_equal(raise_alarm(r, CHANNEL_1, 2, 0, 1), 0);
    assert_true(device_item_find(r->dev, span_of(CHANNEL_1))->alarm);
    rig_run(r, 4999);
    assert_true(device_item_find(r->dev, span_of(CHANNEL_1))->alarm);
    rig_run(r, 1);
    assert_false(device_item_find(r->dev, span_of(CHANNEL_1))->alarm);
    rig_free(r);
}

/* An invalid filter is refused and quoted in the log; a cancellation needs none. */
static void test_unread_filter(void **state)
{
    struct rig *r = online(NULL);
    struct ask q = {
        .type = "Alarm",
        .event = "presence",
        .expires = "600",
        .inner = "<StartAlarmTime>2024-01-01</StartAlarmTime>\r\n<EndAlarmTime>tomor\x01row</EndAlarmTime>\r\n"
    };

    (void)state;
    rig_log_start(LOG_L_WARN);
    assert_int_equal(subscribe(r, q), 400);
    assert_int_equal(rig_logged("subscribe-refused status=400 element=EndAlarmTime value=\"tomor"), 1);
    rig_log_end();
    assert_null(notify(r, 0));
    q.inner = "<StartAlarmTime>2024-01-01</StartAlarmTime>\r\n<EndAlarmTime>20991231</EndAlarmTime>\r\n";
    assert_int_equal(subscribe(r, q), 200);
    q.inner = "<EndAlarmTime>tomorrow</EndAlarmTime>\r\n";
    q.expires = "0";
    assert_int_equal(subscribe(r, q), 200);
    rig_free(r);
}

static uint32_t asked(struct rig *r, enum agent_query_kind kind)
{
    const struct rig_event *e = rig_event(r, AGENT_QUERY);
    uint32_t token;

    assert_non_null(e);
    assert_int_equal(e->ev.u.query.kind, kind);
    token = e->ev.token;
    r->nevents = 0;
    return token;
}

static void test_position(void **state)
{
    struct board_geo geo = { .longitude = 116.5, .latitude = -39.25, .speed = 36, .direction = 271.5, .altitude = 50 };
    struct rig *r = online(NULL);
    uint32_t token;

    (void)state;
    subscribe(r, (struct ask){ .type = "MobilePosition",
                               .event = "presence;id=3",
                               .expires = "600",
                               .inner = "<Interval>10</Interval>\r\n" });
    token = asked(r, AGENT_QUERY_GEO);
    assert_null(notify(r, 0));
    r->now.unix_ms = 1704067200000;
    assert_int_equal(agent_reply_geo(r->agent, token, &geo, &r->now), 0);
    assert_int_equal(agent_reply_geo(r->agent, token, &geo, &r->now), -ENOENT);
    rig_drain(r);
    assert_non_null(strstr(notify(r, 0), "<Notify>\r\n<CmdType>MobilePosition</CmdType>"));
    assert_non_null(strstr(
        notify(r, 0), "<DeviceID>" DEVICE_ID "</DeviceID>\r\n<Time>2024-01-01T08:00:00</Time>\r\n"
                      "<Longitude>116.500000</Longitude>\r\n<Latitude>-39.250000</Latitude>\r\n<Speed>36.00</Speed>\r\n"
                      "<Direction>271.50</Direction>\r\n<Altitude>50.00</Altitude>\r\n</Notify>"));
    rig_answer_from(r, r->server, notify(r, 0), 200, NULL);
    rig_run(r, 9000);
    assert_null(rig_event(r, AGENT_QUERY));
    rig_run(r, 1000);
    token = asked(r, AGENT_QUERY_GEO);
    assert_int_equal(agent_reply_geo(r->agent, token, &geo, &r->now), 0);
    rig_drain(r);
    assert_non_null(notify(r, 1));
    /* No position from the board or the config: nothing is sent. */
    rig_answer_from(r, r->server, notify(r, 1), 200, NULL);
    rig_run(r, 10000);
    token = asked(r, AGENT_QUERY_GEO);
    rig_run(r, SUBSCRIPTION_ASK_MS);
    assert_int_equal(agent_reply_geo(r->agent, token, &geo, &r->now), -ENOENT);
    assert_null(notify(r, 2));
    /* Nor an invalid one, as a receiver without a fix reports. */
    geo.longitude = NAN;
    rig_run(r, 10000 - SUBSCRIPTION_ASK_MS);
    assert_int_equal(agent_reply_geo(r->agent, asked(r, AGENT_QUERY_GEO), &geo, &r->now), 0);
    geo = (struct board_geo){ .longitude = 181, .latitude = 91 };
    rig_run(r, 10000);
    assert_int_equal(agent_reply_geo(r->agent, asked(r, AGENT_QUERY_GEO), &geo, &r->now), 0);
    rig_drain(r);
    assert_null(notify(r, 2));
    rig_free(r);
}

/* A refresh reports the position immediately and may change the interval from then on; without a body the interval
 * stays. */
static void test_refresh_interval(void **state)
{
    struct board_geo geo = { .longitude = 116.5, .latitude = 39.25 };
    struct rig *r = online(NULL);
    struct ask ask = { .type = "MobilePosition",
                       .event = "MobilePosition",
                       .expires = "9000",
                       .inner = "<Interval>3600</Interval>\r\n",
                       .device = CHANNEL_1 };
    char tag[64];

    (void)state;
    subscribe(r, ask);
    snprintf(tag, sizeof(tag), "%s", tag_of(response(r)));
    assert_int_equal(agent_reply_geo(r->agent, asked(r, AGENT_QUERY_GEO), &geo, &r->now), 0);
    rig_drain(r);
    rig_answer_from(r, r->server, notify(r, 0), 200, NULL);
    ask.to_tag = tag;
    ask.inner = "<Interval>10</Interval>\r\n";
    ask.cseq = 2;
    assert_int_equal(subscribe(r, ask), 200);
    for (unsigned i = 1; i < 3; i++) {
        assert_int_equal(agent_reply_geo(r->agent, asked(r, AGENT_QUERY_GEO), &geo, &r->now), 0);
        rig_drain(r);
        rig_answer_from(r, r->server, notify(r, i), 200, NULL);
        rig_run(r, 10000);
    }
    assert_int_equal(agent_reply_geo(r->agent, asked(r, AGENT_QUERY_GEO), &geo, &r->now), 0);
    rig_drain(r);
    rig_answer_from(r, r->server, notify(r, 3), 200, NULL);
    ask.no_body = true;
    ask.cseq = 3;
    assert_int_equal(subscribe(r, ask), 200);
    assert_int_equal(agent_reply_geo(r->agent, asked(r, AGENT_QUERY_GEO), &geo, &r->now), 0);
    rig_drain(r);
    rig_answer_from(r, r->server, notify(r, 4), 200, NULL);
    rig_run(r, 9000);
    assert_null(rig_event(r, AGENT_QUERY));
    rig_run(r, 1000);
    assert_int_equal(agent_reply_geo(r->agent, asked(r, AGENT_QUERY_GEO), &geo, &r->now), 0);
    rig_drain(r);
    assert_non_null(strstr(notify(r, 5), "<DeviceID>" CHANNEL_1 "</DeviceID>"));
    rig_free(r);
}

/* What a refresh changes, effective from its 200 on: Event with its id, expiration, filter, target. */
static void test_refresh_takes_over(void **state)
{
    struct rig *r = online(NULL);
    struct ask ask = {
        .type = "Alarm",
        .event = "presence;id=1",
        .expires = "600",
        .inner = "<StartAlarmPriority>1</StartAlarmPriority>\r\n<EndAlarmPriority>1</EndAlarmPriority>\r\n"
    };
    char tag[64];

    (void)state;
    subscribe(r, ask);
    snprintf(tag, sizeof(tag), "%s", tag_of(response(r)));
    rig_answer_from(r, r->server, notify(r, 0), 200, NULL);
    rig_forget(r);
    ask.to_tag = tag;
    ask.event = "presence;id=2";
    ask.expires = "90";
    ask.inner = "<StartAlarmPriority>4</StartAlarmPriority>\r\n<EndAlarmPriority>4</EndAlarmPriority>\r\n";
    ask.cseq = 2;
    assert_int_equal(subscribe(r, ask), 200);
    assert_string_equal(rig_header(response(r), "Event"), "presence;id=2");
    assert_string_equal(rig_header(notify(r, 0), "Event"), "presence;id=2");
    assert_string_equal(rig_header(notify(r, 0), "Subscription-State"), "active;expires=90");
    rig_answer_from(r, r->server, notify(r, 0), 200, NULL);
    rig_forget(r);
    assert_int_equal(raise_alarm(r, CHANNEL_1, 5, 2, 1), 0);
    assert_int_equal(rig_count(r, "MESSAGE "), 1);
    assert_int_equal(raise_alarm(r, CHANNEL_2, 5, 2, 4), 0);
    assert_string_equal(rig_header(notify(r, 0), "Event"), "presence;id=2");
    rig_answer_from(r, r->server, notify(r, 0), 200, NULL);
    /* Without a body: the id changes, the filter stays. */
    rig_forget(r);
    assert_int_equal(
        subscribe(r,
                  (struct ask){ .no_body = true, .event = "presence;id=3", .expires = "90", .to_tag = tag, .cseq = 3 }),
        200);
    assert_string_equal(rig_header(notify(r, 0), "Event"), "presence;id=3");
    rig_answer_from(r, r->server, notify(r, 0), 200, NULL);
    /* Without an Event header nothing else changes. */
    rig_forget(r);
    assert_int_equal(subscribe(r, (struct ask){ .no_body = true, .expires = "90", .to_tag = tag, .cseq = 4 }), 200);
    assert_string_equal(rig_header(notify(r, 0), "Event"), "presence;id=3");
    rig_answer_from(r, r->server, notify(r, 0), 200, NULL);
    rig_forget(r);
    assert_int_equal(subscribe(r, (struct ask){ .no_body = true, .expires = "0", .to_tag = tag, .cseq = 5 }), 200);
    assert_string_equal(rig_header(notify(r, 0), "Event"), "presence;id=3");
    rig_free(r);
}

/* A refresh while a NOTIFY is in flight: its own follows after the response. */
static void test_refresh_in_flight(void **state)
{
    struct rig *r = online(NULL);
    char tag[64];

    (void)state;
    subscribe(r, (struct ask){ .type = "Catalog", .event = "Catalog;id=1", .expires = "600" });
    snprintf(tag, sizeof(tag), "%s", tag_of(response(r)));
    assert_int_equal(
        subscribe(
            r, (struct ask){ .type = "Catalog", .event = "Catalog;id=2", .expires = "90", .to_tag = tag, .cseq = 2 }),
        200);
    assert_null(notify(r, 1));
    rig_answer_from(r, r->server, notify(r, 0), 200, NULL);
    rig_drain(r);
    assert_non_null(notify(r, 1));
    assert_string_equal(rig_header(notify(r, 1), "Event"), "Catalog;id=2");
    assert_string_equal(rig_header(notify(r, 1), "Subscription-State"), "active;expires=90");
    rig_answer_from(r, r->server, notify(r, 1), 200, NULL);
    rig_run(r, 5000);
    assert_null(notify(r, 2));
    rig_free(r);
}

/* A new target: its items that are not ON, as for a new subscription; it distinguishes two of a kind in one dialog. */
static void test_refresh_target(void **state)
{
    struct rig *r = online(NULL);
    struct ask ask = { .type = "Catalog", .event = "Catalog", .expires = "600", .device = CHANNEL_1 };
    char tag[64];

    (void)state;
    change(r, CHANNEL_2, DEVICE_ITEM_OFF);
    subscribe(r, ask);
    snprintf(tag, sizeof(tag), "%s", tag_of(response(r)));
    assert_string_equal(body_of(notify(r, 0)), "");
    rig_answer_from(r, r->server, notify(r, 0), 200, NULL);
    ask.to_tag = tag;
    ask.device = CHANNEL_2;
    ask.cseq = 2;
    assert_int_equal(subscribe(r, ask), 200);
    assert_non_null(strstr(notify(r, 1), CHANNEL_2 "</DeviceID>\r\n<Event>OFF</Event>"));
    rig_answer_from(r, r->server, notify(r, 1), 200, NULL);
    rig_forget(r);
    change(r, CHANNEL_1, DEVICE_ITEM_OFF);
    rig_run(r, 5000);
    assert_null(notify(r, 0));
    rig_free(r);
}

/* A SUBSCRIBE overtaken by a later one of its dialog has no effect; a cancellation has. */
static void test_refresh_late(void **state)
{
    struct rig *r = online(NULL);
    struct ask ask = { .type = "Alarm", .event = "presence;id=1", .expires = "600" };
    char tag[64];

    (void)state;
    ask.cseq = 2147483647;
    subscribe(r, ask);
    snprintf(tag, sizeof(tag), "%s", tag_of(response(r)));
    rig_answer_from(r, r->server, notify(r, 0), 200, NULL);
    ask.to_tag = tag;
    ask.cseq = 7; /* wrapped */
    ask.expires = "500";
    assert_int_equal(subscribe(r, ask), 200);
    rig_answer_from(r, r->server, notify(r, 1), 200, NULL);
    rig_forget(r);
    ask.cseq = 6;
    ask.event = "presence;id=2";
    ask.expires = "90";
    assert_int_equal(subscribe(r, ask), 500);
    assert_null(notify(r, 0));
    assert_int_equal(raise_alarm(r, CHANNEL_1, 5, 2, 1), 0);
    assert_string_equal(rig_header(notify(r, 0), "Event"), "presence;id=1");
    assert_string_equal(rig_header(notify(r, 0), "Subscription-State"), "active;expires=500");
    rig_answer_from(r, r->server, notify(r, 0), 200, NULL);
    rig_forget(r);
    ask.cseq = 5;
    ask.call_id = "another"; /* with its own CSeq */
    assert_int_equal(subscribe(r, ask), 200);
    rig_answer_from(r, r->server, notify(r, 0), 200, NULL);
    ask.cseq = 1;
    ask.expires = "0";
    rig_forget(r);
    assert_int_equal(subscribe(r, ask), 200);
    assert_string_equal(rig_header(notify(r, 0), "Subscription-State"), "terminated;reason=timeout");
    rig_free(r);
}

/* Two in one dialog: CSeq increases within it, even after the one with the higher CSeq is cancelled. */
static void test_shared_dialog(void **state)
{
    struct rig *r = online(NULL);
    struct ask ask = { .type = "Alarm", .event = "presence", .expires = "600" };
    char tag[64], cseq[32];

    (void)state;
    subscribe(r, ask);
    rig_answer_from(r, r->server, notify(r, 0), 200, NULL);
    snprintf(tag, sizeof(tag), "%s", tag_of(response(r)));
    ask = (struct ask){ .type = "Catalog", .event = "presence", .expires = "600", .to_tag = tag, .cseq = 2 };
    assert_int_equal(subscribe(r, ask), 200);
    rig_answer_from(r, r->server, notify(r, 1), 200, NULL);
    ask.expires = "0";
    ask.cseq = 3;
    assert_int_equal(subscribe(r, ask), 200);
    assert_non_null(notify(r, 2));
    snprintf(cseq, sizeof(cseq), "%s", rig_header(notify(r, 2), "CSeq"));
    assert_string_equal(cseq, "3 NOTIFY");
    ask = (struct ask){ .type = "Alarm", .event = "presence", .expires = "0", .to_tag = tag, .cseq = 4 };
    assert_int_equal(subscribe(r, ask), 200);
    assert_string_equal(rig_header(notify(r, 3), "CSeq"), "4 NOTIFY");
    rig_free(r);
}

static void test_head_is_reported_when_it_moves(void **state)
{
    struct board_head head = { .pan = 12.5, .tilt = -3, .zoom = 2 };
    struct rig *r = online(NULL);

    (void)state;
    subscribe(r, (struct ask){ .type = "PTZPosition", .expires = "600" });
    assert_int_equal(agent_reply_head(r->agent, asked(r, AGENT_QUERY_HEAD), &head, &r->now), 0);
    rig_drain(r);
    assert_non_null(strstr(notify(r, 0), "<CmdType>PTZPosition</CmdType>"));
    assert_non_null(strstr(notify(r, 0), "<Pan>12.5"));
    rig_answer_from(r, r->server, notify(r, 0), 200, NULL);
    /* Polled every second, reported when it has moved. */
    rig_run(r, SUBSCRIPTION_HEAD_MS);
    assert_int_equal(agent_reply_head(r->agent, asked(r, AGENT_QUERY_HEAD), &head, &r->now), 0);
    rig_drain(r);
    assert_null(notify(r, 1));
    rig_run(r, SUBSCRIPTION_HEAD_MS);
    head.pan = 13;
    assert_int_equal(agent_reply_head(r->agent, asked(r, AGENT_QUERY_HEAD), &head, &r->now), 0);
    rig_drain(r);
    assert_non_null(notify(r, 1));
    rig_free(r);
}

/* The Contact is used only with an accepted address, else the source. */
static void test_contact_is_used_only_if_accepted(void **state)
{
    static const struct {
        const char *contact, *uri, *to;
    } t[] = {
        { "Contact: <sip:" SERVER_ID "@192.0.2.1:5080>\r\n", "NOTIFY sip:" SERVER_ID "@192.0.2.1:5080 ",
          "192.0.2.1:5080" },
        { "Contact: <sip:" SERVER_ID "@10.1.1.1:5080>\r\n", "NOTIFY sip:" SERVER_ID "@10.1.1.1:5080 ",
          "192.0.2.1:5060" },
        { "Contact: <sip:" SERVER_ID "@>\r\n", "NOTIFY sip:" SERVER_ID "@", "192.0.2.1:5060" },
        { "X-None: 1\r\n", "NOTIFY sip:" SERVER_ID "@192.0.2.1:5060 ", "192.0.2.1:5060" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
        struct rig *r = online(NULL);
        char to[ADDR_TEXT_MAX];
        assert_int_equal(subscribe(r, (struct ask){ .type = "Alarm", .expires = "600", .contact = t[i].contact }), 200);
        assert_non_null(notify(r, 0));
        assert_true(!strncmp(notify(r, 0), t[i].uri, strlen(t[i].uri)));
        addr_print(&r->to[r->npackets - 1], to);
        assert_string_equal(to, t[i].to);
        rig_free(r);
    }
}

static void test_stop_terminates_subscriptions(void **state)
{
    struct agent_config cfg;
    struct rig *r;

    (void)state;
    rig_config(&cfg);
    cfg.subscribe_body = true;
    r = online(&cfg);
    subscribe(r, (struct ask){ .type = "Alarm", .event = "presence", .expires = "600" });
    assert_non_null(strstr(response(r), "<Response>\r\n<CmdType>Alarm</CmdType>\r\n<SN>17</SN>\r\n<DeviceID>" DEVICE_ID
                                        "</DeviceID>\r\n<Result>OK</Result>\r\n</Response>"));
    rig_answer_from(r, r->server, notify(r, 0), 200, NULL);
    rig_forget(r);
    agent_stop(r->agent, r->now.mono_ms + 2000, &r->now);
    rig_drain(r);
    assert_string_equal(rig_header(notify(r, 0), "Subscription-State"), "terminated;reason=deactivated");
    assert_int_equal(rig_count(r, "REGISTER "), 1);
    rig_free(r);
    /* Not registered: SUBSCRIBE is refused. */
    r = rig_new(NULL);
    rig_run(r, 0);
    assert_int_equal(subscribe(r, (struct ask){ .type = "Alarm", .event = "presence", .expires = "600" }), 403);
    rig_free(r);
}

/* A lost link ends the subscriptions: the platform subscribes again after the next registration. */
static void test_offline(void **state)
{
    struct rig *r = online(NULL);

    (void)state;
    subscribe(r, (struct ask){ .type = "Catalog", .event = "Catalog", .expires = "86400" });
    subscribe(r, (struct ask){ .type = "Alarm", .event = "presence", .expires = "86400" });
    agent_link_failed(r->agent, "the cable", &r->now);
    rig_drain(r);
    rig_run(r, 100000);
    if (rig_state(r) != AGENT_ONLINE) {
        rig_answer_from(r, r->server, rig_last(r), 200, "Expires: 86400\r\n");
        rig_run(r, 0);
    }
    assert_int_equal(rig_state(r), AGENT_ONLINE);
    rig_forget(r);
    change(r, CHANNEL_1, DEVICE_ITEM_OFF);
    assert_int_equal(raise_alarm(r, CHANNEL_1, 5, 2, 1), 0);
    assert_null(notify(r, 0));
    assert_int_equal(rig_count(r, "MESSAGE "), 1);
    rig_free(r);
}

/* Repeated subscriptions do not use up the transactions. */
static void test_flood(void **state)
{
    struct rig *r = online(NULL);

    (void)state;
    for (unsigned i = 0; i < 300; i++)
        assert_int_equal(subscribe(r, (struct ask){ .type = "Catalog", .event = "Catalog", .expires = "600" }), 200);
    rig_forget(r);
    assert_int_equal(raise_alarm(r, CHANNEL_1, 5, 2, 1), 0);
    assert_int_equal(rig_count(r, "MESSAGE "), 1);
    rig_run(r, 40000);
    assert_int_equal(rig_state(r), AGENT_ONLINE);
    rig_free(r);
}

static bool oom_life(void *ctx)
{
    struct rig *r = ctx;
    char text[] = "SUBSCRIBE sip:" DEVICE_ID
                  "@198.51.100.5 SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bKo\r\n"
                  "From: <sip:" SERVER_ID "@3402000000>;tag=1\r\nTo: <sip:" DEVICE_ID "@3402000000>\r\nCall-ID: o\r\n"
                  "CSeq: 1 SUBSCRIBE\r\nEvent: Catalog\r\nExpires: 600\r\nContent-Length: 0\r\n\r\n";
    struct sip_input in = { .link = LINK, .from = r->server, .data = text, .len = strlen(text) };

    mux_input(r->mux, &in, &r->now);
    device_set_state(r->dev, CHANNEL_1, DEVICE_ITEM_OFF);
    agent_device_changed(r->agent, &r->now);
    return !oom_hit();
}

/* All allocations from the n-th on fail, for every n: SUBSCRIBE is refused, NOTIFYs are late. Once there is memory
 * again, a platform can subscribe and gets the current state; nothing of the failed ones is left. */
static void test_oom(void **state)
{
    bool whole = false;
    unsigned n = 1;

    (void)state;
    for (; !whole; n++) {
        struct rig *r = online(NULL);
        oom_fail_at(n);
        whole = oom_life(r);
        oom_off();
        rig_drain(r);
        rig_run(r, 40000); /* unanswered transactions have expired */
        if (rig_state(r) != AGENT_ONLINE) {
            rig_answer_from(r, r->server, rig_last(r), 200, "Expires: 86400\r\n");
            rig_run(r, 0);
        }
        assert_int_equal(rig_state(r), AGENT_ONLINE);
        rig_forget(r);
        assert_int_equal(subscribe(r, (struct ask){ .type = "Catalog", .event = "Catalog", .expires = "600" }), 200);
        assert_int_equal(rig_count(r, "NOTIFY "), 1);
        assert_non_null(strstr(notify(r, 0), CHANNEL_1 "</DeviceID>\r\n<Event>OFF</Event>"));
        rig_answer_from(r, r->server, notify(r, 0), 200, NULL);
        change(r, CHANNEL_1, DEVICE_ITEM_ON);
        assert_int_equal(rig_count(r, "NOTIFY "), 2);
        assert_non_null(strstr(notify(r, 1), CHANNEL_1 "</DeviceID>\r\n<Event>ON</Event>"));
        rig_answer_from(r, r->server, notify(r, 1), 200, NULL);
        /* All other slots are free. */
        for (unsigned i = 1; i < SUBSCRIPTIONS_MAX; i++) {
            char device[24];
            snprintf(device, sizeof(device), "3402000000134000000%u", i);
            assert_int_equal(
                subscribe(r, (struct ask){ .type = "Alarm", .event = "presence", .expires = "600", .device = device }),
                200);
        }
        rig_free(r);
        assert_true(n < 60);
    }
    assert_true(n > 5); /* several allocations did fail */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_catalog),
        cmocka_unit_test(test_first_notify_lists_items_that_are_not_on),
        cmocka_unit_test(test_batch),
        cmocka_unit_test(test_reload),
        cmocka_unit_test(test_granted_expiry_is_bounded),
        cmocka_unit_test(test_refresh_cancel),
        cmocka_unit_test(test_cancel_outside),
        cmocka_unit_test(test_cancel_one_of_two),
        cmocka_unit_test(test_expiry),
        cmocka_unit_test(test_replacement),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_statuses_that_end_a_subscription),
        cmocka_unit_test(test_alarm),
        cmocka_unit_test(test_alarm_outlives),
        cmocka_unit_test(test_latch_runs_out),
        cmocka_unit_test(test_unread_filter),
        cmocka_unit_test(test_position),
        cmocka_unit_test(test_refresh_interval),
        cmocka_unit_test(test_shared_dialog),
        cmocka_unit_test(test_refresh_takes_over),
        cmocka_unit_test(test_refresh_in_flight),
        cmocka_unit_test(test_refresh_target),
        cmocka_unit_test(test_refresh_late),
        cmocka_unit_test(test_head_is_reported_when_it_moves),
        cmocka_unit_test(test_contact_is_used_only_if_accepted),
        cmocka_unit_test(test_stop_terminates_subscriptions),
        cmocka_unit_test(test_offline),
        cmocka_unit_test(test_flood),
        cmocka_unit_test(test_oom),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
