/* SPDX-License-Identifier: MIT */
#include "agent/router.h"

#include "codec/xml.h"
#include "tests/unit/fake_agent.h"

#define XML_TYPE "Application/MANSCDP+xml"
#define CHANNEL  "34020000001310000002"
#define INPUT    "34020000001340000001"

static unsigned accept_typed(struct agent *a, const char *type, const char *target, const char *body,
                             struct router_request *req)
{
    struct span copy = guard_str(body);
    struct sip_scan s = { .method = SIP_MESSAGE, .content_type = span_of(type), .body = copy };
    unsigned status;

    s.target.user = span_of(target);
    s.from.user = span_of(SERVER_ID);
    status = router_accept(&a->router, &s, req, &fake_now);
    guard_str_free(copy);
    return status;
}

/* A request that is answered 200 and carried out. */
static void act(struct agent *a, const char *body)
{
    struct router_request req;

    assert_int_equal(accept_typed(a, XML_TYPE, DEVICE_ID, body, &req), 200);
    router_act(&a->router, &req, &fake_now);
    router_request_free(&req);
}

static const char *last(const struct agent *a)
{
    assert_true(a->nsent > 0);
    assert_int_equal(a->sent[a->nsent - 1].purpose, MESSAGE_RESPONSE);
    return a->sent[a->nsent - 1].body;
}

#define MSG(root, type, id, x)                                                                                         \
    "<?xml version=\"1.0\"?><" root "><CmdType>" type "</CmdType><SN>77</SN><DeviceID>" id "</DeviceID>" x "</" root ">"
#define CONTROL(id, x)  MSG("Control", "DeviceControl", id, x)
#define QUERY(type, id) MSG("Query", type, id, "")
#define RESULT(type, id, r)                                                                                            \
    "<CmdType>" type "</CmdType>\r\n<SN>77</SN>\r\n<DeviceID>" id "</DeviceID>\r\n<Result>" r                          \
    "</Result>\r\n</Response>\r\n"

static void test_sip_status(void **state)
{
    static const struct {
        const char *type, *body;
        unsigned want;
    } cases[] = {
        { XML_TYPE, QUERY("Catalog", DEVICE_ID), 200 },
        { "APPLICATION/MANSCDP+XML", QUERY("Catalog", DEVICE_ID), 200 },
        { "application/xml", QUERY("Catalog", DEVICE_ID), 200 },
        { "", QUERY("Catalog", DEVICE_ID), 200 },
        { XML_TYPE, QUERY("Unheard", DEVICE_ID), 200 },
        { "application/sdp", QUERY("Catalog", DEVICE_ID), 415 },
        { "text/plain", "hello", 415 },
        { XML_TYPE, "", 400 },
        { XML_TYPE, "hello", 400 },
        { XML_TYPE, "<Query>", 400 },
        { XML_TYPE, "<Query><SN>1</SN></Query>", 400 },
        { XML_TYPE, "<!DOCTYPE x><Query><CmdType>Catalog</CmdType></Query>", 400 },
    };
    struct agent *a = fake_new(1, 0);
    struct router_request req;

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_int_equal(accept_typed(a, cases[i].type, DEVICE_ID, cases[i].body, &req), cases[i].want);
        assert_int_equal(a->nsent, 0);
    }
    fake_free(a);
}

static void test_without_device_id(void **state)
{
    struct agent *a = fake_new(2, 0);
    struct router_request req;

    (void)state;
    assert_int_equal(accept_typed(a, XML_TYPE, CHANNEL, "<Query><CmdType>DeviceInfo</CmdType></Query>", &req), 200);
    assert_string_equal(req.m.device_id, CHANNEL);
    assert_int_equal(accept_typed(a, XML_TYPE, "nobody", "<Query><CmdType>DeviceInfo</CmdType></Query>", &req), 200);
    assert_string_equal(req.m.device_id, DEVICE_ID);
    fake_free(a);
}

