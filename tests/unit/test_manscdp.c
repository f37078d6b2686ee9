/* SPDX-License-Identifier: MIT */
/* Messages as in GB/T 28181 annex A and as platforms send them. */
#include "manscdp/table.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "manscdp/alarm.h"
#include "manscdp/catalog.h"
#include "manscdp/config.h"
#include "manscdp/control.h"
#include "manscdp/device_info.h"
#include "manscdp/device_status.h"
#include "manscdp/keepalive.h"
#include "manscdp/subscribe.h"
#include "tests/unit/support.h"

static int decode(struct manscdp_request *r, const char *body)
{
    struct span s = guard_str(body);
    int err = manscdp_decode(r, s, CHARSET_GB2312);

    guard_str_free(s);
    return err;
}

#define CONTROL(x)                                                                                                     \
    "<?xml version=\"1.0\" encoding=\"GB2312\"?>\r\n<Control>\r\n<CmdType>DeviceControl</CmdType>\r\n<SN>11</SN>\r\n"  \
    "<DeviceID>34020000001310000001</DeviceID>\r\n" x "\r\n</Control>\r\n"
#define QUERY(type, x)                                                                                                 \
    "<?xml version=\"1.0\"?>\n<Query>\n<CmdType>" type "</CmdType>\n<SN>12</SN>\n"                                     \
    "<DeviceID>34020000001320000001</DeviceID>\n" x "</Query>"

/* ---- requests ---------------------------------------------------------------------------------- */

