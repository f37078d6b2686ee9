/* SPDX-License-Identifier: MIT */
/* Every DeviceControl as in the standard and as platforms send it. */
#include "manscdp/control.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "manscdp/table.h"
#include "tests/unit/support.h"

#define CONTROL(x)                                                                                                     \
    "<?xml version=\"1.0\" encoding=\"GB18030\"?>\r\n<Control>\r\n<CmdType>DeviceControl</CmdType>\r\n<SN>11</SN>\r\n" \
    "<DeviceID>34020000001310000001</DeviceID>\r\n" x "\r\n</Control>\r\n"

static struct manscdp_request req;

static int decode(const char *body)
{
    struct span s = guard_str(body);

    assert_int_equal(manscdp_decode(&req, s, CHARSET_UTF8), 0);
    guard_str_free(s);
    return req.error;
}

static const struct gb_control *good(const char *body, enum gb_control_kind kind, enum manscdp_answer answer)
{
    assert_int_equal(decode(body), 0);
    assert_int_equal(req.row->action, MANSCDP_DEVICE_CONTROL);
    assert_int_equal(req.command->answer, answer);
    assert_int_equal(req.command->kind, kind);
    assert_int_equal(req.u.control.kind, kind);
    return &req.u.control;
}

/* Every kind except TIME has one row; words and elements are unique. */
static void test_rows(void **state)
{
    (void)state;
    for (unsigned kind = 0; kind < GB_CONTROL_KINDS; kind++) {
        const struct control_command *o = control_command_of((enum gb_control_kind)kind);

        assert_int_equal(!o, kind == GB_CONTROL_TIME);
        for (unsigned other = 0; o && other < kind; other++) {
            const struct control_command *p = control_command_of((enum gb_control_kind)other);
            assert_true(!p || (strcmp(o->word, p->word) != 0 && strcmp(o->element[0], p->element[0]) != 0));
        }
    }
}

static void test_ptz(void **state)
{
    const struct gb_control *c;

    (void)state;
    /* Set preset 1: A5 0F 01 81 00 01 00, sum 37. The name is "gate" in Chinese, GB18030. */
    c = good(
        CONTROL(
            "<PTZCmd>A50F018100010037</PTZCmd><PTZCmdParams><PresetName>\xb4\xf3\xc3\xc5</PresetName></PTZCmdParams>"),
        GB_CONTROL_PTZ, MANSCDP_SILENT);
    assert_int_equal(c->u.ptz.cmd.kind, PTZ_PRESET_SET);
    assert_int_equal(c->u.ptz.cmd.number, 1);
    assert_string_equal(c->u.ptz.preset_name, "\xe5\xa4\xa7\xe9\x97\xa8");
    assert_string_equal(c->u.ptz.cruise_name, "");
    c = good(
        CONTROL("<PTZCmd>A50F01840103003D</PTZCmd><PTZCmdParams><CruiseTrackName>round &amp; round</CruiseTrackName>"
                "</PTZCmdParams>"),
        GB_CONTROL_PTZ, MANSCDP_SILENT);
    assert_int_equal(c->u.ptz.cmd.kind, PTZ_CRUISE_ADD);
    assert_int_equal(c->u.ptz.cmd.value, 3);
    assert_string_equal(c->u.ptz.cruise_name, "round & round");
    /* as one platform sends it: followed by a priority */
    c = good(CONTROL("<PTZCmd>A50F01080080003D</PTZCmd><Info><ControlPriority>5</ControlPriority></Info>"),
             GB_CONTROL_PTZ, MANSCDP_SILENT);
    assert_int_equal(c->u.ptz.cmd.tilt, 128);
    assert_int_equal(decode(CONTROL("<PTZCmd>A50F01080080003E</PTZCmd>")), -EBADE);
    assert_int_equal(decode(CONTROL("<PTZCmd/>")), -EBADMSG);
}

/* A name of 70 bytes in three-byte characters is truncated between two characters. */
static void test_long_name(void **state)
{
    char body[512] = "<Control><CmdType>DeviceControl</CmdType><SN>1</SN><PTZCmd>A50F018100010037</PTZCmd>"
                     "<PTZCmdParams><PresetName>";

    (void)state;
    for (int i = 0; i < 24; i++)
        strncat(body, "\xe5\xa4\xa7", sizeof(body) - strlen(body) - 1);
    strncat(body, "</PresetName></PTZCmdParams></Control>", sizeof(body) - strlen(body) - 1);
    assert_int_equal(decode(body), 0);
    assert_int_equal(strlen(req.u.control.u.ptz.preset_name), 63);
    assert_memory_equal(req.u.control.u.ptz.preset_name + 60, "\xe5\xa4\xa7", 4);
}