static void test_reports(void **state)
{
    struct agent *a = fake_new(2, 3);

    (void)state;
    act(a, QUERY("DeviceInfo", DEVICE_ID));
    assert_int_equal(a->nsent, 1);
    assert_non_null(strstr(last(a), "<SN>77</SN>\r\n<DeviceID>" DEVICE_ID
                                    "</DeviceID>\r\n<DeviceName>gate &amp; yard</DeviceName>\r\n"
                                    "<Result>OK</Result>"));
    assert_non_null(strstr(last(a), "<Channel>2</Channel>"));
    /* The channel's own name, in the link's charset. */
    act(a, QUERY("DeviceInfo", CHANNEL));
    assert_non_null(strstr(last(a), "<DeviceName>\xc9\xe3\xcf\xf1\xbb\xfa 2</DeviceName>"));
    act(a, MSG("Query", "ConfigDownload", DEVICE_ID, "<ConfigType>BasicParam</ConfigType>"));
    assert_non_null(strstr(last(a), "<Expiration>3600</Expiration>\r\n<HeartBeatInterval>60</HeartBeatInterval>\r\n"
                                    "<HeartBeatCount>3</HeartBeatCount>"));
    act(a, MSG("Query", "ConfigDownload", DEVICE_ID, "<ConfigType>Weather</ConfigType>"));
    assert_non_null(strstr(last(a), RESULT("ConfigDownload", DEVICE_ID, "ERROR")));
    assert_int_equal(a->nsent, 4);
    /* The platform has gone offline meanwhile. */
    a->ua.state = AGENT_WAITING;
    act(a, QUERY("DeviceInfo", DEVICE_ID));
    assert_int_equal(a->nsent, 4);
    router_message_done(&a->router, 0, 408, &fake_now);
    fake_free(a);
}

static void test_unknown_id(void **state)
{
    struct agent *a = fake_new(2, 0);

    (void)state;
    act(a, QUERY("DeviceInfo", "34020000001320000099"));
    assert_non_null(strstr(last(a), RESULT("DeviceInfo", "34020000001320000099", "ERROR")));
    act(a, QUERY("DeviceStatus", "34020000001320000099"));
    /* An error still has the required elements (A.2.6). */
    assert_non_null(strstr(
        last(a), "<DeviceID>34020000001320000099</DeviceID>\r\n<Result>ERROR</Result>\r\n<Online>ONLINE</Online>\r\n"
                 "<Status>ERROR</Status>\r\n</Response>\r\n"));
    act(a, CONTROL("34020000001320000099", "<AlarmCmd>ResetAlarm</AlarmCmd>"));
    assert_non_null(strstr(last(a), RESULT("DeviceControl", "34020000001320000099", "ERROR")));
    assert_int_equal(a->nsent, 3);
    /* No Catalog, in particular no empty one, and no movement. */
    act(a, QUERY("Catalog", "34020000001320000099"));
    act(a, CONTROL("34020000001320000099", "<PTZCmd>A50F010180000036</PTZCmd>"));
    act(a, CONTROL("34020000001320000099", "<IFameCmd>Send</IFameCmd>"));
    assert_int_equal(a->nsent, 3);
    assert_int_equal(a->nevents, 0);
    fake_free(a);
}

static void test_catalog(void **state)
{
    struct agent *a = fake_new(2, 0);

    (void)state;
    a->room = 8000;
    act(a, QUERY("Catalog", CHANNEL));
    assert_int_equal(a->nsent, 1);
    assert_int_equal(a->sent[0].purpose, MESSAGE_PAGE);
    assert_non_null(strstr(a->sent[0].body, "<DeviceID>" CHANNEL "</DeviceID>\r\n<SumNum>2</SumNum>"));
    fake_free(a);
}

