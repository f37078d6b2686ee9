/* SPDX-License-Identifier: MIT */
/* Control commands: target, permission, Response; queries of presets, cruises, PTZ position and cards. */
#include "agent/router.h"

#include "codec/xml.h"
#include "tests/unit/fake_agent.h"

#define CHANNEL  "34020000001310000002"
#define CHANNEL1 "34020000001310000001"
#define INPUT    "34020000001340000001"
#define MSG(root, type, id, x)                                                                                         \
    "<?xml version=\"1.0\"?><" root "><CmdType>" type "</CmdType><SN>77</SN><DeviceID>" id "</DeviceID>" x "</" root ">"
#define CONTROL(id, x)      MSG("Control", "DeviceControl", id, x)
#define QUERY(type, id)     MSG("Query", type, id, "")
#define HEAD(type, id)      "<CmdType>" type "</CmdType>\r\n<SN>77</SN>\r\n<DeviceID>" id "</DeviceID>\r\n"
#define RESULT(type, id, r) HEAD(type, id) "<Result>" r "</Result>\r\n</Response>\r\n"

static struct gb_time now;

static void act(struct agent *a, const char *body)
{
    struct span copy = guard_str(body);
    struct sip_scan s = { .method = SIP_MESSAGE, .content_type = SPAN_LIT("Application/MANSCDP+xml"), .body = copy };
    struct router_request req;

    s.target.user = SPAN_LIT(DEVICE_ID);
    s.from.user = SPAN_LIT(SERVER_ID);
    assert_int_equal(router_accept(&a->router, &s, &req, &fake_now), 200);
    guard_str_free(copy);
    router_act(&a->router, &req, &now);
    router_request_free(&req);
}

static const char *last(const struct agent *a)
{
    assert_true(a->nsent > 0);
    return a->sent[a->nsent - 1].body;
}

static struct agent *fresh(unsigned channels, unsigned inputs)
{
    now = fake_now;
    return fake_new(channels, inputs);
}

/* ---- control commands ------------------------------------------------------------------------------ */

static void test_targets(void **state)
{
    static const struct {
        const char *body;
        enum gb_control_kind kind;
        const char *target;
        bool due;
    } cases[] = {
        { CONTROL(DEVICE_ID, "<TeleBoot>Boot</TeleBoot>"), GB_CONTROL_REBOOT, "", false },
        { CONTROL(CHANNEL, "<TeleBoot>Boot</TeleBoot>"), GB_CONTROL_REBOOT, "", false },
        { CONTROL(DEVICE_ID, "<RecordCmd>Record</RecordCmd>"), GB_CONTROL_RECORD, "", true },
        { CONTROL(CHANNEL, "<RecordCmd>StopRecord</RecordCmd>"), GB_CONTROL_RECORD, CHANNEL, true },
        { CONTROL(DEVICE_ID, "<GuardCmd>SetGuard</GuardCmd>"), GB_CONTROL_GUARD, "", true },
        { CONTROL(INPUT, "<GuardCmd>ResetGuard</GuardCmd>"), GB_CONTROL_GUARD, INPUT, true },
        { CONTROL(DEVICE_ID, "<HomePosition><Enabled>1</Enabled></HomePosition>"), GB_CONTROL_HOME, CHANNEL1, true },
        { CONTROL(CHANNEL, "<PTZPreciseCtrl><Pan>1.5</Pan></PTZPreciseCtrl>"), GB_CONTROL_PRECISE, CHANNEL, false },
        { CONTROL(DEVICE_ID, "<FormatSDCard>1</FormatSDCard>"), GB_CONTROL_FORMAT, "", false },
        { CONTROL(CHANNEL, "<TargetTrack>Auto</TargetTrack>"), GB_CONTROL_TRACK, CHANNEL, false },
    };
    struct agent *a = fresh(2, 1);

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        a->ua.cfg.control_interval_s = 0;
        act(a, cases[i].body);
        assert_int_equal(a->nevents, i + 1);
        assert_int_equal(a->ev.kind, AGENT_CONTROL);
        assert_int_equal(a->control.kind, cases[i].kind);
        assert_string_equal(a->channel, cases[i].target);
        assert_int_equal(a->ev.token != 0, cases[i].due);
        if (cases[i].due)
            assert_int_equal(agent_reply_result(a, a->ev.token, i % 2 ? 0 : -ENOTSUP, &now), 0);
    }
    /* Responses so far: record, record, guard, guard, home (cases 2 to 6). */
    assert_int_equal(a->nsent, 5);
    assert_non_null(strstr(a->sent[0].body, RESULT("DeviceControl", DEVICE_ID, "ERROR")));
    assert_non_null(strstr(a->sent[1].body, RESULT("DeviceControl", CHANNEL, "OK")));
    assert_non_null(strstr(a->sent[3].body, RESULT("DeviceControl", INPUT, "OK")));
    /* An alarm input is not a channel; an unknown ID is ignored. */
    act(a, CONTROL(INPUT, "<RecordCmd>Record</RecordCmd>"));
    assert_non_null(strstr(last(a), RESULT("DeviceControl", INPUT, "ERROR")));
    act(a, CONTROL("34020000001320000099", "<TeleBoot>Boot</TeleBoot>"));
    assert_int_equal(a->nevents, sizeof(cases) / sizeof(cases[0]));
    fake_free(a);
}

