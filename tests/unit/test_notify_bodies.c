/* SPDX-License-Identifier: MIT */
/* Bodies of SUBSCRIBE as platforms send them; bodies of NOTIFY and Notify as in A.2.5 and annexes N and P. */
#include "tests/unit/support.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "manscdp/alarm.h"
#include "manscdp/catalog.h"
#include "manscdp/media_status.h"
#include "manscdp/position.h"
#include "manscdp/subscribe.h"
#include "manscdp/video_upload.h"

#define ID      "34020000001320000001"
#define CHANNEL "34020000001310000001"
#define PROLOG  "<?xml version=\"1.0\" encoding=\"GB2312\"?>\r\n"

static char text[4096];

static struct buf fresh(void)
{
    struct buf b;

    buf_init(&b, text, sizeof(text));
    return b;
}

static int decode(struct subscribe_request *q, const char *inner)
{
    char body[1024];
    size_t n;
    char *copy;
    int err;

    snprintf(body, sizeof(body), "<?xml version=\"1.0\"?>\n<Query>\n%s</Query>\n", inner);
    n = strlen(body);
    copy = guard_copy(body, n);
    err = subscribe_decode(q, (struct span){ copy, n }, CHARSET_GB2312);
    guard_free(copy, n);
    return err;
}

static void test_decode(void **state)
{
    struct subscribe_request q;

    (void)state;
    assert_int_equal(decode(&q, "<CmdType>MobilePosition</CmdType><SN>5</SN><DeviceID>" ID "</DeviceID>"), 0);
    assert_int_equal(q.kind, SUBSCRIBE_MOBILE_POSITION);
    assert_string_equal(q.sn, "5");
    assert_string_equal(q.device_id, ID);
    assert_int_equal(q.interval_s, 5);
    assert_false(q.has_interval);
    assert_int_equal(decode(&q, "<CmdType> MobilePosition </CmdType><Interval> 30 </Interval>"), 0);
    assert_int_equal(q.interval_s, 30);
    assert_int_equal(decode(&q, "<CmdType>MobilePosition</CmdType><Interval>0</Interval>"), 0);
    assert_int_equal(q.interval_s, 1);
    assert_int_equal(decode(&q, "<CmdType>MobilePosition</CmdType><Interval>99999999999999999999999</Interval>"), 0);
    assert_int_equal(q.interval_s, SUBSCRIBE_INTERVAL_MAX_S);
    assert_int_equal(decode(&q, "<CmdType>MobilePosition</CmdType><Interval>-3</Interval>"), 0);
    assert_int_equal(q.interval_s, 5);
    assert_int_equal(decode(&q, "<CmdType>Weather</CmdType>"), -ENOTSUP);
    assert_int_equal(decode(&q, "<SN>5</SN>"), -EBADMSG);
    assert_int_equal(decode(&q, "<CmdType>Alarm</CmdType><DeviceID>340200000013200000010000000000</DeviceID>"),
                     -EBADMSG);
    assert_int_equal(decode(&q, "<CmdType>Alarm"), -EBADMSG);
}

static void test_event_package(void **state)
{
    enum subscribe_kind kind;

    (void)state;
    assert_int_equal(subscribe_kind_of_event(span_of("Catalog;id=17"), &kind), 0);
    assert_int_equal(kind, SUBSCRIBE_CATALOG);
    assert_int_equal(subscribe_kind_of_event(span_of("ptzposition"), &kind), 0);
    assert_int_equal(kind, SUBSCRIBE_PTZ_POSITION);
    assert_int_equal(subscribe_kind_of_event(span_of("presence;id=1"), &kind), -ENOTSUP);
    assert_int_equal(subscribe_kind_of_event(span_of(""), &kind), -ENOTSUP);
}

#define NOW 1704067200000 /* 2024-01-01T08:00:00 in Beijing */

static bool wants(const char *filter, unsigned priority, unsigned method, unsigned type)
{
    struct subscribe_request q;
    char inner[512];

    snprintf(inner, sizeof(inner), "<CmdType>Alarm</CmdType>%s", filter);
    assert_int_equal(decode(&q, inner), 0);
    return subscribe_wants_alarm(&q, priority, method, type, NOW, 28800);
}