static void test_controls(void **state)
{
    struct agent *a = fake_new(2, 1);

    (void)state;
    act(a, CONTROL(CHANNEL, "<PTZCmd>A50F010180000036</PTZCmd><Info><ControlPriority>5</ControlPriority></Info>"));
    assert_int_equal(a->nevents, 1);
    assert_int_equal(a->ev.kind, AGENT_CONTROL);
    assert_int_equal(a->control.kind, GB_CONTROL_PTZ);
    assert_int_equal(a->control.u.ptz.cmd.kind, PTZ_MOVE);
    assert_int_equal(a->control.u.ptz.cmd.pan, 128);
    assert_string_equal(a->channel, CHANNEL);
    /* The device ID means its first channel. */
    act(a, CONTROL(DEVICE_ID, "<IFameCmd>Send</IFameCmd>"));
    assert_int_equal(a->nevents, 2);
    assert_int_equal(a->control.kind, GB_CONTROL_IDR);
    assert_string_equal(a->channel, "34020000001310000001");
    /* A wrong checksum, no command, an alarm input, a link without PTZ. */
    act(a, CONTROL(CHANNEL, "<PTZCmd>A50F010180000035</PTZCmd>"));
    act(a, CONTROL(CHANNEL, "<PTZCmd>A50F010380000038</PTZCmd>"));
    act(a, CONTROL(INPUT, "<PTZCmd>A50F010180000036</PTZCmd>"));
    a->ua.cfg.ptz_deny = true;
    act(a, CONTROL(CHANNEL, "<PTZCmd>A50F010180000036</PTZCmd>"));
    assert_int_equal(a->nevents, 2);
    assert_int_equal(a->nsent, 0);
    fake_free(a);
}

static void test_failed_requests(void **state)
{
    static const struct {
        const char *body, *want;
    } cases[] = {
        { CONTROL(DEVICE_ID, "<RecordCmd>Recorded</RecordCmd>"), RESULT("DeviceControl", DEVICE_ID, "ERROR") },
        { CONTROL(DEVICE_ID, "<GuardCmd/>"), RESULT("DeviceControl", DEVICE_ID, "ERROR") },
        { CONTROL("34020000001320000099", "<GuardCmd>SetGuard</GuardCmd>"),
          RESULT("DeviceControl", "34020000001320000099", "ERROR") },
        { CONTROL(DEVICE_ID, "<TeleBoot>Reboot</TeleBoot>"), NULL },
        { CONTROL(DEVICE_ID, "<FormatSDCard></FormatSDCard>"), NULL },
        { QUERY("HomePositionQuery", "34020000001320000099"),
          RESULT("HomePositionQuery", "34020000001320000099", "ERROR") },
        { QUERY("PTZPosition", "34020000001320000099"), RESULT("PTZPosition", "34020000001320000099", "ERROR") },
        { CONTROL(DEVICE_ID, "<Later>1</Later>"), RESULT("DeviceControl", DEVICE_ID, "ERROR") },
        { MSG("Control", "DeviceConfig", DEVICE_ID, "<Later>x</Later>"), RESULT("DeviceConfig", DEVICE_ID, "ERROR") },
        { QUERY("Weather", DEVICE_ID), RESULT("Weather", DEVICE_ID, "ERROR") },
        { "<Notify><CmdType>Broadcast</CmdType><SN>77</SN><SourceID>34020000001360000001</SourceID><TargetID>" CHANNEL
          "</TargetID></Notify>",
          RESULT("Broadcast", CHANNEL, "ERROR") },
        { CONTROL(DEVICE_ID, "<DragZoomIn/>"), NULL },
        { MSG("Response", "Alarm", DEVICE_ID, "<Result>OK</Result>"), NULL },
        { MSG("Notify", "Unheard", DEVICE_ID, ""), NULL },
    };
    struct agent *a = fake_new(2, 0);

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        unsigned before = a->nsent;
        act(a, cases[i].body);
        assert_int_equal(a->nsent, before + (cases[i].want ? 1 : 0));
        if (cases[i].want)
            assert_non_null(strstr(last(a), cases[i].want));
    }
    assert_int_equal(a->nevents, 0);
    fake_free(a);
}

#define NOBODY "34020000001320000099"
#define REFUSED(type, rest)                                                                                            \
    "<CmdType>" type "</CmdType>\r\n<SN>77</SN>\r\n<DeviceID>" NOBODY "</DeviceID>\r\n<Result>ERROR</Result>\r\n" rest \
    "</Response>\r\n"