static void test_table(void **state)
{
    static const struct {
        const char *body;
        enum manscdp_action action;
        enum manscdp_answer answer;
        int error;
    } cases[] = {
        { CONTROL("<PTZCmd>A50F010180000036</PTZCmd><Info><ControlPriority>5</ControlPriority></Info>"),
          MANSCDP_DEVICE_CONTROL, MANSCDP_SILENT, 0 },
        { CONTROL("<PTZCmd>A50F010180000035</PTZCmd>"), MANSCDP_DEVICE_CONTROL, MANSCDP_SILENT, -EBADE },
        { CONTROL("<PTZCmd></PTZCmd>"), MANSCDP_DEVICE_CONTROL, MANSCDP_SILENT, -EBADMSG },
        { CONTROL("<IFameCmd>Send</IFameCmd>"), MANSCDP_DEVICE_CONTROL, MANSCDP_SILENT, 0 },
        { CONTROL("<IFrameCmd> Send </IFrameCmd>"), MANSCDP_DEVICE_CONTROL, MANSCDP_SILENT, 0 },
        { CONTROL("<IFrameCmd>Stop</IFrameCmd>"), MANSCDP_DEVICE_CONTROL, MANSCDP_SILENT, -EBADMSG },
        { CONTROL("<AlarmCmd>ResetAlarm</AlarmCmd>"), MANSCDP_DEVICE_CONTROL, MANSCDP_RESULT, 0 },
        { CONTROL("<AlarmCmd>Alarm</AlarmCmd>"), MANSCDP_DEVICE_CONTROL, MANSCDP_RESULT, -EBADMSG },
        { CONTROL("<TeleBoot>Boot</TeleBoot>"), MANSCDP_DEVICE_CONTROL, MANSCDP_SILENT, 0 },
        { CONTROL("<RecordCmd>Record</RecordCmd>"), MANSCDP_DEVICE_CONTROL, MANSCDP_RESULT, 0 },
        { CONTROL("<GuardCmd>SetGuard</GuardCmd>"), MANSCDP_DEVICE_CONTROL, MANSCDP_RESULT, 0 },
        { CONTROL("<HomePosition><Enabled>1</Enabled></HomePosition>"), MANSCDP_DEVICE_CONTROL, MANSCDP_RESULT, 0 },
        { CONTROL("<DragZoomIn><Length>1</Length></DragZoomIn>"), MANSCDP_DEVICE_CONTROL, MANSCDP_SILENT, -EBADMSG },
        { CONTROL("<FromTheFuture/>"), MANSCDP_UNSUPPORTED, MANSCDP_RESULT, 0 },
        { "<Control><CmdType>DeviceConfig</CmdType><SN>1</SN><BasicParam/></Control>", MANSCDP_CONFIG, MANSCDP_RESULT,
          0 },
        { QUERY("Catalog", ""), MANSCDP_CATALOG, MANSCDP_LIST, 0 },
        { QUERY("DeviceInfo", ""), MANSCDP_INFO, MANSCDP_CONTENT, 0 },
        { QUERY("DeviceStatus", ""), MANSCDP_STATUS, MANSCDP_CONTENT, 0 },
        { QUERY("ConfigDownload", "<ConfigType>BasicParam</ConfigType>"), MANSCDP_DOWNLOAD, MANSCDP_CONTENT, 0 },
        { QUERY("ConfigDownload", "<ConfigType>VideoParamOpt/basicparam</ConfigType>"), MANSCDP_DOWNLOAD,
          MANSCDP_CONTENT, 0 },
        { QUERY("ConfigDownload", ""), MANSCDP_DOWNLOAD, MANSCDP_CONTENT, 0 },
        { QUERY("ConfigDownload", "<ConfigType>Weather</ConfigType>"), MANSCDP_DOWNLOAD, MANSCDP_CONTENT, -ENOTSUP },
        { QUERY("RecordInfo", ""), MANSCDP_RECORDS, MANSCDP_LIST, -EBADMSG },
        { QUERY("Weather", ""), MANSCDP_UNSUPPORTED, MANSCDP_RESULT, 0 },
        { "<Notify><CmdType>Broadcast</CmdType><SN>1</SN><SourceID>34020000001360000001</SourceID>"
          "<TargetID>34020000001370000001</TargetID></Notify>",
          MANSCDP_UNSUPPORTED, MANSCDP_RESULT, 0 },
        { "<Notify><CmdType>Other</CmdType></Notify>", MANSCDP_IGNORE, MANSCDP_SILENT, 0 },
        /* control commands count in any root except Response; other messages keep their meaning */
        { QUERY("DeviceControl", "<PTZCmd>A50F010180000036</PTZCmd>"), MANSCDP_DEVICE_CONTROL, MANSCDP_SILENT, 0 },
        { QUERY("DeviceControl", "<GuardCmd>SetGuard</GuardCmd>"), MANSCDP_DEVICE_CONTROL, MANSCDP_RESULT, 0 },
        { QUERY("DeviceControl", "<AlarmCmd>ResetAlarm</AlarmCmd>"), MANSCDP_DEVICE_CONTROL, MANSCDP_RESULT, 0 },
        { QUERY("DeviceControl", "<FromTheFuture/>"), MANSCDP_UNSUPPORTED, MANSCDP_RESULT, 0 },
        { QUERY("DeviceControl", ""), MANSCDP_UNSUPPORTED, MANSCDP_RESULT, 0 },
        { QUERY("DeviceConfig", "<BasicParam/>"), MANSCDP_CONFIG, MANSCDP_RESULT, 0 },
        { QUERY("DeviceConfig", "<FromTheFuture/>"), MANSCDP_UNSUPPORTED, MANSCDP_RESULT, 0 },
        { QUERY("Catalog", "<TeleBoot>Boot</TeleBoot>"), MANSCDP_CATALOG, MANSCDP_LIST, 0 },
        { "<Notify><CmdType>DeviceControl</CmdType><SN>1</SN><IFameCmd>Send</IFameCmd></Notify>",
          MANSCDP_DEVICE_CONTROL, MANSCDP_SILENT, 0 },
        { "<Notify><CmdType>DeviceControl</CmdType><SN>1</SN><RecordCmd>Record</RecordCmd></Notify>",
          MANSCDP_DEVICE_CONTROL, MANSCDP_RESULT, 0 },
        { "<Notify><CmdType>DeviceConfig</CmdType><SN>1</SN><FrameMirror>1</FrameMirror></Notify>", MANSCDP_CONFIG,
          MANSCDP_RESULT, 0 },
        { "<Notify><CmdType>DeviceControl</CmdType><SN>1</SN></Notify>", MANSCDP_IGNORE, MANSCDP_SILENT, 0 },
        { "<Response><CmdType>DeviceControl</CmdType><SN>1</SN><TeleBoot>Boot</TeleBoot></Response>", MANSCDP_IGNORE,
          MANSCDP_SILENT, 0 },
        { "<Response><CmdType>Alarm</CmdType><SN>1</SN><Result>OK</Result></Response>", MANSCDP_IGNORE, MANSCDP_SILENT,
          0 },
        { "<Response><CmdType>Other</CmdType></Response>", MANSCDP_IGNORE, MANSCDP_SILENT, 0 },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct manscdp_request r;
        assert_int_equal(decode(&r, cases[i].body), 0);
        assert_non_null(r.row);
        assert_int_equal(r.row->action, cases[i].action);
        assert_int_equal(r.command ? r.command->answer : r.row->answer, cases[i].answer);
        assert_int_equal(!!r.command, cases[i].action == MANSCDP_DEVICE_CONTROL);
        assert_int_equal(r.error, cases[i].error);
        manscdp_request_free(&r);
    }
}