static void test_filter(void **state)
{
    (void)state;
    assert_true(wants("", 4, 5, 2));
    assert_true(wants(
        "<StartAlarmPriority>0</StartAlarmPriority><EndAlarmPriority>0</EndAlarmPriority><AlarmMethod>0</AlarmMethod>",
        4, 6, 1));
    assert_true(wants("<StartAlarmPriority>2</StartAlarmPriority><EndAlarmPriority>3</EndAlarmPriority>", 2, 2, 0));
    assert_false(wants("<StartAlarmPriority>2</StartAlarmPriority>", 1, 2, 0));
    assert_false(wants("<EndAlarmPriority>3</EndAlarmPriority>", 4, 2, 0));
    assert_true(wants("<AlarmMethod>25</AlarmMethod>", 1, 5, 0));
    assert_true(wants("<AlarmMethod>2/5</AlarmMethod>", 1, 2, 0));
    assert_false(wants("<AlarmMethod>25</AlarmMethod>", 1, 6, 0));
    assert_true(wants("<AlarmMethod>5</AlarmMethod><AlarmType>2/13</AlarmType>", 1, 5, 13));
    assert_false(wants("<AlarmMethod>5</AlarmMethod><AlarmType>2/13</AlarmType>", 1, 5, 3));
    assert_true(wants("<AlarmType/>", 1, 5, 3));
    assert_true(
        wants("<StartAlarmTime>2024-01-01T00:00:00</StartAlarmTime><EndAlarmTime>2024-01-01T09:00:00</EndAlarmTime>", 1,
              5, 3));
    assert_false(wants("<StartAlarmTime>2024-01-01T08:00:01</StartAlarmTime>", 1, 5, 3));
    assert_false(wants("<EndTime>2024-01-01T07:59:59</EndTime>", 1, 5, 3));
    assert_true(wants("<StartAlarmTime/><StartTime>20240101T070000</StartTime><EndTime>2024-01-01</EndTime>", 1, 5, 3));
    assert_false(wants("<StartAlarmTime>2024-01-01T08:01</StartAlarmTime>", 1, 5, 3));
    assert_false(wants("<EndAlarmTime>2023-12-31</EndAlarmTime>", 1, 5, 3));
    assert_true(wants("<EndAlarmTime>2024-01-01T00:00:00.000Z</EndAlarmTime>", 1, 5, 3));
}

/* Invalid times are reported and do not filter. Times of subscriptions other than alarms are ignored. */
static void test_unread(void **state)
{
    struct subscribe_request q;

    (void)state;
    assert_int_equal(
        decode(&q, "<CmdType>Alarm</CmdType><StartTime>2024-01-01T07:00:00</StartTime><EndTime>never</EndTime>"), 0);
    assert_string_equal(q.bad_time.element, "EndTime");
    assert_string_equal(q.bad_time.text, "never");
    assert_int_equal(
        decode(&q, "<CmdType>Alarm</CmdType><StartAlarmTime>soon</StartAlarmTime><StartTime>2024-01-01</StartTime>"),
        0);
    assert_string_equal(q.bad_time.element, "StartAlarmTime");
    assert_int_equal(decode(&q, "<CmdType>Alarm</CmdType><StartAlarmTime></StartAlarmTime><EndAlarmTime/>"), 0);
    assert_null(q.bad_time.element);
    assert_int_equal(decode(&q, "<CmdType>MobilePosition</CmdType><StartTime>soon</StartTime>"), 0);
    assert_null(q.bad_time.element);
}

static void test_response(void **state)
{
    struct subscribe_request q = { .kind = SUBSCRIBE_MOBILE_POSITION, .sn = "5", .device_id = ID };
    struct buf b = fresh();

    (void)state;
    subscribe_response_put(&b, CHARSET_GB2312, &q);
    assert_string_equal(text, PROLOG "<Response>\r\n<CmdType>MobilePosition</CmdType>\r\n<SN>5</SN>\r\n<DeviceID>" ID
                                     "</DeviceID>\r\n<Result>OK</Result>\r\n</Response>\r\n");
}

static void test_catalog(void **state)
{
    const struct catalog_item it = {
        .id = CHANNEL,
        .name = "a",
        .manufacturer = "m",
        .model = "x",
        .owner = "o",
        .civil_code = "340200",
        .block = "",
        .address = "",
        .parent = ID,
        .on = true,
        .camera = true,
        .event = "ADD",
    };
    struct buf b = fresh();

    (void)state;
    catalog_notify_begin(&b, CHARSET_GB2312, 8, ID, 2);
    catalog_event_put(&b, "34020000001310000002", "DEL");
    catalog_item_put(&b, GB_2016, &it);
    catalog_notify_end(&b);
    assert_true(!strncmp(
        text,
        PROLOG "<Notify>\r\n<CmdType>Catalog</CmdType>\r\n<SN>8</SN>\r\n<DeviceID>" ID "</DeviceID>\r\n"
               "<SumNum>2</SumNum>\r\n<DeviceList Num=\"2\">\r\n<Item>\r\n<DeviceID>34020000001310000002</DeviceID>\r\n"
               "<Event>DEL</Event>\r\n</Item>\r\n<Item>\r\n<DeviceID>" CHANNEL "</DeviceID>\r\n<Event>ADD</Event>\r\n"
               "<Name>a</Name>\r\n<Manufacturer>m</Manufacturer>\r\n",
        340));
    assert_non_null(strstr(text, "</Item>\r\n</DeviceList>\r\n</Notify>\r\n"));
}