/* A refused list has its required counts (A.2.6); a Catalog is never refused that way. */
static void test_refused_lists(void **state)
{
    static const struct {
        const char *query, *want, *want_2022;
    } cases[] = {
        { QUERY("PresetQuery", NOBODY), REFUSED("PresetQuery", "<PresetList Num=\"0\">\r\n</PresetList>\r\n"),
          REFUSED("PresetQuery", "<SumNum>0</SumNum>\r\n<PresetList Num=\"0\">\r\n</PresetList>\r\n") },
        { QUERY("CruiseTrackListQuery", NOBODY), REFUSED("CruiseTrackListQuery", "<SumNum>0</SumNum>\r\n"), NULL },
        { MSG("Query", "CruiseTrackQuery", NOBODY, "<Number>3</Number>"),
          REFUSED("CruiseTrackQuery", "<Number>3</Number>\r\n<SumNum>0</SumNum>\r\n"), NULL },
        { MSG("Query", "CruiseTrackQuery", NOBODY, "<Number>three</Number>"),
          REFUSED("CruiseTrackQuery", "<Number>0</Number>\r\n<SumNum>0</SumNum>\r\n"), NULL },
        { MSG("Query", "RecordInfo", NOBODY, "<StartTime>2024-01-01</StartTime><EndTime>2024-01-02</EndTime>"),
          REFUSED("RecordInfo", "<Name>gate &amp; yard</Name>\r\n<SumNum>0</SumNum>\r\n"), NULL },
        { QUERY("SDCardStatus", NOBODY), REFUSED("SDCardStatus", "<SumNum>0</SumNum>\r\n"), NULL },
        { QUERY("DeviceInfo", NOBODY), REFUSED("DeviceInfo", ""), NULL },
    };
    static const char *const spans[] = {
        "<StartTime>soon</StartTime>",
        "<EndTime>2024-13-01</EndTime>",
        "<StartTime>2024-01-02</StartTime><EndTime>2024-01-01T08:00</EndTime>",
    };
    struct agent *a = fake_new(2, 0);
    char body[512];

    (void)state;
    for (unsigned edition = GB_2016; edition <= GB_2022; edition++) {
        a->ua.cfg.edition = (enum gb_edition)edition;
        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
            act(a, cases[i].query);
            assert_non_null(
                strstr(last(a), edition == GB_2022 && cases[i].want_2022 ? cases[i].want_2022 : cases[i].want));
        }
    }
    unsigned before = a->nsent;
    for (size_t i = 0; i < sizeof(spans) / sizeof(spans[0]); i++) {
        snprintf(body, sizeof(body), MSG("Query", "Catalog", DEVICE_ID, "%s"), spans[i]);
        act(a, body);
        assert_int_equal(a->nsent, before);
        assert_int_equal(a->pager.query[0].ref, 0);
    }
    act(a, MSG("Query", "Catalog", DEVICE_ID, "<StartTime></StartTime><EndTime>  </EndTime>"));
    assert_int_equal(a->nsent, before + 1);
    assert_null(strstr(a->sent[before].body, "<SumNum>0<"));
    a->ua.cfg.charset = CHARSET_GB18030;
    act(a, QUERY("DeviceInfo", NOBODY));
    assert_string_equal(last(a),
                        "<?xml version=\"1.0\" encoding=\"GB18030\"?>\r\n<Response>\r\n" REFUSED("DeviceInfo", ""));
    fake_free(a);
}

/* MobilePosition comes from the board, else from the config, else ERROR. */
static void test_place(void **state)
{
    struct board_geo geo = { .longitude = 116.5, .latitude = 39.25, .speed = 1 };
    struct gb_time late = fake_now;
    struct agent *a = fake_new(2, 0);

    (void)state;
    act(a, QUERY("MobilePosition", DEVICE_ID));
    assert_int_equal(a->ev.kind, AGENT_QUERY);
    assert_int_equal(a->ev.u.query.kind, AGENT_QUERY_GEO);
    assert_int_equal(router_reply_geo(&a->router, a->ev.token, &geo, &fake_now), 0);
    assert_int_equal(router_reply_geo(&a->router, a->ev.token, &geo, &fake_now), -ENOENT);
    assert_non_null(strstr(last(a), "<Response>\r\n<CmdType>MobilePosition</CmdType>\r\n"));
    assert_non_null(
        strstr(last(a), "<DeviceID>" DEVICE_ID "</DeviceID>\r\n<Time>2024-01-01T08:00:00</Time>\r\n"
                        "<Longitude>116.500000</Longitude>\r\n<Latitude>39.250000</Latitude>\r\n<Speed>1.00</Speed>"));
    a->ua.cfg.position_format = POSITION_LIST;
    act(a, QUERY("MobilePosition", CHANNEL));
    assert_string_equal(a->channel, CHANNEL);
    assert_int_equal(router_reply_geo(&a->router, a->ev.token, &geo, &fake_now), 0);
    assert_non_null(
        strstr(last(a), "<SumNum>1</SumNum>\r\n<DeviceList Num=\"1\">\r\n<Item>\r\n<DeviceID>" CHANNEL "</DeviceID>"));
    act(a, QUERY("MobilePosition", CHANNEL));
    assert_int_equal(router_reply_geo(&a->router, a->ev.token, NULL, &fake_now), 0);
    assert_non_null(strstr(last(a), RESULT("MobilePosition", CHANNEL, "ERROR")));
    act(a, QUERY("MobilePosition", CHANNEL));
    late.mono_ms += ROUTER_PENDING_MS;
    router_tick(&a->router, &late);
    assert_non_null(strstr(last(a), RESULT("MobilePosition", CHANNEL, "ERROR")));
    fake_free(a);
}