/* Control commands are executed only if addressed to this device by its platform; a stop, a key frame request and a
 * query always are. */
static void test_addressee(void **state)
{
    static const struct {
        const char *body;
        bool order;
    } cases[] = {
        { CONTROL(CHANNEL, "<PTZCmd>A50F010180000036</PTZCmd>"), true },
        { CONTROL(CHANNEL, "<PTZCmd>A50F018101000037</PTZCmd>"), true },  /* set a preset */
        { CONTROL(CHANNEL, "<PTZCmd>A50F010180000037</PTZCmd>"), true },  /* wrong checksum: sender still checked */
        { CONTROL(CHANNEL, "<PTZCmd>A50F0100000000B5</PTZCmd>"), false }, /* stop */
        { CONTROL(CHANNEL, "<PTZCmd>A50F0140000000F5</PTZCmd>"), false }, /* focus and iris stop */
        { CONTROL(CHANNEL, "<PTZCmd>A50F014240000037</PTZCmd>"), true },
        { CONTROL(CHANNEL, "<IFameCmd>Send</IFameCmd>"), false },
        { CONTROL(DEVICE_ID, "<TeleBoot>Boot</TeleBoot>"), true },
        { CONTROL(CHANNEL, "<RecordCmd>Record</RecordCmd>"), true },
        { CONTROL(DEVICE_ID, "<GuardCmd>ResetGuard</GuardCmd>"), true },
        { CONTROL(DEVICE_ID, "<AlarmCmd>ResetAlarm</AlarmCmd>"), true },
        { CONTROL(CHANNEL,
                  "<DragZoomOut><Length>9</Length><Width>9</Width><MidPointX>1</MidPointX><MidPointY>1</MidPointY>"
                  "<LengthX>1</LengthX><LengthY>1</LengthY></DragZoomOut>"),
          true },
        { CONTROL(CHANNEL, "<HomePosition><Enabled>0</Enabled></HomePosition>"), true },
        { CONTROL(CHANNEL, "<PTZPreciseCtrl><Pan>1</Pan></PTZPreciseCtrl>"), true },
        { CONTROL(DEVICE_ID, "<FormatSDCard>0</FormatSDCard>"), true },
        { CONTROL(CHANNEL, "<TargetTrack>Stop</TargetTrack>"), true },
        { CONTROL(DEVICE_ID,
                  "<DeviceUpgrade><Firmware>1</Firmware><FileURL>http://a/b</FileURL><Manufacturer>M</Manufacturer>"
                  "<SessionID>1</SessionID></DeviceUpgrade>"),
          true },
        { MSG("Control", "DeviceConfig", DEVICE_ID, "<BasicParam><Name>n</Name></BasicParam>"), true },
        { QUERY("Catalog", DEVICE_ID), false },
        { QUERY("ConfigDownload", DEVICE_ID), false },
        { MSG("Notify", "Broadcast", CHANNEL, ""), false },
    };
    static const struct {
        const char *target, *to, *from;
        bool any;
        unsigned status;
    } ways[] = {
        { DEVICE_ID, DEVICE_ID, SERVER_ID, false, 200 },
        { CHANNEL, CHANNEL, SERVER_ID, false, 200 },
        { DEVICE_ID, SERVER_ID, SERVER_ID, false, 200 }, /* either is enough */
        { "", INPUT, SERVER_ID, false, 200 },
        { "34020000001320000099", "34020000001310000099", SERVER_ID, false, 404 },
        { "", "", SERVER_ID, false, 404 },
        { "34020000001320000099", "", SERVER_ID, true, 404 },
        { DEVICE_ID, DEVICE_ID, "34020000002000000009", false, 403 },
        { DEVICE_ID, DEVICE_ID, "", false, 403 },
        { DEVICE_ID, DEVICE_ID, SERVER_ID "0", false, 403 },
        { DEVICE_ID, DEVICE_ID, "34020000002000000009", true, 200 },
        { DEVICE_ID, DEVICE_ID, "", true, 200 },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        for (size_t k = 0; k < sizeof(ways) / sizeof(ways[0]); k++) {
            struct agent *a = fresh(2, 1);
            struct sip_scan s = { .method = SIP_MESSAGE,
                                  .body = span_of(cases[i].body),
                                  .target.user = span_of(ways[k].target),
                                  .to.user = span_of(ways[k].to),
                                  .from.user = span_of(ways[k].from) };
            struct router_request req;
            a->ua.cfg.control_from_any = ways[k].any;
            unsigned status = router_accept(&a->router, &s, &req, &fake_now),
                     want = cases[i].order ? ways[k].status : 200;
            if (status != want)
                fail_msg("case %zu, way %zu: %u instead of %u", i, k, status, want);
            if (status == 200)
                router_request_free(&req);
            fake_free(a);
        }
    }
}