static void test_head(void **state)
{
    struct manscdp_request r;

    (void)state;
    assert_int_equal(decode(&r, "<Query><CmdType> Catalog </CmdType><SN> 7c9e6679-7425-40de-944b-e07fc1f90ae7 </SN>"
                                "<DeviceID> 34020000001320000001 </DeviceID></Query>"),
                     0);
    assert_int_equal(r.root, MANSCDP_QUERY);
    assert_string_equal(r.cmd_type, "Catalog");
    assert_string_equal(r.sn, "7c9e6679-7425-40de-944b-e07fc1f90ae7");
    assert_string_equal(r.device_id, "34020000001320000001");
    /* SN and DeviceID may be missing */
    assert_int_equal(decode(&r, "<Query><CmdType>DeviceInfo</CmdType></Query>"), 0);
    assert_string_equal(r.sn, "");
    assert_string_equal(r.device_id, "");
    assert_int_equal(
        decode(&r, "<Notify><CmdType>Broadcast</CmdType><TargetID>34020000001370000001</TargetID></Notify>"), 0);
    assert_string_equal(r.device_id, "34020000001370000001");

    static const char *const broken[] = {
        "",
        "plain text",
        "<Query/>",
        "<Query><CmdType/></Query>",
        "<Order><CmdType>Catalog</CmdType></Order>",
        "<query><CmdType>Catalog</CmdType></query>",
        "<Query><CmdType>Catalog</CmdType>",
        "<Query><CmdType>01234567890123456789012345678901</CmdType></Query>",
        "<Query><CmdType>Catalog</CmdType><DeviceID>340200000013200000010000</DeviceID></Query>",
        ("<Query><CmdType>Catalog</CmdType><SN>"
         "012345678901234567890123456789012345678901234567890123456789012345678901</SN></Query>"),
    };
    for (size_t i = 0; i < sizeof(broken) / sizeof(broken[0]); i++)
        assert_int_equal(decode(&r, broken[i]), -EBADMSG);
}

