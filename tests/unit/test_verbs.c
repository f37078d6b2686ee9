/* SPDX-License-Identifier: MIT */
/* Every verb of agent/agent.h on an agent that has been idle for a while: its packets are retransmitted on time, and
 * the agent's deadline is right. Packets lost over UDP are retransmitted after half a second. */
#include "tests/unit/agent_rig.h"

#include <errno.h>

#include "agent/agent_impl.h"

#define STALE_MS 6000u /* idle before the verb */
#define SDP(name, more)                                                                                                \
    "v=0\r\no=" DEVICE_ID " 0 0 IN IP4 192.0.2.3\r\ns=" name "\r\n" more "c=IN IP4 192.0.2.3\r\n"                      \
    "t=0 0\r\nm=video 30000 RTP/AVP 96\r\na=recvonly\r\na=rtpmap:96 PS/90000\r\ny=0200000001\r\n"
#define PLAY SDP("Play", "")

/* ---- what the platform sends --------------------------------------------------------------- */

static void request(struct rig *r, const char *method, const char *user, const char *call_id, const char *to_tag,
                    unsigned cseq, const char *headers, const char *body)
{
    static unsigned branch;
    char text[4096];

    snprintf(text, sizeof(text),
             "%s sip:%s@198.51.100.5:5062 SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.1:5060;rport;branch=z9hG4bKv%u\r\n"
             "From: <sip:" SERVER_ID
             "@3402000000>;tag=plat\r\nTo: <sip:%s@3402000000>%s\r\nCall-ID: %s\r\nCSeq: %u %s\r\n"
             "Contact: <sip:" SERVER_ID "@192.0.2.1:5060>\r\n%sContent-Length: %zu\r\n\r\n%s",
             method, user, ++branch, user, to_tag, call_id, cseq, method, headers, strlen(body), body);
    rig_input_from(r, r->server, text);
    rig_drain(r);
}

static void manscdp(struct rig *r, const char *method, const char *call_id, const char *headers, const char *root,
                    const char *type, const char *device, const char *inner)
{
    char body[1024], head[256];

    snprintf(body, sizeof(body),
             "<?xml version=\"1.0\" encoding=\"GB2312\"?>\r\n<%s>\r\n<CmdType>%s</CmdType>\r\n"
             "<SN>17</SN>\r\n<DeviceID>%s</DeviceID>\r\n%s</%s>\r\n",
             root, type, device, inner, root);
    snprintf(head, sizeof(head), "Content-Type: Application/MANSCDP+xml\r\n%s", headers);
    request(r, method, DEVICE_ID, call_id, "", 1, head, body);
}

static void query(struct rig *r, const char *type, const char *device, const char *inner)
{
    manscdp(r, "MESSAGE", "query", "", "Query", type, device, inner);
}

static void subscribe(struct rig *r, const char *type, const char *expires)
{
    char headers[96];

    snprintf(headers, sizeof(headers), "Event: %s\r\nExpires: %s\r\n", type, expires);
    manscdp(r, "SUBSCRIBE", type, headers, "Query", type, DEVICE_ID, "<Interval>3600</Interval>\r\n");
}

/* With its first NOTIFY answered. */
static void subscribed(struct rig *r, const char *type)
{
    subscribe(r, type, "86400");
    assert_int_equal(rig_count(r, "NOTIFY "), 1);
    rig_answer_from(r, r->server, rig_last(r), 200, NULL);
    rig_drain(r);
}

static uint32_t token_of(const struct rig *r, enum agent_event_kind kind)
{
    const struct rig_event *e = rig_event(r, kind);

    assert_non_null(e);
    assert_int_not_equal(e->ev.token, 0);
    return e->ev.token;
}

static uint32_t offered(struct rig *r)
{
    request(r, "INVITE", CHANNEL_1, "call", "", 3, "Content-Type: Application/SDP\r\n", PLAY);
    assert_non_null(rig_event(r, AGENT_CALL_OFFER));
    return rig_event(r, AGENT_CALL_OFFER)->ev.call;
}

static const struct call_answer media = { .local = { .family = ADDR_V4, .port = 40000 } };

static uint32_t running(struct rig *r)
{
    uint32_t call = offered(r);
    char tag[64];

    assert_int_equal(agent_call_accept(r->agent, call, &media, &r->now), 0);
    snprintf(tag, sizeof(tag), "%s", strstr(rig_header(rig_last(r), "To"), ";tag="));
    request(r, "ACK", CHANNEL_1, "call", tag, 3, "", "");
    assert_non_null(rig_event(r, AGENT_CALL_START));
    return call;
}

/* ---- the verbs ------------------------------------------------------------------------------ */