static void test_board_is_silent(void **state)
{
    struct agent *a = fresh(1, 0);

    (void)state;
    act(a, CONTROL(DEVICE_ID, "<GuardCmd>SetGuard</GuardCmd>"));
    assert_int_equal(a->nsent, 0);
    now.mono_ms += ROUTER_PENDING_MS;
    router_tick(&a->router, &now);
    assert_non_null(strstr(last(a), RESULT("DeviceControl", DEVICE_ID, "ERROR")));
    fake_free(a);
}

/* Every command against every bit: only its own denies it. */
static void test_deny(void **state)
{
    static const struct {
        const char *body;
        unsigned bit;
        bool due;
    } cases[] = {
        { CONTROL(CHANNEL, "<PTZCmd>A50F010180000036</PTZCmd>"), GB_CONTROL_PTZ, false },
        { CONTROL(CHANNEL, "<IFameCmd>Send</IFameCmd>"), GB_CONTROL_IDR, false },
        { CONTROL(DEVICE_ID, "<TeleBoot>Boot</TeleBoot>"), GB_CONTROL_REBOOT, false },
        { CONTROL(CHANNEL, "<RecordCmd>Record</RecordCmd>"), GB_CONTROL_RECORD, true },
        { CONTROL(DEVICE_ID, "<GuardCmd>SetGuard</GuardCmd>"), GB_CONTROL_GUARD, true },
        { CONTROL(CHANNEL,
                  "<DragZoomIn><Length>9</Length><Width>9</Width><MidPointX>1</MidPointX><MidPointY>1</MidPointY>"
                  "<LengthX>1</LengthX><LengthY>1</LengthY></DragZoomIn>"),
          GB_CONTROL_DRAG_ZOOM, false },
        { CONTROL(CHANNEL, "<HomePosition><Enabled>0</Enabled></HomePosition>"), GB_CONTROL_HOME, true },
        { CONTROL(CHANNEL, "<PTZPreciseCtrl><Pan>1</Pan></PTZPreciseCtrl>"), GB_CONTROL_PRECISE, false },
        { CONTROL(DEVICE_ID, "<FormatSDCard>0</FormatSDCard>"), GB_CONTROL_FORMAT, false },
        { CONTROL(CHANNEL, "<TargetTrack>Stop</TargetTrack>"), GB_CONTROL_TRACK, false },
        { CONTROL(DEVICE_ID,
                  "<DeviceUpgrade><Firmware>1</Firmware><FileURL>http://a/b</FileURL><Manufacturer>M</Manufacturer>"
                  "<SessionID>1</SessionID></DeviceUpgrade>"),
          GB_CONTROL_UPGRADE, true },
    };

    (void)state;
    for (unsigned bit = 0; bit < GB_CONTROL_TIME; bit++) {
        struct agent *a = fresh(2, 0);
        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
            bool denied = cases[i].bit == bit;
            unsigned events = a->nevents, sent = a->nsent;
            a->ua.cfg.control_deny = 1u << bit;
            act(a, cases[i].body);
            assert_int_equal(a->nevents, events + !denied);
            assert_int_equal(a->nsent, sent + (denied && cases[i].due));
            if (denied && cases[i].due)
                assert_non_null(strstr(last(a), "<Result>ERROR</Result>"));
        }
        fake_free(a);
    }
}