static void test_status(void **state)
{
    struct agent *a = fake_new(2, 2);
    struct agent_status_reply reply = { .ok = true, .encode = 1, .record = 0 };

    (void)state;
    act(a, QUERY("DeviceStatus", DEVICE_ID));
    assert_int_equal(a->nsent, 0);
    assert_int_equal(a->ev.kind, AGENT_QUERY);
    assert_int_equal(a->ev.u.query.kind, AGENT_QUERY_STATUS);
    assert_string_equal(a->channel, "");
    assert_int_equal(router_deadline(&a->router), fake_now.mono_ms + ROUTER_PENDING_MS);
    assert_int_equal(agent_reply_status(a, a->ev.token + 1, &reply, &fake_now), -ENOENT);
    assert_int_equal(agent_reply_status(a, 0, &reply, &fake_now), -ENOENT);
    /* A reply of another kind does not end the request. */
    assert_int_equal(agent_reply_storage(a, a->ev.token, NULL, 0, &fake_now), -ENOENT);
    assert_int_equal(agent_reply_result(a, a->ev.token, 0, &fake_now), -ENOENT);
    assert_int_equal(router_reply_geo(&a->router, a->ev.token, NULL, &fake_now), -ENOENT);
    assert_int_equal(router_reply_head(&a->router, a->ev.token, NULL, &fake_now), -ENOENT);
    assert_int_equal(a->nsent, 0);
    assert_int_equal(agent_reply_status(a, a->ev.token, &reply, &fake_now), 0);
    assert_non_null(strstr(
        last(a), "<Result>OK</Result>\r\n<Online>ONLINE</Online>\r\n<Status>OK</Status>\r\n<Encode>ON</Encode>\r\n"
                 "<Record>OFF</Record>\r\n<DeviceTime>2024-01-01T08:00:00</DeviceTime>\r\n<Alarmstatus Num=\"2\">"));
    assert_int_equal(agent_reply_status(a, a->ev.token, &reply, &fake_now), -ENOENT);
    assert_true(router_deadline(&a->router) == UINT64_MAX);

    /* The board reports the reason. */
    act(a, QUERY("DeviceStatus", CHANNEL));
    assert_string_equal(a->channel, CHANNEL);
    reply = (struct agent_status_reply){ .ok = false, .reason = "too hot", .encode = -1, .record = -1 };
    assert_int_equal(agent_reply_status(a, a->ev.token, &reply, &fake_now), 0);
    assert_non_null(strstr(last(a), "<Status>ERROR</Status>\r\n<Reason>too hot</Reason>\r\n<DeviceTime>"));
    assert_null(strstr(last(a), "Alarmstatus"));

    /* A channel without pictures, an alarm input, a channel that is off. */
    device_set_state(a->ua.dev, CHANNEL, DEVICE_ITEM_VLOST);
    reply = (struct agent_status_reply){ .ok = true, .encode = -1, .record = -1 };
    act(a, QUERY("DeviceStatus", CHANNEL));
    assert_int_equal(agent_reply_status(a, a->ev.token, &reply, &fake_now), 0);
    assert_non_null(
        strstr(last(a), "<Online>ONLINE</Online>\r\n<Status>ERROR</Status>\r\n<Reason>video lost</Reason>"));
    act(a, QUERY("DeviceStatus", INPUT));
    assert_int_equal(agent_reply_status(a, a->ev.token, &reply, &fake_now), 0);
    assert_non_null(strstr(last(a), "<Alarmstatus Num=\"1\">"));
    device_set_state(a->ua.dev, CHANNEL, DEVICE_ITEM_OFF);
    act(a, QUERY("DeviceStatus", CHANNEL));
    assert_int_equal(agent_reply_status(a, a->ev.token, &reply, &fake_now), 0);
    assert_non_null(strstr(last(a), "<Online>OFFLINE</Online>"));
    fake_free(a);
}

