/* SPDX-License-Identifier: MIT */
/* DeviceConfig and ConfigDownload in the router: one Response for all blocks, one for each type. */
#include "agent/router.h"

#include "tests/unit/fake_agent.h"

#define CHANNEL1 "34020000001310000001"
#define CHANNEL2 "34020000001310000002"
#define INPUT    "34020000001340000001"
#define MSG(root, type, id, x)                                                                                         \
    "<?xml version=\"1.0\"?><" root "><CmdType>" type "</CmdType><SN>77</SN><DeviceID>" id "</DeviceID>" x "</" root ">"
#define CONFIG(id, x)   MSG("Control", "DeviceConfig", id, x)
#define DOWNLOAD(id, x) MSG("Query", "ConfigDownload", id, "<ConfigType>" x "</ConfigType>")
#define RESULT(type, id, r)                                                                                            \
    "<CmdType>" type "</CmdType>\r\n<SN>77</SN>\r\n<DeviceID>" id "</DeviceID>\r\n<Result>" r                          \
    "</Result>\r\n</Response>\r\n"
#define MIRROR "<FrameMirror>2</FrameMirror>"
#define REPORT "<AlarmReport><MotionDetection>1</MotionDetection><FieldDetection>0</FieldDetection></AlarmReport>"
#define BASIC  "<BasicParam><Name>gate</Name><HeartBeatInterval>20</HeartBeatInterval></BasicParam>"

static void act(struct agent *a, const char *body)
{
    struct sip_scan s = { .method = SIP_MESSAGE,
                          .content_type = span_of("Application/MANSCDP+xml"),
                          .body = span_of(body),
                          .target.user = span_of(DEVICE_ID),
                          .from.user = span_of(SERVER_ID) };
    struct router_request req;

    assert_int_equal(router_accept(&a->router, &s, &req, &fake_now), 200);
    router_act(&a->router, &req, &fake_now);
    router_request_free(&req);
}

static const char *sent(const struct agent *a, unsigned i)
{
    assert_true(i < a->nsent);
    assert_int_equal(a->sent[i].purpose, MESSAGE_RESPONSE);
    return a->sent[i].body;
}

static void test_one_block(void **state)
{
    struct agent *a = fake_new(2, 1);

    (void)state;
    act(a, CONFIG(CHANNEL2, MIRROR));
    assert_int_equal(a->nevents, 1);
    assert_int_equal(a->nsent, 0);
    assert_int_equal(a->ev.kind, AGENT_CONFIG);
    assert_string_equal(a->ev.channel, CHANNEL2);
    assert_int_equal(a->setting.block, GB_BLOCK_FRAME_MIRROR);
    assert_int_equal(a->setting.u.frame_mirror, 2);
    assert_int_not_equal(a->ev.token, 0);
    assert_int_equal(agent_reply_result(a, a->ev.token, 0, &fake_now), 0);
    assert_non_null(strstr(sent(a, 0), RESULT("DeviceConfig", CHANNEL2, "OK")));
    assert_int_equal(agent_reply_result(a, a->ev.token, 0, &fake_now), -ENOENT);
    /* Refused by the board. */
    act(a, CONFIG(CHANNEL2, MIRROR));
    assert_int_equal(agent_reply_result(a, a->ev.token, -ENOTSUP, &fake_now), 0);
    assert_non_null(strstr(sent(a, 1), RESULT("DeviceConfig", CHANNEL2, "ERROR")));
    assert_int_equal(a->nsent, 2);
    fake_free(a);
}