static void test_words(void **state)
{
    const struct gb_control *c;

    (void)state;
    good(CONTROL("<TeleBoot>Boot</TeleBoot>"), GB_CONTROL_REBOOT, MANSCDP_SILENT);
    assert_int_equal(decode(CONTROL("<TeleBoot>Reset</TeleBoot>")), -EBADMSG);
    assert_int_equal(decode(CONTROL("<TeleBoot/>")), -EBADMSG);
    c = good(CONTROL("<RecordCmd>Record</RecordCmd>"), GB_CONTROL_RECORD, MANSCDP_RESULT);
    assert_true(c->u.record.on);
    assert_int_equal(c->u.record.stream, 0);
    c = good(CONTROL("<RecordCmd>StopRecord</RecordCmd><StreamNumber>1</StreamNumber>"), GB_CONTROL_RECORD,
             MANSCDP_RESULT);
    assert_false(c->u.record.on);
    assert_int_equal(c->u.record.stream, 1);
    assert_int_equal(decode(CONTROL("<RecordCmd>Record</RecordCmd><StreamNumber>32</StreamNumber>")), -ERANGE);
    assert_int_equal(decode(CONTROL("<RecordCmd>Record</RecordCmd><StreamNumber>-1</StreamNumber>")), -EBADMSG);
    assert_int_equal(decode(CONTROL("<RecordCmd>record it</RecordCmd>")), -EBADMSG);
    assert_true(good(CONTROL("<GuardCmd>SetGuard</GuardCmd>"), GB_CONTROL_GUARD, MANSCDP_RESULT)->u.guard.on);
    assert_false(good(CONTROL("<GuardCmd>ResetGuard</GuardCmd>"), GB_CONTROL_GUARD, MANSCDP_RESULT)->u.guard.on);
    assert_int_equal(decode(CONTROL("<GuardCmd></GuardCmd>")), -EBADMSG);
    c = good(
        CONTROL("<AlarmCmd>ResetAlarm</AlarmCmd><Info><AlarmMethod>2</AlarmMethod><AlarmType>1</AlarmType></Info>"),
        GB_CONTROL_ALARM_RESET, MANSCDP_RESULT);
    assert_string_equal(c->u.alarm_reset.method, "2");
    assert_int_equal(c->u.alarm_reset.type, 1);
    c = good(CONTROL("<AlarmCmd>ResetAlarm</AlarmCmd><Info><AlarmMethod/><AlarmType/></Info>"), GB_CONTROL_ALARM_RESET,
             MANSCDP_RESULT);
    assert_string_equal(c->u.alarm_reset.method, "");
    good(CONTROL("<IFameCmd>Send</IFameCmd>"), GB_CONTROL_IDR, MANSCDP_SILENT);
    good(CONTROL("<IFrameCmd>Send</IFrameCmd>"), GB_CONTROL_IDR, MANSCDP_SILENT);
}

#define BOX                                                                                                            \
    "<Length>1920</Length><Width>1080</Width><MidPointX>960</MidPointX><MidPointY>540</MidPointY>"                     \
    "<LengthX>480</LengthX><LengthY>270</LengthY>"