static void test_arguments(void **state)
{
    struct manscdp_request r;

    (void)state;
    assert_int_equal(decode(&r, CONTROL("<PTZCmd>a50f01080080003d</PTZCmd>")), 0);
    assert_int_equal(r.u.control.u.ptz.cmd.kind, PTZ_MOVE);
    assert_int_equal(r.u.control.u.ptz.cmd.tilt, 128);
    assert_int_equal(
        decode(
            &r,
            CONTROL(
                "<AlarmCmd>ResetAlarm</AlarmCmd><Info><AlarmMethod>1/2</AlarmMethod><AlarmType>3</AlarmType></Info>")),
        0);
    assert_string_equal(r.u.control.u.alarm_reset.method, "1/2");
    assert_int_equal(r.u.control.u.alarm_reset.type, 3);
    assert_int_equal(
        decode(&r, CONTROL("<AlarmCmd>ResetAlarm</AlarmCmd><Info><AlarmMethod/><AlarmType></AlarmType></Info>")), 0);
    assert_string_equal(r.u.control.u.alarm_reset.method, "");
    assert_int_equal(r.u.control.u.alarm_reset.type, 0);
    assert_int_equal(decode(&r, CONTROL("<AlarmCmd>ResetAlarm</AlarmCmd><Info><AlarmType>x</AlarmType></Info>")), 0);
    assert_int_equal(r.error, -EBADMSG);
    assert_int_equal(
        decode(&r, QUERY("ConfigDownload", "<ConfigType>BasicParam/ VideoParamOpt /SVACDecodeConfig</ConfigType>")), 0);
    assert_int_equal(r.u.config.want, 1u << GB_BLOCK_BASIC | 1u << GB_BLOCK_VIDEO_OPT | 1u << GB_BLOCK_SVAC_DECODE);
    assert_int_equal(decode(&r, "<Response><CmdType>Alarm</CmdType><SN>1</SN><Result>ERROR</Result></Response>"), 0);
    assert_false(r.u.result_ok);
}

/* ---- answers ------------------------------------------------------------------------------------ */

/* Begins a Response to that query, up to its DeviceID. */
static struct buf answer(const char *query, char mem[2048])
{
    struct manscdp_request r;
    struct buf b;

    assert_int_equal(decode(&r, query), 0);
    buf_init(&b, mem, 2048);
    manscdp_begin(&b, CHARSET_GB2312, MANSCDP_RESPONSE, r.cmd_type, r.sn, r.device_id);
    return b;
}

static const char *whole(struct buf *b)
{
    manscdp_end(b, MANSCDP_RESPONSE);
    assert_false(b->overflow);
    return b->data;
}

#define HEAD(enc, type)                                                                                                \
    "<?xml version=\"1.0\" encoding=\"" enc "\"?>\r\n<Response>\r\n<CmdType>" type "</CmdType>\r\n<SN>12</SN>\r\n"     \
    "<DeviceID>34020000001320000001</DeviceID>\r\n"

static void test_device_info(void **state)
{
    const struct device_info info = {
        .name = "a<b",
        .manufacturer = "M",
        .model = "X",
        .firmware = "1.2",
        .channels = 4,
        .alarm_inputs = 1,
    };
    char mem[2048];
    struct buf b = answer(QUERY("DeviceInfo", ""), mem);

    (void)state;
    device_info_put(&b, GB_2016, &info);
    assert_string_equal(
        whole(&b),
        HEAD("GB2312",
             "DeviceInfo") "<DeviceName>a&lt;b</DeviceName>\r\n<Result>OK</Result>\r\n"
                           "<Manufacturer>M</Manufacturer>\r\n<Model>X</Model>\r\n<Firmware>1.2</Firmware>\r\n"
                           "<Channel>4</Channel>\r\n</Response>\r\n");
    b = answer(QUERY("DeviceInfo", ""), mem);
    device_info_put(&b, GB_2011, &info);
    assert_non_null(strstr(whole(&b), "<MaxCamera>4</MaxCamera>\r\n<MaxAlarm>1</MaxAlarm>"));
}