/* Each has two parts: the first prepares what the verb needs, the second, six seconds later, is the verb. */
static uint32_t made; /* call or token of the first part */

static void no_need(struct rig *r)
{
    (void)r;
}

static void need_status(struct rig *r)
{
    query(r, "DeviceStatus", DEVICE_ID, "");
    made = token_of(r, AGENT_QUERY);
}

static void need_geo(struct rig *r)
{
    query(r, "MobilePosition", DEVICE_ID, "");
    made = token_of(r, AGENT_QUERY);
}

static void need_geo_subscriber(struct rig *r)
{
    subscribe(r, "MobilePosition", "86400");
    made = token_of(r, AGENT_QUERY);
}

static void need_head(struct rig *r)
{
    query(r, "PTZPosition", CHANNEL_1, "");
    made = token_of(r, AGENT_QUERY);
}

static void need_head_subscriber(struct rig *r)
{
    subscribe(r, "PTZPosition", "86400");
    made = token_of(r, AGENT_QUERY);
}

static void need_storage(struct rig *r)
{
    query(r, "SDCardStatus", DEVICE_ID, "");
    made = token_of(r, AGENT_QUERY);
}

static void need_setting(struct rig *r)
{
    query(r, "ConfigDownload", CHANNEL_1, "<ConfigType>OSDConfig</ConfigType>\r\n");
    made = token_of(r, AGENT_QUERY);
}

static void need_records(struct rig *r)
{
    query(r, "RecordInfo", CHANNEL_1,
          "<StartTime>2024-01-01T00:00:00</StartTime>\r\n<EndTime>2024-01-02T00:00:00</EndTime>\r\n");
    made = token_of(r, AGENT_QUERY);
}

static void need_result(struct rig *r)
{
    manscdp(r, "MESSAGE", "order", "", "Control", "DeviceControl", DEVICE_ID, "<GuardCmd>SetGuard</GuardCmd>\r\n");
    made = token_of(r, AGENT_CONTROL);
}

static void need_offer(struct rig *r)
{
    made = offered(r);
}

static void need_call(struct rig *r)
{
    made = running(r);
}

static void need_info(struct rig *r)
{
    made = running(r);
    request(r, "INFO", CHANNEL_1, "call", "", 4, "Content-Type: Application/MANSRTSP\r\n",
            "PAUSE RTSP/1.0\r\nCSeq: 5\r\nPauseTime: now\r\n");
    assert_non_null(rig_event(r, AGENT_CALL_CONTROL));
}

static void need_catalog_subscriber(struct rig *r)
{
    subscribed(r, "Catalog");
}

static void need_alarm_subscriber(struct rig *r)
{
    subscribed(r, "Alarm");
}

static void verb_apply(struct rig *r)
{
    struct agent_config cfg;

    rig_config(&cfg);
    snprintf(cfg.password, sizeof(cfg.password), "87654321");
    assert_int_equal(agent_apply(r->agent, &cfg, &r->now), 1);
}

static void verb_set_basic(struct rig *r)
{
    const struct gb_basic b = { .has_interval = true, .interval_s = 5 };

    agent_set_basic(r->agent, &b, &r->now);
}

static void verb_link_up(struct rig *r)
{
    struct addr other = rig_addr("198.51.100.6:5062");

    agent_link_up(r->agent, LINK, &other, &r->server, 1, &r->now);
}

static void verb_link_failed(struct rig *r)
{
    agent_link_failed(r->agent, "gone", &r->now);
}

static void verb_network_changed(struct rig *r)
{
    agent_network_changed(r->agent, &r->now);
}

static void verb_device_changed(struct rig *r)
{
    device_set_state(r->dev, CHANNEL_1, DEVICE_ITEM_VLOST);
    agent_device_changed(r->agent, &r->now);
}

static void verb_call_accept(struct rig *r)
{
    assert_int_equal(agent_call_accept(r->agent, made, &media, &r->now), 0);
}

static void verb_call_reject(struct rig *r)
{
    assert_int_equal(agent_call_reject(r->agent, made, 486, &r->now), 0);
}

static void verb_call_ended(struct rig *r)
{
    assert_int_equal(agent_call_ended(r->agent, made, "gone", &r->now), 0);
}

static void verb_call_eof(struct rig *r)
{
    assert_int_equal(agent_call_eof(r->agent, made, &r->now), 0);
}

static void verb_call_control_done(struct rig *r)
{
    assert_int_equal(agent_call_control_done(r->agent, made, token_of(r, AGENT_CALL_CONTROL), 200, &r->now), 0);
}