static void test_boxes(void **state)
{
    const struct gb_control *c;

    (void)state;
    c = good(CONTROL("<DragZoomIn>" BOX "</DragZoomIn>"), GB_CONTROL_DRAG_ZOOM, MANSCDP_SILENT);
    assert_true(c->u.drag.in);
    assert_int_equal(c->u.drag.area.length, 1920);
    assert_int_equal(c->u.drag.area.width, 1080);
    assert_int_equal(c->u.drag.area.mid_x, 960);
    assert_int_equal(c->u.drag.area.mid_y, 540);
    assert_int_equal(c->u.drag.area.length_x, 480);
    assert_int_equal(c->u.drag.area.length_y, 270);
    assert_false(good(CONTROL("<DragZoomOut>" BOX "</DragZoomOut>"), GB_CONTROL_DRAG_ZOOM, MANSCDP_SILENT)->u.drag.in);
    assert_int_equal(decode(CONTROL("<DragZoomIn/>")), -EBADMSG);
    assert_int_equal(
        decode(CONTROL("<DragZoomIn><Length>0</Length><Width>1</Width><MidPointX>0</MidPointX><MidPointY>0</MidPointY>"
                       "<LengthX>0</LengthX><LengthY>0</LengthY></DragZoomIn>")),
        -ERANGE);
    assert_int_equal(
        decode(
            CONTROL("<DragZoomIn><Length>10</Length><Width>10</Width><MidPointX>11</MidPointX><MidPointY>0</MidPointY>"
                    "<LengthX>1</LengthX><LengthY>1</LengthY></DragZoomIn>")),
        -ERANGE);
    assert_int_equal(decode(CONTROL("<DragZoomIn><Length>10</Length><Width>1e9</Width></DragZoomIn>")), -EBADMSG);
    assert_int_equal(decode(CONTROL("<DragZoomIn><Length>99999999999</Length></DragZoomIn>")), -ERANGE);
    c = good(CONTROL("<TargetTrack>Manual</TargetTrack><DeviceID2>34020000001310000002</DeviceID2><TargetArea>" BOX
                     "</TargetArea>"),
             GB_CONTROL_TRACK, MANSCDP_SILENT);
    assert_int_equal(c->u.track.mode, GB_TRACK_MANUAL);
    assert_string_equal(c->u.track.channel2, "34020000001310000002");
    assert_true(c->u.track.has_area);
    assert_int_equal(c->u.track.area.length_y, 270);
    assert_false(good(CONTROL("<TargetTrack>Auto</TargetTrack>"), GB_CONTROL_TRACK, MANSCDP_SILENT)->u.track.has_area);
    assert_int_equal(good(CONTROL("<TargetTrack>Stop</TargetTrack>"), GB_CONTROL_TRACK, MANSCDP_SILENT)->u.track.mode,
                     GB_TRACK_STOP);
    assert_int_equal(decode(CONTROL("<TargetTrack>Manual</TargetTrack>")), -EBADMSG);
    assert_int_equal(decode(CONTROL("<TargetTrack>Follow</TargetTrack>")), -EBADMSG);
}

static void test_home(void **state)
{
    const struct gb_home *h;

    (void)state;
    h = &good(CONTROL("<HomePosition><Enabled>1</Enabled><ResetTime>30</ResetTime><PresetIndex>2</PresetIndex>"
                      "</HomePosition>"),
              GB_CONTROL_HOME, MANSCDP_RESULT)
             ->u.home;
    assert_true(h->enabled && h->has_reset_time && h->has_preset);
    assert_int_equal(h->reset_time_s, 30);
    assert_int_equal(h->preset, 2);
    /* platforms omit both or leave them empty */
    h = &good(CONTROL("<HomePosition><Enabled>0</Enabled></HomePosition>"), GB_CONTROL_HOME, MANSCDP_RESULT)->u.home;
    assert_false(h->enabled || h->has_reset_time || h->has_preset);
    h = &good(CONTROL("<HomePosition><Enabled>1</Enabled><ResetTime/><PresetIndex/></HomePosition>"), GB_CONTROL_HOME,
              MANSCDP_RESULT)
             ->u.home;
    assert_true(h->enabled && !h->has_reset_time && !h->has_preset);
    assert_int_equal(decode(CONTROL("<HomePosition><Enabled>2</Enabled></HomePosition>")), -ERANGE);
    assert_int_equal(decode(CONTROL("<HomePosition/>")), -EBADMSG);
    assert_int_equal(decode(CONTROL("<HomePosition><Enabled>1</Enabled><PresetIndex>256</PresetIndex></HomePosition>")),
                     -ERANGE);
}

static void test_precise(void **state)
{
    const struct gb_control *c;

    (void)state;
    c = good(CONTROL("<PTZPreciseCtrl><Pan>359.99</Pan><Tilt>-30.00</Tilt><Zoom>2.5</Zoom></PTZPreciseCtrl>"),
             GB_CONTROL_PRECISE, MANSCDP_SILENT);
    assert_true(c->u.precise.has_pan && c->u.precise.has_tilt && c->u.precise.has_zoom);
    assert_true(c->u.precise.pan > 359.98 && c->u.precise.pan < 360.0);
    assert_true(c->u.precise.tilt > -30.01 && c->u.precise.tilt < -29.99);
    assert_true(c->u.precise.zoom > 2.49 && c->u.precise.zoom < 2.51);
    c = good(CONTROL("<PTZPreciseCtrl><Tilt>100</Tilt></PTZPreciseCtrl>"), GB_CONTROL_PRECISE, MANSCDP_SILENT);
    assert_false(c->u.precise.has_pan || c->u.precise.has_zoom);
    assert_true(c->u.precise.tilt > 89.99 && c->u.precise.tilt < 90.01);
    assert_int_equal(decode(CONTROL("<PTZPreciseCtrl/>")), -EBADMSG);
    assert_int_equal(decode(CONTROL("<PTZPreciseCtrl><Pan>nan</Pan></PTZPreciseCtrl>")), -EBADMSG);
    assert_int_equal(decode(CONTROL("<PTZPreciseCtrl><Pan>1,5</Pan></PTZPreciseCtrl>")), -EBADMSG);
    assert_int_equal(decode(CONTROL("<PTZPreciseCtrl><Pan>.</Pan></PTZPreciseCtrl>")), -EBADMSG);
    assert_int_equal(decode(CONTROL("<PTZPreciseCtrl><Pan>1111111111</Pan></PTZPreciseCtrl>")), -ERANGE);
}