static void test_device_status(void **state)
{
    const struct duty_status duty[] = { { "34020000001340000001", false, false },
                                        { "34020000001340000002", true, true } };
    struct device_status s = {
        .online = true,
        .reason = "",
        .encode = 1,
        .record = 0,
        .time = "2024-01-01T08:00:00",
        .duty = duty,
        .nduty = 2,
    };
    char mem[2048];
    struct buf b = answer(QUERY("DeviceStatus", ""), mem);

    (void)state;
    device_status_put(&b, &s);
    assert_string_equal(
        whole(&b),
        HEAD("GB2312",
             "DeviceStatus") "<Result>OK</Result>\r\n<Online>ONLINE</Online>\r\n<Status>OK</Status>\r\n"
                             "<Encode>ON</Encode>\r\n<Record>OFF</Record>\r\n"
                             "<DeviceTime>2024-01-01T08:00:00</DeviceTime>\r\n<Alarmstatus Num=\"2\">\r\n<Item>\r\n"
                             "<DeviceID>34020000001340000001</DeviceID>\r\n<DutyStatus>ONDUTY</DutyStatus>\r\n"
                             "</Item>\r\n<Item>\r\n<DeviceID>34020000001340000002</DeviceID>\r\n"
                             "<DutyStatus>ALARM</DutyStatus>\r\n</Item>\r\n</Alarmstatus>\r\n</Response>\r\n");
    s.nduty = 0;
    s.encode = s.record = -1;
    s.online = false;
    s.reason = "video lost";
    b = answer(QUERY("DeviceStatus", ""), mem);
    device_status_put(&b, &s);
    assert_string_equal(
        whole(&b),
        HEAD("GB2312", "DeviceStatus") "<Result>OK</Result>\r\n<Online>OFFLINE</Online>\r\n<Status>ERROR</Status>\r\n"
                                       "<Reason>video lost</Reason>\r\n<DeviceTime>2024-01-01T08:00:00</DeviceTime>\r\n"
                                       "</Response>\r\n");
}

static void test_config_download(void **state)
{
    struct config_basic basic = {
        .name = "a<b",
        .expires_s = 3600,
        .heartbeat_s = 60,
        .heartbeat_count = 3,
        .has_position = true,
        .longitude = 117.28,
        .latitude = -31.8600005,
    };
    char mem[2048];
    struct buf b = answer(QUERY("ConfigDownload", "<ConfigType>BasicParam</ConfigType>"), mem);

    (void)state;
    config_basic_put(&b, GB_2016, &basic);
    assert_string_equal(
        whole(&b),
        HEAD("GB2312",
             "ConfigDownload") "<Result>OK</Result>\r\n<BasicParam>\r\n<Name>a&lt;b</Name>\r\n"
                               "<Expiration>3600</Expiration>\r\n<HeartBeatInterval>60</HeartBeatInterval>\r\n"
                               "<HeartBeatCount>3</HeartBeatCount>\r\n<PositionCapability>0</PositionCapability>\r\n"
                               "<Longitude>117.280000</Longitude>\r\n<Latitude>-31.860001</Latitude>\r\n"
                               "</BasicParam>\r\n</Response>\r\n");
    basic.has_geo = true;
    basic.has_position = false;
    b = answer(QUERY("ConfigDownload", ""), mem);
    config_basic_put(&b, GB_2016, &basic);
    assert_non_null(strstr(whole(&b), "<PositionCapability>1</PositionCapability>\r\n</BasicParam>"));
    b = answer(QUERY("ConfigDownload", ""), mem);
    config_basic_put(&b, GB_2022, &basic);
    assert_null(strstr(whole(&b), "PositionCapability"));
}