static void verb_reply_status(struct rig *r)
{
    const struct agent_status_reply reply = { .ok = true, .encode = 1, .record = 0 };

    assert_int_equal(agent_reply_status(r->agent, made, &reply, &r->now), 0);
}

static void verb_reply_geo(struct rig *r)
{
    const struct board_geo geo = { .longitude = 116.5, .latitude = 39.25 };

    assert_int_equal(agent_reply_geo(r->agent, made, &geo, &r->now), 0);
}

static void verb_reply_head(struct rig *r)
{
    const struct board_head head = { .pan = 12.5, .zoom = 2 };

    assert_int_equal(agent_reply_head(r->agent, made, &head, &r->now), 0);
}

static void verb_reply_storage(struct rig *r)
{
    assert_int_equal(agent_reply_storage(r->agent, made, NULL, 0, &r->now), 0);
}

static void verb_reply_setting(struct rig *r)
{
    assert_int_equal(agent_reply_setting(r->agent, made, -ENOTSUP, NULL, &r->now), 0);
}

static void verb_reply_records(struct rig *r)
{
    assert_int_equal(agent_reply_records(r->agent, made, 0, NULL, 0, 0, &r->now), 0);
}

static void verb_reply_result(struct rig *r)
{
    assert_int_equal(agent_reply_result(r->agent, made, 0, &r->now), 0);
}

static const struct agent_alarm alarm = { .id = CHANNEL_1, .method = 5, .type = 2, .priority = 1 };

static void verb_alarm(struct rig *r)
{
    assert_int_equal(agent_alarm(r->agent, &alarm, &r->now), 0);
}

static void verb_video_upload(struct rig *r)
{
    assert_int_equal(agent_video_upload(r->agent, CHANNEL_1, NULL, &r->now), 0);
}

static void verb_notify_snapshot(struct rig *r)
{
    static const char file[1][AGENT_FILE_ID_SIZE] = { "34020000001310000001022024010100000000001" };
    const struct agent_snapshot_done done = { CHANNEL_1, "session", file, 1 };

    assert_int_equal(agent_notify_snapshot(r->agent, &done, &r->now), 0);
}

static void verb_notify_upgrade(struct rig *r)
{
    const struct agent_upgrade_done done = { DEVICE_ID, "session", "V2", 0 };
    uint32_t token;

    assert_int_equal(agent_notify_upgrade(r->agent, &done, &token, &r->now), 0);
}

static void verb_stop(struct rig *r)
{
    agent_stop(r->agent, r->now.mono_ms + 60000, &r->now);
}

typedef void step_fn(struct rig *r);

static const struct {
    const char *verb;
    step_fn *need, *act;
    const char *sends; /* start of the message that awaits a response; NULL: none */
} verbs[] = {
    { "agent_apply", no_need, verb_apply, "REGISTER " },
    { "agent_set_basic", no_need, verb_set_basic, NULL },
    { "agent_link_up", no_need, verb_link_up, "REGISTER " },
    { "agent_link_failed", no_need, verb_link_failed, NULL },
    { "agent_network_changed", no_need, verb_network_changed, NULL },
    { "agent_device_changed", need_catalog_subscriber, verb_device_changed, "NOTIFY " },
    { "agent_call_accept", need_offer, verb_call_accept, "SIP/2.0 200 " },
    { "agent_call_reject", need_offer, verb_call_reject, "SIP/2.0 486 " },
    { "agent_call_ended", need_call, verb_call_ended, "BYE " },
    { "agent_call_eof", need_call, verb_call_eof, "MESSAGE " },
    { "agent_call_control_done", need_info, verb_call_control_done, NULL },
    { "agent_reply_status", need_status, verb_reply_status, "MESSAGE " },
    { "agent_reply_geo", need_geo, verb_reply_geo, "MESSAGE " },
    { "agent_reply_geo", need_geo_subscriber, verb_reply_geo, "NOTIFY " },
    { "agent_reply_head", need_head, verb_reply_head, "MESSAGE " },
    { "agent_reply_head", need_head_subscriber, verb_reply_head, "NOTIFY " },
    { "agent_reply_storage", need_storage, verb_reply_storage, "MESSAGE " },
    { "agent_reply_setting", need_setting, verb_reply_setting, "MESSAGE " },
    { "agent_reply_records", need_records, verb_reply_records, "MESSAGE " },
    { "agent_reply_result", need_result, verb_reply_result, "MESSAGE " },
    { "agent_alarm", no_need, verb_alarm, "MESSAGE " },
    { "agent_alarm", need_alarm_subscriber, verb_alarm, "NOTIFY " },
    { "agent_video_upload", no_need, verb_video_upload, "MESSAGE " },
    { "agent_notify_snapshot", no_need, verb_notify_snapshot, "MESSAGE " },
    { "agent_notify_upgrade", no_need, verb_notify_upgrade, "MESSAGE " },
    { "agent_stop", no_need, verb_stop, "REGISTER " },
};