static void test_status_unanswered(void **state)
{
    struct agent *a = fake_new(1, 0);
    struct gb_time t = fake_now;
    const struct agent_status_reply reply = { .ok = true, .encode = -1, .record = -1 };

    (void)state;
    for (unsigned i = 0; i < ROUTER_PENDING_MAX; i++)
        act(a, QUERY("DeviceStatus", DEVICE_ID));
    assert_int_equal(a->nsent, 0);
    /* One above the limit: an immediate ERROR. */
    act(a, QUERY("DeviceStatus", DEVICE_ID));
    assert_non_null(
        strstr(last(a), "<Result>ERROR</Result>\r\n<Online>ONLINE</Online>\r\n<Status>ERROR</Status>\r\n</Response>"));
    t.mono_ms += ROUTER_PENDING_MS - 1;
    router_tick(&a->router, &t);
    assert_int_equal(a->nsent, 1);
    t.mono_ms++;
    router_tick(&a->router, &t);
    assert_int_equal(a->nsent, 1 + ROUTER_PENDING_MAX);
    assert_non_null(strstr(last(a), "<Reason>the board does not answer</Reason>"));
    /* Dropped when offline. */
    act(a, QUERY("DeviceStatus", DEVICE_ID));
    router_offline(&a->router);
    assert_int_equal(agent_reply_status(a, a->ev.token, &reply, &t), -ENOENT);
    fake_free(a);
}

/* 300 alarm inputs exceed the size limit: as many as fit are sent, and Num is their number. */
static void test_many_inputs(void **state)
{
    struct agent *a = fake_new(1, 300);
    const struct agent_status_reply reply = { .ok = true, .encode = -1, .record = -1 };
    struct xml_doc *doc;
    unsigned n = 0;

    (void)state;
    act(a, QUERY("DeviceStatus", DEVICE_ID));
    assert_int_equal(agent_reply_status(a, a->ev.token, &reply, &fake_now), 0);
    assert_true(a->sent[0].len <= a->room);
    assert_int_equal(xml_parse(&doc, span_of(last(a)), CHARSET_UTF8), 0);
    const struct xml_node *list = xml_child(xml_root(doc), "Alarmstatus");
    for (const struct xml_node *it = xml_child(list, "Item"); it; it = xml_next(it, "Item"))
        n++;
    assert_true(n >= 2);
    assert_int_equal(num_of(last(a), "Alarmstatus"), n);
    xml_free(doc);
    fake_free(a);
}

static void test_latch(void **state)
{
    struct agent *a = fake_new(1, 2);
    const struct agent_status_reply reply = { .ok = true, .encode = -1, .record = -1 };
    const struct agent_alarm al = { .id = INPUT, .method = 2, .priority = 1 };

    (void)state;
    a->ua.cfg.alarm_latch_s = AGENT_LATCH_STRICT;
    assert_int_equal(agent_alarm(a, &al, &fake_now), 0);
    a->nsent = 0;
    act(a, QUERY("DeviceStatus", DEVICE_ID));
    assert_int_equal(agent_reply_status(a, a->ev.token, &reply, &fake_now), 0);
    assert_non_null(strstr(last(a), INPUT "</DeviceID>\r\n<DutyStatus>ALARM</DutyStatus>"));
    assert_non_null(strstr(last(a), "34020000001340000002</DeviceID>\r\n<DutyStatus>ONDUTY</DutyStatus>"));
    act(a, CONTROL(INPUT, "<AlarmCmd>ResetAlarm</AlarmCmd>"));
    assert_non_null(strstr(last(a), RESULT("DeviceControl", INPUT, "OK")));
    assert_false(alarm_inputs_latched(&a->alarm_inputs, INPUT, &fake_now));
    act(a, CONTROL(INPUT, "<AlarmCmd>Oops</AlarmCmd>"));
    assert_non_null(strstr(last(a), RESULT("DeviceControl", INPUT, "ERROR")));
    fake_free(a);
}