static void test_catalog(void **state)
{
    struct catalog_item it = {
        .id = "34020000001310000001",
        .name = "ch1",
        .manufacturer = "M",
        .model = "X",
        .owner = "O",
        .civil_code = "340200",
        .block = "",
        .address = "A",
        .parent = "34020000001320000001",
        .on = true,
        .ptz_type = 3,
        .camera = true,
    };
    char mem[2048];
    struct buf b;

    (void)state;
    buf_init(&b, mem, sizeof(mem));
    catalog_begin(&b, CHARSET_GB2312, "12", "34020000001320000001", 2, 1);
    catalog_item_put(&b, GB_2016, &it);
    catalog_end(&b, 2);
    assert_string_equal(
        mem,
        HEAD("GB2312", "Catalog") "<SumNum>2</SumNum>\r\n<DeviceList Num=\"1\">\r\n<Item>\r\n"
                                  "<DeviceID>34020000001310000001</DeviceID>\r\n<Name>ch1</Name>\r\n"
                                  "<Manufacturer>M</Manufacturer>\r\n<Model>X</Model>\r\n<Owner>O</Owner>\r\n"
                                  "<CivilCode>340200</CivilCode>\r\n<Address>A</Address>\r\n<Parental>0</Parental>\r\n"
                                  "<ParentID>34020000001320000001</ParentID>\r\n<SafetyWay>0</SafetyWay>\r\n"
                                  "<RegisterWay>1</RegisterWay>\r\n<Secrecy>0</Secrecy>\r\n<Status>ON</Status>\r\n"
                                  "<Longitude>0.000000</Longitude>\r\n<Latitude>0.000000</Latitude>\r\n<Info>\r\n"
                                  "<PTZType>3</PTZType>\r\n</Info>\r\n</Item>\r\n</DeviceList>\r\n</Response>\r\n");
    /* 2022: no Owner, no SafetyWay; Info has its required elements; codes are truncated to eight digits */
    it.civil_code = "3402001234";
    it.block = "B1";
    it.on = false;
    buf_reset(&b);
    catalog_item_put(&b, GB_2022, &it);
    assert_string_equal(
        mem,
        "<Item>\r\n<DeviceID>34020000001310000001</DeviceID>\r\n<Name>ch1</Name>\r\n<Manufacturer>M</Manufacturer>\r\n"
        "<Model>X</Model>\r\n<CivilCode>34020012</CivilCode>\r\n<Block>B1</Block>\r\n<Address>A</Address>\r\n"
        "<Parental>0</Parental>\r\n<ParentID>34020000001320000001</ParentID>\r\n<RegisterWay>1</RegisterWay>\r\n"
        "<Secrecy>0</Secrecy>\r\n<Status>OFF</Status>\r\n"
        "<Info>\r\n<PTZType>3</PTZType>\r\n<GrassrootsCode>000000</GrassrootsCode>\r\n<PointType>9</PointType>\r\n"
        "</Info>\r\n</Item>\r\n");
    /* with a position; 0, 0 is a valid one */
    it.has_position = true;
    buf_reset(&b);
    catalog_item_put(&b, GB_2022, &it);
    assert_non_null(strstr(
        mem, "<Status>OFF</Status>\r\n<Longitude>0.000000</Longitude>\r\n<Latitude>0.000000</Latitude>\r\n<Info>"));
    it.longitude = 117.28;
    it.latitude = -31.86;
    for (unsigned edition = GB_2011; edition <= GB_2022; edition++) {
        buf_reset(&b);
        catalog_item_put(&b, (enum gb_edition)edition, &it);
        assert_non_null(strstr(mem, "<Longitude>117.280000</Longitude>\r\n<Latitude>-31.860000</Latitude>\r\n"));
    }
    it.has_position = false;
    buf_reset(&b);
    catalog_item_put(&b, GB_2011, &it);
    assert_non_null(strstr(mem, "<Longitude>0.000000</Longitude>\r\n<Latitude>0.000000</Latitude>\r\n"));
    /* empty: SumNum 0, no list */
    buf_reset(&b);
    catalog_begin(&b, CHARSET_GB2312, "12", "34020000001320000001", 0, 0);
    catalog_end(&b, 0);
    assert_string_equal(mem, HEAD("GB2312", "Catalog") "<SumNum>0</SumNum>\r\n</Response>\r\n");
}

static void test_keepalive(void **state)
{
    static const char *const faulty[] = { "34020000001310000001", "34020000001310000002", "34020000001310000003" };
    char mem[1024];
    struct buf b;

    (void)state;
    buf_init(&b, mem, sizeof(mem));
    keepalive_put(&b, CHARSET_GB18030, 43, "34020000001320000001", NULL, 0, 1000);
    assert_string_equal(
        mem,
        "<?xml version=\"1.0\" encoding=\"GB18030\"?>\r\n<Notify>\r\n<CmdType>Keepalive</CmdType>\r\n<SN>43</SN>\r\n"
        "<DeviceID>34020000001320000001</DeviceID>\r\n<Status>OK</Status>\r\n</Notify>\r\n");
    buf_reset(&b);
    keepalive_put(&b, CHARSET_GB2312, 44, "34020000001320000001", faulty, 3, 1000);
    assert_non_null(strstr(mem, "<Status>OK</Status>\r\n<Info>\r\n<DeviceID>34020000001310000001</DeviceID>\r\n"));
    assert_non_null(strstr(mem, "<DeviceID>34020000001310000003</DeviceID>\r\n</Info>\r\n</Notify>\r\n"));
    /* as many as fit */
    size_t full = b.len;
    buf_reset(&b);
    keepalive_put(&b, CHARSET_GB2312, 44, "34020000001320000001", faulty, 3, full - 10);
    assert_true(b.len <= full - 10);
    assert_non_null(strstr(mem, "34020000001310000001"));
    assert_null(strstr(mem, "34020000001310000003"));
}