static void test_ptz_deny(void **state)
{
    struct agent *a = fresh(2, 0);

    (void)state;
    a->ua.cfg.ptz_deny = true;
    act(a, CONTROL(CHANNEL, "<PTZCmd>A50F010180000036</PTZCmd>"));
    act(a, CONTROL(CHANNEL, "<PTZPreciseCtrl><Pan>1</Pan></PTZPreciseCtrl>"));
    act(a, CONTROL(CHANNEL, "<HomePosition><Enabled>1</Enabled></HomePosition>"));
    assert_int_equal(a->nevents, 0);
    assert_int_equal(a->nsent, 1);
    act(a, CONTROL(DEVICE_ID, "<IFrameCmd>Send</IFrameCmd>"));
    assert_int_equal(a->nevents, 1);
    fake_free(a);
}

static void test_interval(void **state)
{
    struct agent *a = fresh(1, 0);

    (void)state;
    a->ua.cfg.control_interval_s = 60;
    act(a, CONTROL(DEVICE_ID, "<TeleBoot>Boot</TeleBoot>"));
    assert_int_equal(a->nevents, 1);
    now.mono_ms += 59999;
    act(a, CONTROL(DEVICE_ID, "<TeleBoot>Boot</TeleBoot>"));
    assert_int_equal(a->nevents, 1);
    /* Each kind has its own interval, harmless commands have none. */
    act(a, CONTROL(DEVICE_ID, "<FormatSDCard>1</FormatSDCard>"));
    assert_int_equal(a->nevents, 2);
    for (int i = 0; i < 5; i++) {
        now.mono_ms += 1;
        act(a, CONTROL(DEVICE_ID, "<IFrameCmd>Send</IFrameCmd>"));
    }
    assert_int_equal(a->nevents, 7);
    /* The refused one does not count: the next is accepted 60 s after the first. */
    act(a, CONTROL(DEVICE_ID, "<TeleBoot>Boot</TeleBoot>"));
    assert_int_equal(a->nevents, 8);
    fake_free(a);
}

/* ---- directions without speed ------------------------------------------------------------------------ */

#define RIGHT   "<PTZCmd>A50F010180000036</PTZCmd>"
#define RIGHT_0 "<PTZCmd>A50F0101000000B6</PTZCmd>"
#define LEFT_0  "<PTZCmd>A50F0102000000B7</PTZCmd>"
#define STOP    "<PTZCmd>A50F0100000000B5</PTZCmd>"

static void expect_ptz(struct agent *a, const char *body, enum ptz_kind kind, int pan)
{
    unsigned events = a->nevents;

    act(a, body);
    assert_int_equal(a->nevents, events + 1);
    assert_int_equal(a->control.kind, GB_CONTROL_PTZ);
    assert_int_equal(a->control.u.ptz.cmd.kind, kind);
    assert_int_equal(a->control.u.ptz.cmd.pan, pan);
}