/* DutyStatus: OFFDUTY from ResetGuard on (or while the guard was never set and alarms want it), else ALARM while the
 * contact is on or its alarm latched, else ONDUTY. */
static void test_duty(void **state)
{
    static const struct {
        enum device_guard guard;
        bool wants_guard, contact, latched;
        const char *duty;
    } cases[] = {
        { DEVICE_GUARD_UNSET, false, false, false, "ONDUTY" }, { DEVICE_GUARD_UNSET, false, true, false, "ALARM" },
        { DEVICE_GUARD_UNSET, false, false, true, "ALARM" },   { DEVICE_GUARD_UNSET, true, false, false, "OFFDUTY" },
        { DEVICE_GUARD_UNSET, true, true, false, "OFFDUTY" },  { DEVICE_GUARD_ON, true, false, false, "ONDUTY" },
        { DEVICE_GUARD_ON, true, true, false, "ALARM" },       { DEVICE_GUARD_ON, false, true, true, "ALARM" },
        { DEVICE_GUARD_OFF, false, false, false, "OFFDUTY" },  { DEVICE_GUARD_OFF, false, true, true, "OFFDUTY" },
        { DEVICE_GUARD_OFF, true, true, true, "OFFDUTY" },
    };
    const struct agent_status_reply reply = { .ok = true, .encode = -1, .record = -1 };
    struct gb_control guard = { .kind = GB_CONTROL_GUARD };
    char want[128];

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct agent *a = fake_new(1, 1);
        a->ua.cfg.alarm_requires_guard = cases[i].wants_guard;
        guard.u.guard.on = cases[i].guard == DEVICE_GUARD_ON;
        if (cases[i].guard != DEVICE_GUARD_UNSET)
            assert_int_equal(device_state_apply(device_state(a->ua.dev), INPUT, &guard), 0);
        device_set_input(a->ua.dev, INPUT, cases[i].contact);
        device_set_alarm(a->ua.dev, INPUT, cases[i].latched);
        act(a, QUERY("DeviceStatus", INPUT));
        assert_int_equal(agent_reply_status(a, a->ev.token, &reply, &fake_now), 0);
        snprintf(want, sizeof(want),
                 "<Alarmstatus Num=\"1\">\r\n<Item>\r\n<DeviceID>" INPUT "</DeviceID>\r\n<DutyStatus>%s</DutyStatus>",
                 cases[i].duty);
        if (!strstr(last(a), want))
            fail_msg("case %zu: no %s in %s", i, want, last(a));
        fake_free(a);
    }
}

static bool query_once(void *ctx)
{
    struct agent *a = ctx;
    struct router_request req;
    struct sip_scan s = { .method = SIP_MESSAGE,
                          .content_type = SPAN_LIT(XML_TYPE),
                          .body = SPAN_LIT(QUERY("DeviceInfo", DEVICE_ID)) };
    unsigned status = router_accept(&a->router, &s, &req, &fake_now);

    if (status != 200) {
        assert_int_equal(status, 500);
        return false;
    }
    a->nsent = 0;
    router_act(&a->router, &req, &fake_now);
    return a->nsent == 1;
}

static void test_no_memory(void **state)
{
    struct agent *a = fake_new(1, 0);

    (void)state;
    oom_ladder(query_once, a, 30);
    fake_free(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sip_status),
        cmocka_unit_test(test_without_device_id),
        cmocka_unit_test(test_reports),
        cmocka_unit_test(test_unknown_id),
        cmocka_unit_test(test_catalog),
        cmocka_unit_test(test_controls),
        cmocka_unit_test(test_failed_requests),
        cmocka_unit_test(test_refused_lists),
        cmocka_unit_test(test_status),
        cmocka_unit_test(test_place),
        cmocka_unit_test(test_status_unanswered),
        cmocka_unit_test(test_many_inputs),
        cmocka_unit_test(test_latch),
        cmocka_unit_test(test_duty),
        cmocka_unit_test(test_no_memory),
    };
    return cmocka_run_group_tests_name("router", tests, NULL, NULL);
}