static void test_alarm(void **state)
{
    struct alarm_notify al = {
        .sn = 9,
        .device_id = "34020000001310000001",
        .priority = 1,
        .method = 5,
        .type = 6,
        .event_type = 2,
        .time = "2023-08-09T07:38:35",
        .description = "\xe8\xa7\x86\xe9\xa2\x91",
        .has_position = true,
        .longitude = 1,
        .latitude = 2,
    };
    char mem[1024];
    struct buf b;

    (void)state;
    buf_init(&b, mem, sizeof(mem));
    alarm_notify_put(&b, CHARSET_GB2312, GB_2016, &al);
    assert_string_equal(
        mem, "<?xml version=\"1.0\" encoding=\"GB2312\"?>\r\n<Notify>\r\n<CmdType>Alarm</CmdType>\r\n<SN>9</SN>\r\n"
             "<DeviceID>34020000001310000001</DeviceID>\r\n<AlarmPriority>1</AlarmPriority>\r\n"
             "<AlarmMethod>5</AlarmMethod>\r\n<AlarmTime>2023-08-09T07:38:35</AlarmTime>\r\n"
             "<AlarmDescription>\xe8\xa7\x86\xe9\xa2\x91</AlarmDescription>\r\n<Longitude>1.000000</Longitude>\r\n"
             "<Latitude>2.000000</Latitude>\r\n<Info>\r\n<AlarmType>6</AlarmType>\r\n<AlarmTypeParam>\r\n"
             "<EventType>2</EventType>\r\n</AlarmTypeParam>\r\n</Info>\r\n</Notify>\r\n");
    al.method = 2;
    al.type = 0;
    al.description = "";
    al.has_position = false;
    buf_reset(&b);
    alarm_notify_put(&b, CHARSET_GB2312, GB_2016, &al);
    assert_null(strstr(mem, "Info"));
    assert_null(strstr(mem, "AlarmDescription"));
    assert_non_null(strstr(mem, "<AlarmMethod>2</AlarmMethod>\r\n<AlarmTime>"));
}

static void test_degrees(void **state)
{
    static const struct {
        double v;
        const char *text;
    } cases[] = {
        { 0, "0.000000" },     { -0.0000001, "0.000000" },      { 180, "180.000000" }, { -179.9999999, "-180.000000" },
        { 1e300, "0.000000" }, { 117.123456789, "117.123457" },
    };
    const double nan_value = strtod("nan", NULL);

    (void)state;
    for (size_t i = 0; i <= sizeof(cases) / sizeof(cases[0]); i++) {
        char mem[64], want[64];
        struct buf b;
        bool last = i == sizeof(cases) / sizeof(cases[0]);
        buf_init(&b, mem, sizeof(mem));
        manscdp_put_degrees(&b, "L", last ? nan_value : cases[i].v);
        snprintf(want, sizeof(want), "<L>%s</L>\r\n", last ? "0.000000" : cases[i].text);
        assert_string_equal(mem, want);
    }
}

static void test_convert(void **state)
{
    char in[64], mem[64];
    struct buf utf8, out;

    (void)state;
    buf_init(&utf8, in, sizeof(in));
    buf_str(&utf8, "\xe5\xa4\xa7");
    buf_init(&out, mem, sizeof(mem));
    assert_int_equal(manscdp_convert(CHARSET_GB2312, &utf8, &out), 0);
    assert_string_equal(mem, "\xb4\xf3");
    buf_init(&out, mem, 2);
    assert_int_equal(manscdp_convert(CHARSET_GB2312, &utf8, &out), -EMSGSIZE);
    utf8.overflow = true;
    buf_init(&out, mem, sizeof(mem));
    assert_int_equal(manscdp_convert(CHARSET_GB2312, &utf8, &out), -EMSGSIZE);
}