static void test_no_speed(void **state)
{
    struct agent *a = fresh(2, 0);
    static const int other;

    (void)state;
    /* At rest: a movement at minimum speed, which the next one stops. */
    expect_ptz(a, CONTROL(CHANNEL, RIGHT_0), PTZ_MOVE, 1);
    expect_ptz(a, CONTROL(CHANNEL, RIGHT_0), PTZ_STOP, 0);
    expect_ptz(a, CONTROL(CHANNEL, STOP), PTZ_STOP, 0);
    expect_ptz(a, CONTROL(CHANNEL, LEFT_0), PTZ_MOVE, -1);
    expect_ptz(a, CONTROL(CHANNEL, STOP), PTZ_STOP, 0);
    /* It stops the movement of this channel, however often it is repeated, but not that of the other. */
    expect_ptz(a, CONTROL(CHANNEL, RIGHT), PTZ_MOVE, 128);
    expect_ptz(a, CONTROL(CHANNEL1, LEFT_0), PTZ_MOVE, -1);
    expect_ptz(a, CONTROL(CHANNEL, LEFT_0), PTZ_STOP, 0);
    expect_ptz(a, CONTROL(CHANNEL, LEFT_0), PTZ_STOP, 0);
    expect_ptz(a, CONTROL(CHANNEL, RIGHT), PTZ_MOVE, 128);
    /* A stop is accepted with another ID in From, a movement is not. */
    struct sip_scan stray = { .method = SIP_MESSAGE,
                              .body = SPAN_LIT(CONTROL(CHANNEL, LEFT_0)),
                              .from.user = SPAN_LIT("34020000002000000009") };
    struct router_request req;
    assert_int_equal(router_accept(&a->router, &stray, &req, &fake_now), 200);
    router_request_free(&req);
    stray.body = SPAN_LIT(CONTROL(CHANNEL1, RIGHT));
    assert_int_equal(router_accept(&a->router, &stray, &req, &fake_now), 404);
    expect_ptz(a, CONTROL(CHANNEL, RIGHT_0), PTZ_STOP, 0);
    /* The device ID means its first channel. */
    expect_ptz(a, CONTROL(DEVICE_ID, RIGHT_0), PTZ_STOP, 0);
    /* Wiper and setting a preset do not interrupt the movement. */
    expect_ptz(a, CONTROL(CHANNEL, RIGHT), PTZ_MOVE, 128);
    expect_ptz(a, CONTROL(CHANNEL, "<PTZCmd>A50F018C01000042</PTZCmd>"), PTZ_AUX_ON, 0);
    expect_ptz(a, CONTROL(CHANNEL, "<PTZCmd>A50F018100010037</PTZCmd>"), PTZ_PRESET_SET, 0);
    expect_ptz(a, CONTROL(CHANNEL, RIGHT_0), PTZ_STOP, 0);
    /* Calling a preset ends the movement; another platform's movement is not stopped. */
    expect_ptz(a, CONTROL(CHANNEL, RIGHT), PTZ_MOVE, 128);
    expect_ptz(a, CONTROL(CHANNEL, "<PTZCmd>A50F018200010038</PTZCmd>"), PTZ_PRESET_CALL, 0);
    expect_ptz(a, CONTROL(CHANNEL, RIGHT_0), PTZ_MOVE, 1);
    device_state_set_mover(device_state(a->ua.dev), CHANNEL, &other);
    expect_ptz(a, CONTROL(CHANNEL, RIGHT_0), PTZ_MOVE, 1);
    fake_free(a);
}

/* ---- a movement whose platform is gone --------------------------------------------------------------- */

static void offline(struct agent *a)
{
    a->ua.state = AGENT_WAITING;
    router_offline(&a->router);
    router_tick(&a->router, &now);
}

static void test_auto_stop(void **state)
{
    struct agent *a = fresh(2, 0);

    (void)state;
    a->ua.cfg.ptz_timeout_s = 5;
    offline(a);
    assert_true(router_deadline(&a->router) == UINT64_MAX); /* at rest */
    a->ua.state = AGENT_ONLINE;
    act(a, CONTROL(CHANNEL, "<PTZCmd>A50F010180000036</PTZCmd>"));
    act(a, CONTROL(CHANNEL1, "<PTZCmd>A50F01080080003D</PTZCmd>"));
    act(a, CONTROL(CHANNEL1, "<PTZCmd>A50F0100000000B5</PTZCmd>")); /* stopped again */
    assert_int_equal(a->nevents, 3);
    offline(a);
    assert_int_equal(router_deadline(&a->router), now.mono_ms + 5000);
    /* The platform is back in time and may stop the head itself. */
    a->ua.state = AGENT_ONLINE;
    now.mono_ms += 4000;
    router_tick(&a->router, &now);
    assert_true(router_deadline(&a->router) == UINT64_MAX);
    offline(a);
    now.mono_ms += 4999;
    router_tick(&a->router, &now);
    assert_int_equal(a->nevents, 3);
    now.mono_ms += 1;
    router_tick(&a->router, &now);
    assert_int_equal(a->nevents, 4);
    assert_int_equal(a->control.kind, GB_CONTROL_PTZ);
    assert_int_equal(a->control.u.ptz.cmd.kind, PTZ_STOP);
    assert_string_equal(a->channel, CHANNEL);
    router_tick(&a->router, &now);
    assert_int_equal(a->nevents, 4);
    /* Off by default; another platform's movement is not stopped. */
    a->ua.state = AGENT_ONLINE;
    a->ua.cfg.ptz_timeout_s = 0;
    act(a, CONTROL(CHANNEL, "<PTZCmd>A50F010180000036</PTZCmd>"));
    offline(a);
    assert_true(router_deadline(&a->router) == UINT64_MAX);
    a->ua.cfg.ptz_timeout_s = 1;
    device_state_set_mover(device_state(a->ua.dev), CHANNEL, a);
    offline(a);
    now.mono_ms += 10000;
    router_tick(&a->router, &now);
    router_tick(&a->router, &now);
    assert_int_equal(a->nevents, 5);
    fake_free(a);
}

/* ---- queries ---------------------------------------------------------------------------------------- */