static void test_targets(void **state)
{
    struct agent *a = fake_new(2, 1);

    (void)state;
    /* The device ID means its first channel, but the device has its own name and timers. */
    act(a, CONFIG(DEVICE_ID, MIRROR));
    assert_string_equal(a->ev.channel, CHANNEL1);
    act(a, CONFIG(DEVICE_ID, BASIC));
    assert_string_equal(a->ev.channel, "");
    assert_int_equal(a->setting.u.basic.interval_s, 20);
    act(a, CONFIG(CHANNEL2, BASIC));
    assert_string_equal(a->ev.channel, CHANNEL2);
    assert_int_equal(a->nevents, 3);
    assert_int_equal(a->nsent, 0);
    act(a, CONFIG(INPUT, MIRROR));
    assert_non_null(strstr(sent(a, 0), RESULT("DeviceConfig", INPUT, "ERROR")));
    act(a, CONFIG("34020000001310000099", BASIC));
    assert_non_null(strstr(sent(a, 1), RESULT("DeviceConfig", "34020000001310000099", "ERROR")));
    /* Invalid: nothing is applied. */
    act(a, CONFIG(CHANNEL1, MIRROR "<BasicParam><Expiration>1</Expiration></BasicParam>"));
    assert_non_null(strstr(sent(a, 2), RESULT("DeviceConfig", CHANNEL1, "ERROR")));
    assert_int_equal(a->nevents, 3);
    fake_free(a);
}

static void test_several_blocks(void **state)
{
    struct agent *a = fake_new(2, 1);

    (void)state;
    act(a, CONFIG(CHANNEL1, MIRROR REPORT BASIC));
    assert_int_equal(a->nevents, 3);
    assert_int_equal(agent_reply_result(a, a->ev.token, 0, &fake_now), 0);
    assert_int_equal(agent_reply_result(a, a->ev.token, -EIO, &fake_now), 0);
    assert_int_equal(a->nsent, 0);
    assert_int_equal(agent_reply_result(a, a->ev.token, 0, &fake_now), 0);
    assert_int_equal(a->nsent, 1);
    assert_non_null(strstr(sent(a, 0), RESULT("DeviceConfig", CHANNEL1, "ERROR")));
    act(a, CONFIG(CHANNEL1, MIRROR REPORT));
    assert_int_equal(agent_reply_result(a, a->ev.token, 0, &fake_now), 0);
    assert_int_equal(agent_reply_result(a, a->ev.token, 0, &fake_now), 0);
    assert_non_null(strstr(sent(a, 1), RESULT("DeviceConfig", CHANNEL1, "OK")));
    assert_int_equal(agent_reply_result(a, a->ev.token, 0, &fake_now), -ENOENT);
    fake_free(a);
}