/* ---- every decoder without memory ---------------------------------------------------------------- */

#define SEEDS    "tests/fuzz/corpus/fuzz_manscdp"
#define ROWS_MAX 64

static bool decode_seed(void *ctx)
{
    const struct span *body = ctx;
    struct subscribe_request q;
    struct manscdp_request r;
    int err = manscdp_decode(&r, *body, CHARSET_GB2312);
    bool whole = err != -ENOMEM && (err || r.error != -ENOMEM);

    if (!err)
        manscdp_request_free(&r);
    return subscribe_decode(&q, *body, CHARSET_GB2312) != -ENOMEM && whole;
}

static struct span load_seed(const char *name)
{
    static char data[70000];
    char path[320];
    FILE *f;
    size_t n;

    snprintf(path, sizeof(path), SEEDS "/%s", name);
    f = fopen(path, "rb");
    assert_non_null(f);
    n = fread(data, 1, sizeof(data), f);
    fclose(f);
    return (struct span){ data, n };
}

static const struct manscdp_row *row_of(const char *body)
{
    struct manscdp_request r;

    assert_int_equal(decode(&r, body), 0);
    return r.row;
}

/* The seeds reach every spelling of every control command. */
static void assert_all_ordered(bool seen[GB_CONTROL_KINDS][CONTROL_SPELLINGS])
{
    for (unsigned kind = 0; kind < GB_CONTROL_KINDS; kind++) {
        const struct control_command *o = control_command_of((enum gb_control_kind)kind);

        for (unsigned i = 0; o && i < CONTROL_SPELLINGS && o->element[i]; i++)
            if (!seen[kind][i])
                fail_msg("no seed reaches DeviceControl %s", o->element[i]);
    }
}

/* The seeds of the fuzzer reach every row of both tables that has a decoder, with valid arguments. */
static void test_every_decoder(void **state)
{
    const struct manscdp_row *first = row_of("<Control><CmdType>DeviceConfig</CmdType></Control>");
    const struct manscdp_row *last = row_of("<Response><CmdType>Other</CmdType></Response>");
    bool seen[ROWS_MAX] = { false }, ordered[GB_CONTROL_KINDS][CONTROL_SPELLINGS] = { { false } };
    struct manscdp_request r;
    DIR *d = opendir(SEEDS);
    struct dirent *e;

    (void)state;
    assert_non_null(d);
    assert_in_range(last - first, 1, ROWS_MAX - 1);
    while ((e = readdir(d))) {
        struct span body = e->d_name[0] == '.' ? (struct span){ "", 0 } : load_seed(e->d_name);
        oom_ladder(decode_seed, &body, 5000);
        if (manscdp_decode(&r, body, CHARSET_GB2312))
            continue;
        if (!r.error && r.command)
            ordered[r.command->kind][r.element == r.command->element[1]] = true;
        else if (!r.error)
            seen[r.row - first] = true;
        manscdp_request_free(&r);
    }
    closedir(d);
    for (const struct manscdp_row *row = first; row <= last; row++)
        if (row->decode && !seen[row - first])
            fail_msg("no seed reaches %s", row->cmd_type);
    assert_all_ordered(ordered);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_table),         cmocka_unit_test(test_head),
        cmocka_unit_test(test_arguments),     cmocka_unit_test(test_device_info),
        cmocka_unit_test(test_device_status), cmocka_unit_test(test_config_download),
        cmocka_unit_test(test_catalog),       cmocka_unit_test(test_keepalive),
        cmocka_unit_test(test_alarm),         cmocka_unit_test(test_degrees),
        cmocka_unit_test(test_convert),       cmocka_unit_test(test_every_decoder),
    };
    return cmocka_run_group_tests_name("manscdp", tests, NULL, NULL);
}