static void set_preset(struct agent *a, unsigned number, const char *name)
{
    struct gb_control c = { .kind = GB_CONTROL_PTZ, .u.ptz.cmd = { .kind = PTZ_PRESET_SET, .number = number } };

    snprintf(c.u.ptz.preset_name, sizeof(c.u.ptz.preset_name), "%s", name);
    assert_int_equal(device_state_apply(device_state(a->ua.dev), CHANNEL, &c), 0);
}

static void cruise(struct agent *a, enum ptz_kind kind, unsigned group, unsigned value, const char *name)
{
    struct gb_control c = { .kind = GB_CONTROL_PTZ, .u.ptz.cmd = { .kind = kind, .number = group, .value = value } };

    snprintf(c.u.ptz.cruise_name, sizeof(c.u.ptz.cruise_name), "%s", name);
    assert_int_equal(device_state_apply(device_state(a->ua.dev), CHANNEL, &c), 0);
}

static void test_presets(void **state)
{
    struct agent *a = fresh(2, 0);

    (void)state;
    act(a, QUERY("PresetQuery", CHANNEL));
    assert_non_null(
        strstr(last(a), HEAD("PresetQuery", CHANNEL) "<PresetList Num=\"0\">\r\n</PresetList>\r\n</Response>"));
    pager_message_done(&a->pager, a->sent[0].ref, 200, &now);
    set_preset(a, 1, "gate");
    set_preset(a, 20, "");
    act(a, QUERY("PresetQuery", CHANNEL));
    assert_non_null(strstr(
        last(a), HEAD("PresetQuery",
                      CHANNEL) "<PresetList Num=\"2\">\r\n<Item>\r\n<PresetID>1</PresetID>\r\n"
                               "<PresetName>gate</PresetName>\r\n</Item>\r\n<Item>\r\n<PresetID>20</PresetID>\r\n"));
    pager_message_done(&a->pager, a->sent[1].ref, 200, &now);
    a->ua.cfg.edition = GB_2022;
    act(a, QUERY("PresetQuery", CHANNEL));
    assert_non_null(strstr(last(a), HEAD("PresetQuery", CHANNEL) "<SumNum>2</SumNum>\r\n<PresetList Num=\"2\">\r\n"));
    fake_free(a);
}

/* 255 presets are sent in pages below the size limit, each once and in order, with SumNum in every edition. */
static void test_many_presets(void **state)
{
    struct agent *a = fresh(2, 0);
    unsigned pages = 0, items = 0;

    (void)state;
    for (unsigned i = 1; i <= 255; i++)
        set_preset(a, i, i % 2 ? "gate & <yard>" : "");
    act(a, QUERY("PresetQuery", CHANNEL));
    while (pages < a->nsent) {
        const struct fake_message *m = &a->sent[pages++];
        const char *at = m->body;
        assert_true(m->len <= a->room);
        assert_non_null(strstr(m->body, "<SumNum>255</SumNum>\r\n<PresetList Num=\""));
        while ((at = strstr(at, "<PresetID>")) != NULL)
            assert_int_equal(strtoul(at += strlen("<PresetID>"), NULL, 10), ++items);
        assert_int_equal(a->nsent, pages);
        pager_message_done(&a->pager, m->ref, 200, &now);
        now.mono_ms += 1000;
        pager_tick(&a->pager, &now);
    }
    assert_int_equal(items, 255);
    assert_true(pages > 10);
    fake_free(a);
}