static void test_format(void **state)
{
    (void)state;
    assert_int_equal(good(CONTROL("<FormatSDCard>0</FormatSDCard>"), GB_CONTROL_FORMAT, MANSCDP_SILENT)->u.format.card,
                     0);
    assert_int_equal(good(CONTROL("<FormatSDCard>2</FormatSDCard>"), GB_CONTROL_FORMAT, MANSCDP_SILENT)->u.format.card,
                     2);
    /* 0 means all cards: nothing ambiguous may become 0 */
    assert_int_equal(decode(CONTROL("<FormatSDCard/>")), -EBADMSG);
    assert_int_equal(decode(CONTROL("<FormatSDCard>all</FormatSDCard>")), -EBADMSG);
    assert_int_equal(decode(CONTROL("<FormatSDCard>-1</FormatSDCard>")), -EBADMSG);
    assert_int_equal(decode(CONTROL("<FormatSDCard>256</FormatSDCard>")), -ERANGE);
}

#define SESSION "0123456789abcdef0123456789ABCDEF-1"
#define UPGRADE(url, session)                                                                                          \
    CONTROL("<DeviceUpgrade><Firmware>V2.1</Firmware><FileURL>" url "</FileURL>"                                       \
            "<Manufacturer>Maker</Manufacturer><SessionID>" session "</SessionID></DeviceUpgrade>")

static void test_upgrade(void **state)
{
    const struct gb_control *c;

    (void)state;
    c = good(UPGRADE("http://192.0.2.1/fw.bin?a=1&amp;b=2", SESSION), GB_CONTROL_UPGRADE, MANSCDP_RESULT);
    assert_string_equal(c->u.upgrade.firmware, "V2.1");
    assert_string_equal(c->u.upgrade.manufacturer, "Maker");
    assert_string_equal(c->u.upgrade.url, "http://192.0.2.1/fw.bin?a=1&b=2");
    assert_string_equal(c->u.upgrade.session, SESSION);
    assert_int_equal(decode(UPGRADE("", SESSION)), -EBADMSG);
    assert_int_equal(decode(UPGRADE("http://a/b c", SESSION)), -EBADMSG);
    assert_int_equal(decode(UPGRADE("http://a/b", "../../etc/passwd")), -EBADMSG);
    assert_int_equal(decode(UPGRADE("http://a/b", "")), -EBADMSG);
    assert_int_equal(decode(CONTROL("<DeviceUpgrade/>")), -EBADMSG);
}

/* With any allocation failing, a body is either refused or decoded completely. */
static bool decode_once(void *ctx)
{
    const struct span *body = ctx;
    struct manscdp_request r;
    int err = manscdp_decode(&r, *body, CHARSET_GB18030);

    if (err) {
        assert_int_equal(err, -ENOMEM);
        return false;
    }
    bool ok = !r.error && r.u.control.kind == GB_CONTROL_PTZ &&
              strcmp(r.u.control.u.ptz.preset_name, "\xe5\xa4\xa7\xe9\x97\xa8") == 0;
    manscdp_request_free(&r);
    return ok;
}

static void test_oom(void **state)
{
    struct span body = guard_str(CONTROL("<PTZCmd>A50F018100010037</PTZCmd><PTZCmdParams><PresetName>\xb4\xf3\xc3\xc5"
                                         "</PresetName></PTZCmdParams>"));

    (void)state;
    oom_ladder(decode_once, &body, 1000);
    guard_str_free(body);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows),    cmocka_unit_test(test_ptz),    cmocka_unit_test(test_long_name),
        cmocka_unit_test(test_words),   cmocka_unit_test(test_boxes),  cmocka_unit_test(test_home),
        cmocka_unit_test(test_precise), cmocka_unit_test(test_format), cmocka_unit_test(test_upgrade),
        cmocka_unit_test(test_oom),
    };
    return cmocka_run_group_tests_name("control", tests, NULL, NULL);
}