static void test_download(void **state)
{
    const struct gb_setting mirror = { .block = GB_BLOCK_FRAME_MIRROR, .u.frame_mirror = 1 };
    const struct gb_setting report = { .block = GB_BLOCK_ALARM_REPORT, .u.alarm_report.motion = true };
    struct agent *a = fake_new(2, 1);

    (void)state;
    /* BasicParam is answered directly, the others are fetched from the board one by one; unsupported types come last,
     * all unknown ones as one ERROR. */
    act(a, DOWNLOAD(DEVICE_ID,
                    "Weather/SVACEncodeConfig/BasicParam/OSDConfig/VideoParamOpt/FrameMirror/AlarmReport/Tide"));
    assert_int_equal(a->nsent, 1);
    assert_non_null(
        strstr(sent(a, 0),
               "<Result>OK</Result>\r\n<BasicParam>\r\n<Name>gate &amp; yard</Name>\r\n<Expiration>3600</Expiration>"));
    assert_int_equal(a->nevents, 1);
    assert_int_equal(a->ev.kind, AGENT_QUERY);
    assert_int_equal(a->ev.u.query.kind, AGENT_QUERY_SETTING);
    assert_int_equal(a->ev.u.query.block, GB_BLOCK_VIDEO_OPT);
    assert_string_equal(a->ev.channel, CHANNEL1);
    assert_int_equal(agent_reply_setting(a, a->ev.token, -ENOTSUP, NULL, &fake_now), 0);
    assert_int_equal(a->ev.u.query.block, GB_BLOCK_SVAC_ENCODE);
    assert_int_equal(agent_reply_setting(a, a->ev.token, -ENODATA, NULL, &fake_now), 0);
    assert_int_equal(a->nsent, 1);
    assert_int_equal(a->ev.u.query.block, GB_BLOCK_FRAME_MIRROR);
    assert_int_equal(agent_reply_setting(a, a->ev.token, 0, &mirror, &fake_now), 0);
    assert_non_null(strstr(sent(a, 1),
                           "<SN>77</SN>\r\n<DeviceID>" DEVICE_ID
                           "</DeviceID>\r\n<Result>OK</Result>\r\n<FrameMirror>1</FrameMirror>\r\n</Response>"));
    assert_int_equal(a->ev.u.query.block, GB_BLOCK_ALARM_REPORT);
    assert_int_equal(agent_reply_setting(a, a->ev.token, 0, &report, &fake_now), 0);
    assert_non_null(strstr(sent(a, 2), "<AlarmReport>\r\n<MotionDetection>1</MotionDetection>"));
    assert_int_equal(a->ev.u.query.block, GB_BLOCK_OSD);
    assert_int_equal(agent_reply_setting(a, a->ev.token, -ENOTSUP, NULL, &fake_now), 0);
    assert_non_null(strstr(sent(a, 3), RESULT("ConfigDownload", DEVICE_ID, "ERROR")));
    assert_non_null(strstr(sent(a, 4), RESULT("ConfigDownload", DEVICE_ID, "ERROR")));
    assert_non_null(strstr(sent(a, 5), RESULT("ConfigDownload", DEVICE_ID, "ERROR")));
    assert_non_null(strstr(sent(a, 6), RESULT("ConfigDownload", DEVICE_ID, "ERROR")));
    assert_int_equal(a->nsent, 7);
    assert_int_equal(agent_reply_setting(a, a->ev.token, 0, &mirror, &fake_now), -ENOENT);
    fake_free(a);
}

/* Blocks of channels get ERROR on a device without channels and on an alarm input, after the others. */
static void test_download_no_channel(void **state)
{
    const struct gb_setting snap = { .block = GB_BLOCK_SNAPSHOT, .u.snapshot = { .count = 1, .interval_s = 1 } };
    struct agent *a = fake_new(0, 1);

    (void)state;
    act(a, DOWNLOAD(DEVICE_ID, "OSDConfig/BasicParam/SnapShotConfig"));
    assert_int_equal(a->nsent, 1);
    assert_non_null(strstr(sent(a, 0), "<BasicParam>"));
    assert_int_equal(a->ev.u.query.block, GB_BLOCK_SNAPSHOT);
    assert_int_equal(agent_reply_setting(a, a->ev.token, 0, &snap, &fake_now), 0);
    assert_non_null(strstr(sent(a, 1),
                           "<Result>OK</Result>\r\n<SnapShot>\r\n<SnapNum>1</SnapNum>\r\n<Interval>1</Interval>\r\n"
                           "<UploadURL></UploadURL>\r\n<SessionID></SessionID>\r\n</SnapShot>\r\n</Response>\r\n"));
    assert_non_null(strstr(sent(a, 2), RESULT("ConfigDownload", DEVICE_ID, "ERROR")));
    assert_int_equal(a->nsent, 3);
    act(a, DOWNLOAD(INPUT, "OSDConfig/BasicParam/FrameMirror"));
    assert_non_null(strstr(sent(a, 3), "<BasicParam>"));
    assert_non_null(strstr(sent(a, 4), RESULT("ConfigDownload", INPUT, "ERROR")));
    assert_int_equal(a->nsent, 5);
    assert_int_equal(router_deadline(&a->router), UINT64_MAX);
    fake_free(a);
}