static void test_tracks(void **state)
{
    struct agent *a = fresh(2, 0);

    (void)state;
    a->ua.cfg.edition = GB_2022;
    a->room = 4000;
    act(a, QUERY("CruiseTrackListQuery", CHANNEL));
    assert_non_null(strstr(last(a), HEAD("CruiseTrackListQuery", CHANNEL) "<SumNum>0</SumNum>\r\n</Response>"));
    pager_message_done(&a->pager, a->sent[0].ref, 200, &now);
    set_preset(a, 3, "");
    cruise(a, PTZ_CRUISE_ADD, 0, 3, "night round");
    cruise(a, PTZ_CRUISE_ADD, 0, 4, "");
    cruise(a, PTZ_CRUISE_SPEED, 0, 5, "");
    cruise(a, PTZ_CRUISE_STAY, 0, 12, "");
    cruise(a, PTZ_CRUISE_ADD, 7, 3, "");
    cruise(a, PTZ_CRUISE_SPEED, 7, 4095, "");
    act(a, QUERY("CruiseTrackListQuery", CHANNEL));
    assert_non_null(strstr(
        last(a), HEAD("CruiseTrackListQuery",
                      CHANNEL) "<SumNum>2</SumNum>\r\n<CruiseTrackList Num=\"2\">\r\n<CruiseTrack>\r\n"
                               "<Number>0</Number>\r\n<Name>night round</Name>\r\n</CruiseTrack>\r\n<CruiseTrack>\r\n"
                               "<Number>7</Number>\r\n"));
    pager_message_done(&a->pager, a->sent[1].ref, 200, &now);
    act(a, MSG("Query", "CruiseTrackQuery", CHANNEL, "<Number>0</Number>"));
    assert_non_null(strstr(
        last(a), HEAD("CruiseTrackQuery",
                      CHANNEL) "<Number>0</Number>\r\n<Name>night round</Name>\r\n<SumNum>2</SumNum>\r\n"
                               "<CruisePointList Num=\"2\">\r\n<CruisePoint>\r\n<PresetIndex>3</PresetIndex>\r\n"
                               "<StayTime>12</StayTime>\r\n<Speed>5</Speed>\r\n</CruisePoint>\r\n<CruisePoint>\r\n"
                               "<PresetIndex>4</PresetIndex>\r\n"));
    pager_message_done(&a->pager, a->sent[2].ref, 200, &now);
    act(a, MSG("Query", "CruiseTrackQuery", CHANNEL, "<Number>7</Number>"));
    assert_non_null(strstr(last(a), "<Speed>15</Speed>"));
    act(a, MSG("Query", "CruiseTrackQuery", CHANNEL, "<Number>8</Number>"));
    assert_non_null(strstr(
        last(a), HEAD("CruiseTrackQuery",
                      CHANNEL) "<Result>ERROR</Result>\r\n<Number>8</Number>\r\n<SumNum>0</SumNum>\r\n</Response>"));
    act(a, MSG("Query", "CruiseTrackQuery", CHANNEL, "<Number>x</Number>"));
    assert_non_null(strstr(
        last(a), HEAD("CruiseTrackQuery",
                      CHANNEL) "<Result>ERROR</Result>\r\n<Number>0</Number>\r\n<SumNum>0</SumNum>\r\n</Response>"));
    fake_free(a);
}

static void test_home(void **state)
{
    const struct gb_control home = {
        .kind = GB_CONTROL_HOME,
        .u.home = { .enabled = true, .has_reset_time = true, .reset_time_s = 30, .has_preset = true, .preset = 2 },
    };
    struct agent *a = fresh(2, 0);

    (void)state;
    act(a, QUERY("HomePositionQuery", CHANNEL1));
    assert_non_null(
        strstr(last(a), HEAD("HomePositionQuery",
                             CHANNEL1) "<HomePosition>\r\n<Enabled>0</Enabled>\r\n</HomePosition>\r\n</Response>"));
    assert_int_equal(device_state_apply(device_state(a->ua.dev), CHANNEL1, &home), 0);
    act(a, QUERY("HomePositionQuery", DEVICE_ID));
    assert_non_null(strstr(
        last(a),
        HEAD("HomePositionQuery", DEVICE_ID) "<HomePosition>\r\n<Enabled>1</Enabled>\r\n<ResetTime>30</ResetTime>\r\n"
                                             "<PresetIndex>2</PresetIndex>\r\n</HomePosition>\r\n</Response>"));
    fake_free(a);
}

static void test_head(void **state)
{
    const struct board_head head = { .pan = 12.5,
                                     .tilt = -3.25,
                                     .zoom = 2,
                                     .has_view = true,
                                     .horizontal_angle = 30,
                                     .vertical_angle = 16.875,
                                     .max_distance = 160 };
    struct agent *a = fresh(2, 0);

    (void)state;
    act(a, QUERY("PTZPosition", CHANNEL));
    assert_int_equal(a->ev.kind, AGENT_QUERY);
    assert_int_equal(a->ev.u.query.kind, AGENT_QUERY_HEAD);
    assert_string_equal(a->channel, CHANNEL);
    assert_int_equal(router_reply_head(&a->router, a->ev.token, &head, &now), 0);
    assert_non_null(strstr(last(a), HEAD("PTZPosition", CHANNEL) "<Pan>12.5"));
    assert_non_null(strstr(last(a), "<Tilt>-3.25"));
    assert_non_null(strstr(last(a), "<VerticalFieldAngle>16.8"));
    act(a, QUERY("PTZPosition", CHANNEL));
    assert_int_equal(router_reply_head(&a->router, a->ev.token, NULL, &now), 0);
    assert_non_null(strstr(last(a), RESULT("PTZPosition", CHANNEL, "ERROR")));
    assert_int_equal(router_reply_head(&a->router, a->ev.token, &head, &now), -ENOENT);
    fake_free(a);
}