#define VERBS (sizeof(verbs) / sizeof(verbs[0]))

static struct rig *online(void)
{
    struct agent_config cfg;
    struct rig *r;

    rig_config(&cfg);
    cfg.edition = GB_2022;
    r = rig_new(&cfg);
    rig_register(r);
    return r;
}

/* Times since `from` at which the same bytes were sent. */
static unsigned times_of(const struct rig *r, const char *bytes, uint64_t from, uint64_t *at, unsigned max)
{
    unsigned n = 0;

    for (unsigned i = 0; i < r->npackets; i++)
        if (!strcmp(r->packet[i], bytes) && n < max)
            at[n++] = r->at[i] - from;
    return n;
}

/* Timer E of RFC 3261 17.1.2.2 until F expires, or G of 17.2.1 for responses that wait for an ACK: the same times. */
static void expect_resent(struct rig *r, const char *start, uint64_t from)
{
    static const uint64_t due[] = { 0, 500, 1500, 3500, 7500, 11500, 15500, 19500, 23500, 27500, 31500 };
    uint64_t at[16];
    char *bytes = NULL;
    unsigned n;

    for (unsigned i = 0; i < r->npackets && !bytes; i++)
        if (!strncmp(r->packet[i], start, strlen(start)))
            bytes = strdup(r->packet[i]);
    assert_non_null(bytes);
    rig_run(r, 40000);
    n = times_of(r, bytes, from, at, 16);
    assert_int_equal(n, sizeof(due) / sizeof(due[0]));
    for (unsigned i = 0; i < n; i++)
        assert_int_equal(at[i], due[i]);
    free(bytes);
}

static void test_every_verb(void **state)
{
    (void)state;
    for (unsigned i = 0; i < VERBS; i++) {
        struct rig *r = online();
        uint64_t deadline;

        verbs[i].need(r);
        for (unsigned k = 0; k < r->npackets; k++)
            test_free(r->packet[k]);
        r->npackets = 0; /* events are kept */
        r->now.mono_ms += STALE_MS;
        r->now.unix_ms += STALE_MS;
        verbs[i].act(r);
        deadline = mux_deadline(r->mux);
        agent_update_deadline(r->agent, &r->now);
        if (deadline != mux_deadline(r->mux) || deadline < r->now.mono_ms)
            fail_msg("%s: deadline %llu, expected %llu", verbs[i].verb, (unsigned long long)deadline,
                     (unsigned long long)mux_deadline(r->mux));
        rig_drain(r);
        if (verbs[i].sends) {
            assert_in_range(deadline, r->now.mono_ms, r->now.mono_ms + SIP_T1_MS);
            expect_resent(r, verbs[i].sends, r->now.mono_ms);
        }
        rig_free(r);
    }
}

/* The table above has every verb with a time argument. */
static void test_every_verb_is_tested(void **state)
{
    static char text[65536];
    FILE *f = fopen("src/agent/agent.h", "r");
    unsigned found = 0;
    size_t n;

    (void)state;
    assert_non_null(f);
    n = fread(text, 1, sizeof(text) - 1, f);
    fclose(f);
    assert_true(n < sizeof(text) - 1);
    text[n] = '\0';
    for (char *p = text; (p = strstr(p, "(struct agent *a, ")) != NULL; p++) {
        char name[64] = "", *end = strchr(p, ';'), *start = p;
        bool has = false;

        assert_non_null(end);
        if (end - p < 26 || strncmp(end - 26, "const struct gb_time *now)", 26) != 0)
            continue;
        while (start > text && (start[-1] == '_' || (start[-1] >= 'a' && start[-1] <= 'z')))
            start--;
        snprintf(name, sizeof(name), "%.*s", (int)(p - start), start);
        for (unsigned i = 0; i < VERBS; i++)
            has = has || !strcmp(verbs[i].verb, name);
        if (!has)
            fail_msg("%s is not tested", name);
        found++;
    }
    assert_int_equal(found, 23);
}

/* ---- lost packets ---------------------------------------------------------------------------- */

static void lose_keepalive(struct rig *r)
{
    r->auto_keepalive = false;
    agent_network_changed(r->agent, &r->now);
    rig_tick(r);
}

static void lose_catalog_hello(struct rig *r)
{
    subscribe(r, "Catalog", "86400");
}

static void lose_alarm_hello(struct rig *r)
{
    subscribe(r, "Alarm", "86400");
}