static void test_position(void **state)
{
    struct mobile_position p = {
        .device_id = CHANNEL,
        .time = "2024-01-01T08:00:00",
        .geo = { .longitude = -0.0000005,
                 .latitude = 89.9999999,
                 .speed = 3.456,
                 .direction = 359.999,
                 .altitude = -12.5 },
    };
    struct buf b = fresh();

    (void)state;
    mobile_position_notify(&b, CHARSET_GB2312, 9, &p);
    assert_string_equal(
        text, PROLOG
        "<Notify>\r\n<CmdType>MobilePosition</CmdType>\r\n<SN>9</SN>\r\n<DeviceID>" CHANNEL "</DeviceID>\r\n"
        "<Time>2024-01-01T08:00:00</Time>\r\n<Longitude>-0.000001</Longitude>\r\n<Latitude>90.000000</Latitude>\r\n"
        "<Speed>3.46</Speed>\r\n<Direction>360.00</Direction>\r\n<Altitude>-12.50</Altitude>\r\n</Notify>\r\n");
    p.list = true;
    p.geo = (struct board_geo){ .longitude = 116.5, .latitude = 39.25 };
    b = fresh();
    mobile_position_notify(&b, CHARSET_GB2312, 9, &p);
    assert_string_equal(
        text,
        PROLOG "<Notify>\r\n<CmdType>MobilePosition</CmdType>\r\n<SN>9</SN>\r\n<DeviceID>" CHANNEL "</DeviceID>\r\n"
               "<Time>2024-01-01T08:00:00</Time>\r\n<SumNum>1</SumNum>\r\n<DeviceList Num=\"1\">\r\n<Item>\r\n"
               "<DeviceID>" CHANNEL "</DeviceID>\r\n<CaptureTime>2024-01-01T08:00:00</CaptureTime>\r\n"
               "<Longitude>116.500000</Longitude>\r\n<Latitude>39.250000</Latitude>\r\n<Speed>0.00</Speed>\r\n"
               "<Direction>0.00</Direction>\r\n<Altitude>0.00</Altitude>\r\n</Item>\r\n</DeviceList>\r\n</Notify>\r\n");
}

static void test_head(void **state)
{
    struct board_head h = { .pan = 359.5, .tilt = -12.25, .zoom = 1 };
    struct buf b = fresh();

    (void)state;
    ptz_position_notify(&b, CHARSET_GB2312, 3, CHANNEL, &h);
    assert_string_equal(text, PROLOG "<Notify>\r\n<CmdType>PTZPosition</CmdType>\r\n<SN>3</SN>\r\n<DeviceID>" CHANNEL
                                     "</DeviceID>\r\n"
                                     "<Pan>359.50</Pan>\r\n<Tilt>-12.25</Tilt>\r\n<Zoom>1.00</Zoom>\r\n</Notify>\r\n");
    h.has_view = true;
    h.horizontal_angle = 60;
    h.vertical_angle = 33.75;
    h.max_distance = 500;
    b = fresh();
    ptz_position_notify(&b, CHARSET_GB2312, 3, CHANNEL, &h);
    assert_non_null(strstr(
        text,
        "<Zoom>1.00</Zoom>\r\n<HorizontalFieldAngle>60.00</HorizontalFieldAngle>\r\n"
        "<VerticalFieldAngle>33.75</VerticalFieldAngle>\r\n<MaxViewDistance>500.00</MaxViewDistance>\r\n</Notify>"));
}

static void test_notices(void **state)
{
    struct video_upload v = { .sn = 4, .device_id = CHANNEL, .time = "2024-01-01T08:00:00" };
    struct buf b = fresh();

    (void)state;
    media_status_put(&b, CHARSET_GB2312, 12, CHANNEL);
    assert_string_equal(text, PROLOG "<Notify>\r\n<CmdType>MediaStatus</CmdType>\r\n<SN>12</SN>\r\n<DeviceID>" CHANNEL
                                     "</DeviceID>\r\n"
                                     "<NotifyType>121</NotifyType>\r\n</Notify>\r\n");
    b = fresh();
    video_upload_put(&b, CHARSET_GB2312, &v);
    assert_string_equal(text,
                        PROLOG "<Notify>\r\n<CmdType>VideoUploadNotify</CmdType>\r\n<SN>4</SN>\r\n<DeviceID>" CHANNEL
                               "</DeviceID>\r\n"
                               "<Time>2024-01-01T08:00:00</Time>\r\n</Notify>\r\n");
}