static void test_cards(void **state)
{
    const struct board_card cards[] = {
        { .id = 1, .name = "card", .state = BOARD_CARD_FORMATTING, .progress = 40, .capacity_mb = 32000, .free_mb = 0 },
        { .id = 2, .name = "disk", .state = BOARD_CARD_OK, .progress = -1, .capacity_mb = 4000000, .free_mb = 12 },
    };
    struct agent *a = fresh(2, 0);

    (void)state;
    act(a, QUERY("SDCardStatus", DEVICE_ID));
    assert_int_equal(a->ev.u.query.kind, AGENT_QUERY_STORAGE);
    assert_int_equal(agent_reply_storage(a, a->ev.token, cards, 2, &now), 0);
    assert_non_null(strstr(
        last(a),
        HEAD("SDCardStatus",
             DEVICE_ID) "<SumNum>2</SumNum>\r\n<SDCardStatusInfo Num=\"2\">\r\n<Item>\r\n<ID>1</ID>\r\n"
                        "<HddName>card</HddName>\r\n<Status>formatting</Status>\r\n"
                        "<FormatProgress>40</FormatProgress>\r\n<Capacity>32000</Capacity>\r\n"
                        "<FreeSpace>0</FreeSpace>\r\n</Item>\r\n<Item>\r\n<ID>2</ID>\r\n<HddName>disk</HddName>\r\n"
                        "<Status>ok</Status>\r\n<Capacity>4000000</Capacity>\r\n"));
    act(a, QUERY("SDCardStatus", DEVICE_ID));
    assert_int_equal(agent_reply_storage(a, a->ev.token, cards, 0, &now), 0);
    assert_non_null(strstr(last(a), HEAD("SDCardStatus", DEVICE_ID) "<SumNum>0</SumNum>\r\n</Response>"));
    /* Unknown to the board. */
    act(a, QUERY("SDCardStatus", DEVICE_ID));
    assert_int_equal(agent_reply_storage(a, a->ev.token, NULL, 0, &now), 0);
    assert_non_null(
        strstr(last(a), HEAD("SDCardStatus", DEVICE_ID) "<Result>ERROR</Result>\r\n<SumNum>0</SumNum>\r\n</Response>"));
    fake_free(a);
}

static void test_duty(void **state)
{
    const struct agent_status_reply reply = { .ok = true, .encode = -1, .record = -1 };
    const struct gb_control off = { .kind = GB_CONTROL_GUARD };
    struct agent *a = fresh(1, 2);
    const struct agent_alarm al = { .id = INPUT, .method = 2, .priority = 1 },
                             fault = { .id = INPUT, .method = 6, .priority = 1 };

    (void)state;
    assert_int_equal(device_state_apply(device_state(a->ua.dev), INPUT, &off), 0);
    act(a, QUERY("DeviceStatus", DEVICE_ID));
    assert_int_equal(agent_reply_status(a, a->ev.token, &reply, &now), 0);
    assert_non_null(strstr(last(a), "<Alarmstatus Num=\"2\">\r\n<Item>\r\n<DeviceID>" INPUT
                                    "</DeviceID>\r\n<DutyStatus>OFFDUTY</DutyStatus>"));
    assert_non_null(strstr(last(a), "<DeviceID>34020000001340000002</DeviceID>\r\n<DutyStatus>ONDUTY</DutyStatus>"));
    /* ResetGuard suppresses alarms of the input, but not faults. */
    assert_int_equal(agent_alarm(a, &al, &now), -EPERM);
    assert_int_equal(agent_alarm(a, &fault, &now), 0);
    fake_free(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_targets),      cmocka_unit_test(test_addressee), cmocka_unit_test(test_board_is_silent),
        cmocka_unit_test(test_deny),         cmocka_unit_test(test_ptz_deny),  cmocka_unit_test(test_interval),
        cmocka_unit_test(test_auto_stop),    cmocka_unit_test(test_no_speed),  cmocka_unit_test(test_presets),
        cmocka_unit_test(test_many_presets), cmocka_unit_test(test_tracks),    cmocka_unit_test(test_home),
        cmocka_unit_test(test_head),         cmocka_unit_test(test_cards),     cmocka_unit_test(test_duty),
    };
    return cmocka_run_group_tests_name("router_control", tests, NULL, NULL);
}