static void lose_position(struct rig *r)
{
    need_geo_subscriber(r);
    verb_reply_geo(r);
}

static void lose_head(struct rig *r)
{
    need_head_subscriber(r);
    verb_reply_head(r);
}

static void lose_terminated(struct rig *r)
{
    request(r, "SUBSCRIBE", DEVICE_ID, "Catalog", "", 2, "Event: Catalog\r\nExpires: 0\r\n", "");
}

static void need_short_subscriber(struct rig *r)
{
    subscribe(r, "Catalog", "6");
    rig_answer_from(r, r->server, rig_last(r), 200, NULL);
    rig_drain(r);
}

static void lose_expired(struct rig *r)
{
    rig_tick(r);
}

static void lose_catalog_page(struct rig *r)
{
    query(r, "Catalog", DEVICE_ID, "");
}

static void lose_refresh(struct rig *r)
{
    subscribe(r, "Catalog", "86400");
}

/* Every kind of NOTIFY and MESSAGE. */
static void test_lost_messages_are_sent_again(void **state)
{
    static const struct {
        step_fn *need, *act;
        const char *start, *has;
    } t[] = {
        { no_need, lose_catalog_hello, "NOTIFY ", "Event: Catalog" },
        { need_catalog_subscriber, lose_refresh, "NOTIFY ", "Event: Catalog" },
        { need_catalog_subscriber, verb_device_changed, "NOTIFY ", "<CmdType>Catalog<" },
        { no_need, lose_alarm_hello, "NOTIFY ", "Event: Alarm" },
        { need_alarm_subscriber, verb_alarm, "NOTIFY ", "<CmdType>Alarm<" },
        { no_need, lose_position, "NOTIFY ", "<CmdType>MobilePosition<" },
        { no_need, lose_head, "NOTIFY ", "<CmdType>PTZPosition<" },
        { need_catalog_subscriber, lose_terminated, "NOTIFY ", "terminated" },
        { need_short_subscriber, lose_expired, "NOTIFY ", "terminated;reason=timeout" },
        { no_need, lose_keepalive, "MESSAGE ", "<CmdType>Keepalive<" },
        { no_need, verb_alarm, "MESSAGE ", "<CmdType>Alarm<" },
        { no_need, verb_video_upload, "MESSAGE ", "<CmdType>VideoUploadNotify<" },
        { no_need, verb_notify_snapshot, "MESSAGE ", "<CmdType>UploadSnapShotFinished<" },
        { no_need, verb_notify_upgrade, "MESSAGE ", "<CmdType>DeviceUpgradeResult<" },
        { need_call, verb_call_eof, "MESSAGE ", "<CmdType>MediaStatus<" },
        { no_need, lose_catalog_page, "MESSAGE ", "<CmdType>Catalog<" },
    };

    (void)state;
    for (unsigned i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
        struct rig *r = online();
        char *lost;

        t[i].need(r);
        rig_forget(r);
        r->now.mono_ms += STALE_MS;
        r->now.unix_ms += STALE_MS;
        t[i].act(r);
        lost = strdup(rig_last(r));
        assert_true(!strncmp(lost, t[i].start, strlen(t[i].start)));
        assert_non_null(strstr(lost, t[i].has));
        rig_run(r, 499);
        assert_int_equal(rig_count(r, lost), 1);
        rig_run(r, 1);
        assert_int_equal(rig_count(r, lost), 2);
        /* Not any more once it has been answered. */
        rig_answer_from(r, r->server, lost, 200, NULL);
        rig_run(r, 5000);
        assert_int_equal(rig_count(r, lost), 2);
        free(lost);
        rig_free(r);
    }
}

/* If a NOTIFY of an alarm remains unanswered for 32 s, the alarm is sent by MESSAGE, not earlier. */
static void test_alarm_falls_back(void **state)
{
    struct rig *r = online();
    uint64_t from;

    (void)state;
    need_alarm_subscriber(r);
    rig_forget(r);
    r->now.mono_ms += STALE_MS;
    verb_alarm(r);
    from = r->now.mono_ms;
    rig_drain(r);
    rig_run(r, 31999);
    assert_int_equal(rig_count(r, "MESSAGE "), 0);
    rig_run(r, 1);
    assert_int_equal(rig_count(r, "MESSAGE "), 1);
    assert_int_equal(r->at[r->npackets - 1] - from, 32000);
    rig_free(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_verb),
        cmocka_unit_test(test_every_verb_is_tested),
        cmocka_unit_test(test_lost_messages_are_sent_again),
        cmocka_unit_test(test_alarm_falls_back),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