/* A.2.5, "AlarmType": all types, and the first edition that has each. 2011 has no Info. */
static const struct {
    unsigned method, type;
    enum gb_edition since;
} typed[] = {
    { 2, 1, GB_2016 },  /* video lost */
    { 2, 2, GB_2016 },  /* tampering */
    { 2, 3, GB_2016 },  /* storage full */
    { 2, 4, GB_2016 },  /* too hot */
    { 2, 5, GB_2016 },  /* too cold */
    { 5, 1, GB_2016 },  /* manual */
    { 5, 2, GB_2016 },  /* motion */
    { 5, 3, GB_2016 },  /* object left */
    { 5, 4, GB_2016 },  /* object removed */
    { 5, 5, GB_2016 },  /* line crossed */
    { 5, 6, GB_2016 },  /* intrusion */
    { 5, 7, GB_2016 },  /* wrong way */
    { 5, 8, GB_2016 },  /* loitering */
    { 5, 9, GB_2016 },  /* flow count */
    { 5, 10, GB_2016 }, /* density */
    { 5, 11, GB_2016 }, /* abnormal video */
    { 5, 12, GB_2016 }, /* fast motion */
    { 5, 13, GB_2022 }, /* lens covered */
    { 6, 1, GB_2016 },  /* disk */
    { 6, 2, GB_2016 },  /* fan */
};

static bool has_type(enum gb_edition edition, unsigned method, unsigned type)
{
    for (size_t i = 0; i < sizeof(typed) / sizeof(typed[0]); i++)
        if (typed[i].method == method && typed[i].type == type)
            return edition >= typed[i].since;
    return false;
}

/* AlarmMethod is 1 to 7; EventType (1 enters, 2 leaves) only with intrusion. */
static bool fits(enum gb_edition edition, unsigned method, unsigned type, unsigned event)
{
    bool known = method >= 1 && method <= 7 && (!type || has_type(edition, method, type));

    return known && (!event || (event <= 2 && method == 5 && type == 6));
}

/* The whole body of an alarm, its elements in the order of A.2.5. */
static void check_body(enum gb_edition edition, unsigned method, unsigned type, unsigned event)
{
    const struct alarm_notify al = { .sn = 1,
                                     .device_id = ID,
                                     .priority = 1,
                                     .method = method,
                                     .type = type,
                                     .event_type = event,
                                     .time = "2024-01-01T08:00:00",
                                     .description = "" };
    char info[128] = "", param[96] = "", want[512];
    struct buf b = fresh();

    alarm_notify_put(&b, CHARSET_GB2312, edition, &al);
    if (event && fits(edition, method, type, event))
        snprintf(param, sizeof(param), "<AlarmTypeParam>\r\n<EventType>%u</EventType>\r\n</AlarmTypeParam>\r\n", event);
    if (has_type(edition, method, type))
        snprintf(info, sizeof(info), "<Info>\r\n<AlarmType>%u</AlarmType>\r\n%s</Info>\r\n", type, param);
    snprintf(want, sizeof(want),
             PROLOG "<Notify>\r\n<CmdType>Alarm</CmdType>\r\n<SN>1</SN>\r\n<DeviceID>" ID "</DeviceID>\r\n"
                    "<AlarmPriority>1</AlarmPriority>\r\n<AlarmMethod>%u</AlarmMethod>\r\n"
                    "<AlarmTime>2024-01-01T08:00:00</AlarmTime>\r\n%s</Notify>\r\n",
             method, info);
    assert_string_equal(text, want);
}

static void test_alarm_types(void **state)
{
    static const enum gb_edition editions[] = { GB_2011, GB_2016, GB_2022 };

    (void)state;
    for (size_t e = 0; e < 3; e++) {
        for (unsigned method = 0; method <= 9; method++) {
            for (unsigned type = 0; type <= 20; type++) {
                for (unsigned event = 0; event <= 4; event++) {
                    assert_int_equal(alarm_known(editions[e], method, type, event),
                                     fits(editions[e], method, type, event));
                    check_body(editions[e], method, type, event);
                }
            }
        }
    }
    assert_false(alarm_known(GB_2022, UINT_MAX, 0, 0));
    assert_false(alarm_known(GB_2022, 5, UINT_MAX, 0));
    assert_false(alarm_known(GB_2022, 5, 6, UINT_MAX));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_decode),      cmocka_unit_test(test_event_package), cmocka_unit_test(test_filter),
        cmocka_unit_test(test_unread),      cmocka_unit_test(test_response),      cmocka_unit_test(test_catalog),
        cmocka_unit_test(test_position),    cmocka_unit_test(test_head),          cmocka_unit_test(test_notices),
        cmocka_unit_test(test_alarm_types),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