static void test_download_refused(void **state)
{
    struct agent *a = fake_new(2, 1);

    (void)state;
    act(a, DOWNLOAD(INPUT, "OSDConfig"));
    assert_non_null(strstr(sent(a, 0), RESULT("ConfigDownload", INPUT, "ERROR")));
    act(a, DOWNLOAD("34020000001310000099", "BasicParam"));
    assert_non_null(strstr(sent(a, 1), RESULT("ConfigDownload", "34020000001310000099", "ERROR")));
    act(a, DOWNLOAD(DEVICE_ID, "Weather"));
    assert_non_null(strstr(sent(a, 2), RESULT("ConfigDownload", DEVICE_ID, "ERROR")));
    assert_int_equal(a->nevents, 0);
    /* No reply in time. */
    struct gb_time later = fake_now;
    act(a, DOWNLOAD(CHANNEL2, "OSDConfig"));
    assert_int_equal(a->nsent, 3);
    later.mono_ms = router_deadline(&a->router);
    assert_true(later.mono_ms > fake_now.mono_ms && later.mono_ms <= fake_now.mono_ms + 1000);
    router_tick(&a->router, &later);
    assert_non_null(strstr(sent(a, 3), RESULT("ConfigDownload", CHANNEL2, "ERROR")));
    act(a, CONFIG(CHANNEL2, MIRROR));
    router_tick(&a->router, &later);
    later.mono_ms += 1000;
    router_tick(&a->router, &later);
    assert_non_null(strstr(sent(a, 4), RESULT("DeviceConfig", CHANNEL2, "ERROR")));
    assert_int_equal(router_deadline(&a->router), UINT64_MAX);
    fake_free(a);
}

/* Requests above the limit are refused, BasicParam never. */
static void test_too_many(void **state)
{
    struct agent *a = fake_new(1, 0);

    (void)state;
    for (unsigned i = 0; i < ROUTER_PENDING_MAX; i++)
        act(a, DOWNLOAD(CHANNEL1, "OSDConfig"));
    assert_int_equal(a->nsent, 0);
    act(a, DOWNLOAD(CHANNEL1, "OSDConfig/BasicParam"));
    assert_int_equal(a->nsent, 2);
    assert_non_null(strstr(sent(a, 0), "<BasicParam>"));
    assert_non_null(strstr(sent(a, 1), RESULT("ConfigDownload", CHANNEL1, "ERROR")));
    act(a, CONFIG(CHANNEL1, MIRROR));
    assert_non_null(strstr(sent(a, 2), RESULT("DeviceConfig", CHANNEL1, "ERROR")));
    router_offline(&a->router);
    assert_int_equal(agent_reply_setting(a, a->ev.token, -EIO, NULL, &fake_now), -ENOENT);
    fake_free(a);
}

/* A query with each allocation failing in turn: refused, answered ERROR or answered in full, and no state is left for
 * the next one. */
static bool download_once(void *ctx)
{
    static const struct gb_setting mirror = { .block = GB_BLOCK_FRAME_MIRROR, .u.frame_mirror = 2 };
    struct sip_scan s = { .method = SIP_MESSAGE,
                          .content_type = span_of("Application/MANSCDP+xml"),
                          .body = span_of(DOWNLOAD(CHANNEL1, "FrameMirror")) };
    struct agent *a = ctx;
    struct router_request req;
    unsigned status = router_accept(&a->router, &s, &req, &fake_now), events = a->nevents, first = a->nsent;

    if (status != 200) {
        assert_true(status >= 500);
        return false;
    }
    router_act(&a->router, &req, &fake_now);
    router_request_free(&req);
    if (a->nevents > events)
        (void)agent_reply_setting(a, a->ev.token, 0, &mirror, &fake_now);
    router_offline(&a->router);
    return a->nsent == first + 1 && strstr(sent(a, first), MIRROR);
}

static void test_oom(void **state)
{
    struct agent *a = fake_new(1, 0);

    (void)state;
    a->ua.cfg.charset = CHARSET_GB18030;
    oom_ladder(download_once, a, 200);
    fake_free(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_one_block),
        cmocka_unit_test(test_targets),
        cmocka_unit_test(test_several_blocks),
        cmocka_unit_test(test_download),
        cmocka_unit_test(test_download_no_channel),
        cmocka_unit_test(test_download_refused),
        cmocka_unit_test(test_too_many),
        cmocka_unit_test(test_oom),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
