/* SPDX-License-Identifier: MIT */
/* The blocks of DeviceConfig and ConfigDownload. Texts are written from A.2.1.12-24, A.2.3.2 and A.2.6 of the
 * standard. */
#include "manscdp/config.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "manscdp/table.h"
#include "tests/unit/support.h"

#define DEVICE_CONFIG(inner)                                                                                           \
    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\r\n<Control>\r\n<CmdType>DeviceConfig</CmdType>\r\n<SN>17</SN>\r\n"    \
    "<DeviceID>34020000001310000001</DeviceID>\r\n" inner "\r\n</Control>\r\n"
#define DOWNLOAD(types)                                                                                                \
    "<?xml version=\"1.0\" encoding=\"UTF-8\"?><Query><CmdType>ConfigDownload</CmdType><SN>18</SN>"                    \
    "<DeviceID>34020000001310000001</DeviceID><ConfigType>" types "</ConfigType></Query>"
#define ANSWER(block)                                                                                                  \
    "<?xml version=\"1.0\" encoding=\"GB2312\"?>\r\n<Response>\r\n<CmdType>ConfigDownload</CmdType>\r\n"               \
    "<SN>18</SN>\r\n"                                                                                                  \
    "<DeviceID>34020000001310000001</DeviceID>\r\n<Result>OK</Result>\r\n" block "</Response>\r\n"
#define N "\r\n"

static int decode(struct manscdp_request *r, const char *body)
{
    struct span s = guard_str(body);
    int err = manscdp_decode(r, s, CHARSET_UTF8);

    guard_str_free(s);
    return err;
}

/* Decodes a DeviceConfig with one block. */
static int read_one(const char *inner, struct gb_setting *out)
{
    char body[4096];
    struct manscdp_request r;
    int error;

    snprintf(body, sizeof(body), DEVICE_CONFIG("%s"), inner);
    assert_int_equal(decode(&r, body), 0);
    assert_int_equal(r.row->action, MANSCDP_CONFIG);
    assert_int_equal(r.row->answer, MANSCDP_RESULT);
    error = r.error;
    if (!error) {
        assert_int_equal(r.u.config.n, 1);
        *out = r.u.config.block[0];
    }
    manscdp_request_free(&r);
    assert_null(r.row);
    return error;
}

static void begin(struct buf *b, const struct manscdp_request *r)
{
    manscdp_begin(b, CHARSET_GB2312, MANSCDP_RESPONSE, r->cmd_type, r->sn, r->device_id);
}

/* The answer to a ConfigDownload with this setting is `want`, and its stored form reads back the same. */
static void writes(const struct gb_setting *s, const char *type, const char *want)
{
    char body[512], text[MANSCDP_BODY_MAX], kept[MANSCDP_BODY_MAX], again[MANSCDP_BODY_MAX];
    struct manscdp_request r;
    struct gb_setting back;
    struct buf b, k, g;

    snprintf(body, sizeof(body), DOWNLOAD("%s"), type);
    assert_int_equal(decode(&r, body), 0);
    assert_int_equal(r.row->action, MANSCDP_DOWNLOAD);
    assert_int_equal(r.error, 0);
    assert_int_equal(r.u.config.want, 1u << s->block);
    buf_init(&b, text, sizeof(text));
    begin(&b, &r);
    config_block_put(&b, s);
    manscdp_end(&b, MANSCDP_RESPONSE);
    assert_string_equal(text, want);
    manscdp_request_free(&r);

    buf_init(&k, kept, sizeof(kept));
    config_block_write(&k, s);
    assert_null(strpbrk(kept, "\r\n"));
    struct span fragment = guard_str(kept);
    assert_int_equal(config_block_read(&back, s->block, fragment), 0);
    guard_str_free(fragment);
    buf_init(&g, again, sizeof(again));
    config_block_write(&g, &back);
    assert_string_equal(kept, again);
}

static void test_basic(void **state)
{
    struct gb_setting s;

    (void)state;
    assert_int_equal(
        read_one("<BasicParam>\r\n<Name>\xe5\xa4\xa7\xe9\x97\xa8</Name>\r\n<Expiration>7200</Expiration>\r\n"
                 "<HeartBeatInterval>30</HeartBeatInterval>\r\n<HeartBeatCount>4</HeartBeatCount>\r\n</BasicParam>",
                 &s),
        0);
    assert_int_equal(s.block, GB_BLOCK_BASIC);
    assert_true(s.u.basic.has_name && s.u.basic.has_expiration && s.u.basic.has_interval && s.u.basic.has_count);
    assert_string_equal(s.u.basic.name, "\xe5\xa4\xa7\xe9\x97\xa8");
    assert_int_equal(s.u.basic.expiration_s, 7200);
    assert_int_equal(s.u.basic.interval_s, 30);
    assert_int_equal(s.u.basic.count, 4);
    /* All elements are optional; empty ones count as missing. */
    assert_int_equal(read_one("<BasicParam><Name/><Expiration/><HeartBeatInterval></HeartBeatInterval>"
                              "<HeartBeatCount> </HeartBeatCount></BasicParam>",
                              &s),
                     0);
    assert_false(s.u.basic.has_name || s.u.basic.has_expiration || s.u.basic.has_interval || s.u.basic.has_count);
    assert_int_equal(read_one("<BasicParam><HeartBeatInterval>5</HeartBeatInterval></BasicParam>", &s), 0);
    assert_int_equal(read_one("<BasicParam><HeartBeatInterval>4</HeartBeatInterval></BasicParam>", &s), -ERANGE);
    assert_int_equal(read_one("<BasicParam><HeartBeatInterval>3600</HeartBeatInterval></BasicParam>", &s), 0);
    assert_int_equal(read_one("<BasicParam><HeartBeatInterval>3601</HeartBeatInterval></BasicParam>", &s), -ERANGE);
    assert_int_equal(read_one("<BasicParam><Expiration>60</Expiration></BasicParam>", &s), 0);
    assert_int_equal(read_one("<BasicParam><Expiration>59</Expiration></BasicParam>", &s), -ERANGE);
    assert_int_equal(read_one("<BasicParam><HeartBeatCount>0</HeartBeatCount></BasicParam>", &s), -ERANGE);
    assert_int_equal(read_one("<BasicParam><Expiration>-1</Expiration></BasicParam>", &s), -EBADMSG);
    assert_int_equal(read_one("<BasicParam><Expiration>1h</Expiration></BasicParam>", &s), -EBADMSG);
}

static void test_basic_answer(void **state)
{
    const struct config_basic basic = {
        .name = "gate",
        .expires_s = 7200,
        .heartbeat_s = 30,
        .heartbeat_count = 4,
        .has_position = true,
        .longitude = 116.397128,
        .latitude = 39.916527,
    };
    char text[1024];
    struct manscdp_request r;
    struct buf b;

    (void)state;
    assert_int_equal(decode(&r, DOWNLOAD("BasicParam")), 0);
    buf_init(&b, text, sizeof(text));
    begin(&b, &r);
    config_basic_put(&b, GB_2022, &basic);
    manscdp_end(&b, MANSCDP_RESPONSE);
    assert_string_equal(text, ANSWER("<BasicParam>" N "<Name>gate</Name>" N "<Expiration>7200</Expiration>" N
                                     "<HeartBeatInterval>30</HeartBeatInterval>" N
                                     "<HeartBeatCount>4</HeartBeatCount>" N "</BasicParam>" N));
    buf_init(&b, text, sizeof(text));
    begin(&b, &r);
    config_basic_put(&b, GB_2016, &basic);
    manscdp_end(&b, MANSCDP_RESPONSE);
    assert_string_equal(text,
                        ANSWER("<BasicParam>" N "<Name>gate</Name>" N "<Expiration>7200</Expiration>" N
                               "<HeartBeatInterval>30</HeartBeatInterval>" N "<HeartBeatCount>4</HeartBeatCount>" N
                               "<PositionCapability>0</PositionCapability>" N "<Longitude>116.397128</Longitude>" N
                               "<Latitude>39.916527</Latitude>" N "</BasicParam>" N));
}

static void test_video_opt(void **state)
{
    struct gb_setting s;

    (void)state;
    assert_int_equal(
        read_one("<VideoParamOpt><DownloadSpeed>1/2/4</DownloadSpeed><Resolution>5/6</Resolution></VideoParamOpt>", &s),
        0);
    assert_string_equal(s.u.video_opt.download_speed, "1/2/4");
    assert_string_equal(s.u.video_opt.resolution, "5/6");
    writes(&s, "VideoParamOpt",
           ANSWER("<VideoParamOpt>" N "<DownloadSpeed>1/2/4</DownloadSpeed>" N "<Resolution>5/6</Resolution>" N
                  "</VideoParamOpt>" N));
    s = (struct gb_setting){ .block = GB_BLOCK_VIDEO_OPT };
    writes(&s, "VideoParamOpt", ANSWER("<VideoParamOpt>" N "</VideoParamOpt>" N));
    assert_int_equal(read_one("<VideoParamOpt><DownloadSpeed>1/2/4/8/16/32/64</DownloadSpeed></VideoParamOpt>", &s),
                     -ERANGE);
}

#define STREAM(n, rest)                                                                                                \
    "<Item><StreamNumber>" n "</StreamNumber><VideoFormat>2</VideoFormat><Resolution>6</Resolution>"                   \
    "<FrameRate>25</FrameRate>" rest "</Item>"

static void test_video_attribute(void **state)
{
    struct gb_setting s;

    (void)state;
    assert_int_equal(
        read_one(
            "<VideoParamAttribute Num=\"2\">" STREAM(
                "0",
                "<BitRateType>1</BitRateType><VideoBitRate>4096</VideoBitRate>") "<Item><StreamNumber>1</StreamNumber>"
                                                                                 "<VideoFormat>5</VideoFormat>"
                                                                                 "<Resolution>640x360</Resolution>"
                                                                                 "<FrameRate>15</FrameRate>"
                                                                                 "<BitRateType>2</BitRateType></Item>"
                                                                                 "</VideoParamAttribute>",
            &s),
        0);
    assert_int_equal(s.u.video_attribute.n, 2);
    assert_string_equal(s.u.video_attribute.item[0].bit_rate, "4096");
    assert_int_equal(s.u.video_attribute.item[1].stream, 1);
    assert_string_equal(s.u.video_attribute.item[1].format, "5");
    assert_string_equal(s.u.video_attribute.item[1].bit_rate, "");
    writes(&s, "VideoParamAttribute",
           ANSWER("<VideoParamAttribute Num=\"2\">" N "<Item>" N "<StreamNumber>0</StreamNumber>" N
                  "<VideoFormat>2</VideoFormat>" N "<Resolution>6</Resolution>" N "<FrameRate>25</FrameRate>" N
                  "<BitRateType>1</BitRateType>" N "<VideoBitRate>4096</VideoBitRate>" N "</Item>" N "<Item>" N
                  "<StreamNumber>1</StreamNumber>" N "<VideoFormat>5</VideoFormat>" N
                  "<Resolution>640x360</Resolution>" N "<FrameRate>15</FrameRate>" N "<BitRateType>2</BitRateType>" N
                  "</Item>" N "</VideoParamAttribute>" N));
    assert_int_equal(read_one("<VideoParamAttribute Num=\"0\"/>", &s), 0);
    assert_int_equal(s.u.video_attribute.n, 0);
    /* A constant bit rate needs the rate. */
    assert_int_equal(
        read_one("<VideoParamAttribute>" STREAM("0", "<BitRateType>1</BitRateType>") "</VideoParamAttribute>", &s),
        -EBADMSG);
    assert_int_equal(
        read_one("<VideoParamAttribute>" STREAM("0", "<BitRateType>3</BitRateType>") "</VideoParamAttribute>", &s),
        -ERANGE);
    assert_int_equal(
        read_one("<VideoParamAttribute>" STREAM("4", "<BitRateType>2</BitRateType>") "</VideoParamAttribute>", &s),
        -ERANGE);
    assert_int_equal(
        read_one("<VideoParamAttribute><Item><StreamNumber>0</StreamNumber><VideoFormat>2</VideoFormat><Resolution>"
                 "640x</Resolution><FrameRate>25</FrameRate><BitRateType>2</BitRateType></Item></VideoParamAttribute>",
                 &s),
        -EBADMSG);
#define VBR(n) STREAM(n, "<BitRateType>2</BitRateType>")
    assert_int_equal(
        read_one("<VideoParamAttribute>" VBR("0") VBR("1") VBR("2") VBR("3") VBR("0") "</VideoParamAttribute>", &s),
        -E2BIG);
}

#define SPAN(h1, h2)                                                                                                   \
    "<TimeSegment><StartHour>" h1 "</StartHour><StartMin>0</StartMin><StartSec>0</StartSec>"                           \
    "<StopHour>" h2 "</StopHour><StopMin>30</StopMin><StopSec>59</StopSec></TimeSegment>"
#define SPAN_OUT(h1, h2)                                                                                               \
    "<TimeSegment>" N "<StartHour>" h1 "</StartHour>" N "<StartMin>0</StartMin>" N "<StartSec>0</StartSec>" N          \
    "<StopHour>" h2 "</StopHour>" N "<StopMin>30</StopMin>" N "<StopSec>59</StopSec>" N "</TimeSegment>" N
#define DAY(n, spans)                                                                                                  \
    "<RecordSchedule><WeekDayNum>" n "</WeekDayNum><TimeSegmentSumNum>1</TimeSegmentSumNum>" spans "</RecordSchedule>"
#define PLAN(days)                                                                                                     \
    "<VideoRecordPlan><RecordEnable>1</RecordEnable><RecordScheduleSumNum>2</RecordScheduleSumNum>" days               \
    "<StreamNumber>1</StreamNumber></VideoRecordPlan>"

static void test_record_plan(void **state)
{
    struct gb_setting s;

    (void)state;
    assert_int_equal(read_one(PLAN(DAY("1", SPAN("8", "11") SPAN("13", "17")) DAY("7", SPAN("0", "23"))), &s), 0);
    assert_true(s.u.record_plan.enable);
    assert_int_equal(s.u.record_plan.stream, 1);
    assert_int_equal(s.u.record_plan.ndays, 2);
    assert_int_equal(s.u.record_plan.day[0].n, 2);
    assert_int_equal(s.u.record_plan.day[0].segment[1].stop_hour, 17);
    assert_int_equal(s.u.record_plan.day[1].weekday, 7);
    writes(&s, "VideoRecordPlan",
           ANSWER("<VideoRecordPlan>" N "<RecordEnable>1</RecordEnable>" N
                  "<RecordScheduleSumNum>2</RecordScheduleSumNum>" N "<RecordSchedule>" N "<WeekDayNum>1</WeekDayNum>" N
                  "<TimeSegmentSumNum>2</TimeSegmentSumNum>" N SPAN_OUT("8", "11")
                      SPAN_OUT("13", "17") "</RecordSchedule>" N "<RecordSchedule>" N "<WeekDayNum>7</WeekDayNum>" N
                                           "<TimeSegmentSumNum>1</TimeSegmentSumNum>" N SPAN_OUT(
                                               "0", "23") "</RecordSchedule>" N "<StreamNumber>1</StreamNumber>" N
                                                          "</VideoRecordPlan>" N));
    assert_int_equal(read_one(PLAN(DAY("8", SPAN("0", "1"))), &s), -ERANGE);
    assert_int_equal(read_one(PLAN(DAY("1", SPAN("0", "1")) DAY("1", SPAN("0", "1"))), &s), -EBADMSG);
    assert_int_equal(read_one(PLAN(DAY("1", SPAN("12", "11"))), &s), -ERANGE);
    assert_int_equal(read_one(PLAN(DAY("1", SPAN("0", "24"))), &s), -ERANGE); /* 24:30:59 */
    assert_int_equal(
        read_one(PLAN(DAY("1", "<TimeSegment><StartHour>0</StartHour><StopHour>24</StopHour></TimeSegment>")), &s), 0);
    assert_int_equal(read_one(PLAN(DAY("1", "<TimeSegment><StartHour>0</StartHour></TimeSegment>")), &s), -EBADMSG);
#define NINE(x) x x x x x x x x x
    assert_int_equal(
        read_one(PLAN(DAY("1", NINE("<TimeSegment><StartHour>0</StartHour><StopHour>1</StopHour></TimeSegment>"))), &s),
        -E2BIG);
    assert_int_equal(read_one("<VideoRecordPlan><RecordScheduleSumNum>0</RecordScheduleSumNum></VideoRecordPlan>", &s),
                     -EBADMSG);
}

/* The largest plan fits into an answer and into the settings file. */
static void test_full_plan(void **state)
{
    struct gb_setting s = { .block = GB_BLOCK_RECORD_PLAN }, back;
    char text[MANSCDP_BODY_MAX];
    struct manscdp_request r;
    struct buf b;

    (void)state;
    s.u.record_plan.enable = true;
    s.u.record_plan.ndays = GB_WEEKDAYS;
    for (unsigned i = 0; i < GB_WEEKDAYS; i++) {
        s.u.record_plan.day[i].weekday = i + 1;
        s.u.record_plan.day[i].n = GB_SEGMENTS_MAX;
        for (unsigned j = 0; j < GB_SEGMENTS_MAX; j++)
            s.u.record_plan.day[i].segment[j] = (struct gb_time_segment){ 10, 10, 10, 23, 59, 59 };
    }
    assert_int_equal(decode(&r, DOWNLOAD("VideoRecordPlan")), 0);
    buf_init(&b, text, sizeof(text));
    begin(&b, &r);
    config_block_put(&b, &s);
    manscdp_end(&b, MANSCDP_RESPONSE);
    assert_false(b.overflow);
    buf_init(&b, text, sizeof(text));
    config_block_write(&b, &s);
    assert_false(b.overflow);
    assert_int_equal(config_block_read(&back, s.block, buf_view(&b)), 0);
    assert_memory_equal(&back.u.record_plan, &s.u.record_plan, sizeof(s.u.record_plan));
}

static void test_alarm_record(void **state)
{
    struct gb_setting s;

    (void)state;
    assert_int_equal(
        read_one("<VideoAlarmRecord><RecordEnable>1</RecordEnable><RecordTime>30</RecordTime><PreRecordTime>"
                 "5</PreRecordTime><StreamNumber>0</StreamNumber></VideoAlarmRecord>",
                 &s),
        0);
    writes(&s, "VideoAlarmRecord",
           ANSWER("<VideoAlarmRecord>" N "<RecordEnable>1</RecordEnable>" N "<RecordTime>30</RecordTime>" N
                  "<PreRecordTime>5</PreRecordTime>" N "<StreamNumber>0</StreamNumber>" N "</VideoAlarmRecord>" N));
    assert_int_equal(
        read_one("<VideoAlarmRecord><RecordEnable>0</RecordEnable><StreamNumber>0</StreamNumber></VideoAlarmRecord>",
                 &s),
        0);
    writes(&s, "VideoAlarmRecord",
           ANSWER("<VideoAlarmRecord>" N "<RecordEnable>0</RecordEnable>" N "<StreamNumber>0</StreamNumber>" N
                  "</VideoAlarmRecord>" N));
    assert_int_equal(read_one("<VideoAlarmRecord><RecordEnable>2</RecordEnable></VideoAlarmRecord>", &s), -ERANGE);
}

static void test_picture_mask(void **state)
{
    struct gb_setting s;

    (void)state;
    assert_int_equal(
        read_one("<PictureMask><On>1</On><SumNum>2</SumNum><RegionList Num=\"2\"><Item><Seq>1</Seq><Point>0,0,100,"
                 "50</Point></Item><Item><Seq>4</Seq><Point> 10, 20 ,30, 40 </Point></Item></RegionList></PictureMask>",
                 &s),
        0);
    assert_int_equal(s.u.picture_mask.n, 2);
    assert_int_equal(s.u.picture_mask.region[1].ry, 40);
    writes(&s, "PictureMask",
           ANSWER("<PictureMask>" N "<On>1</On>" N "<SumNum>2</SumNum>" N "<RegionList Num=\"2\">" N "<Item>" N
                  "<Seq>1</Seq>" N "<Point>0,0,100,50</Point>" N "</Item>" N "<Item>" N "<Seq>4</Seq>" N
                  "<Point>10,20,30,40</Point>" N "</Item>" N "</RegionList>" N "</PictureMask>" N));
    assert_int_equal(read_one("<PictureMask><On>0</On><SumNum>0</SumNum></PictureMask>", &s), 0);
#define MASK(seq, point)                                                                                               \
    "<PictureMask><On>1</On><SumNum>1</SumNum><RegionList Num=1><Item><Seq>" seq "</Seq><Point>" point                 \
    "</Point></Item></RegionList></PictureMask>"
    assert_int_equal(read_one(MASK("1", "1,2,3,4"), &s), 0);
    assert_int_equal(read_one(MASK("5", "1,2,3,4"), &s), -ERANGE);
    assert_int_equal(read_one(MASK("0", "1,2,3,4"), &s), -ERANGE);
    assert_int_equal(read_one(MASK("1", "1,2,3"), &s), -EBADMSG);
    assert_int_equal(read_one(MASK("1", "1,2,3,4,5"), &s), -EBADMSG);
    assert_int_equal(read_one(MASK("1", "1,2,3,-4"), &s), -EBADMSG);
    assert_int_equal(read_one(MASK("1", ""), &s), -EBADMSG);
#define FIVE(x) x x x x x
    assert_int_equal(read_one("<PictureMask><On>1</On><RegionList>" FIVE(
                                  "<Item><Seq>1</Seq><Point>1,2,3,4</Point></Item>") "</RegionList></PictureMask>",
                              &s),
                     -E2BIG);
}

static void test_mirror_and_report(void **state)
{
    struct gb_setting s;

    (void)state;
    assert_int_equal(read_one("<FrameMirror>3</FrameMirror>", &s), 0);
    assert_int_equal(s.u.frame_mirror, 3);
    writes(&s, "FrameMirror", ANSWER("<FrameMirror>3</FrameMirror>" N));
    assert_int_equal(read_one("<FrameMirror>4</FrameMirror>", &s), -ERANGE);
    assert_int_equal(read_one("<FrameMirror/>", &s), -EBADMSG);
    assert_int_equal(
        read_one("<AlarmReport><MotionDetection>1</MotionDetection><FieldDetection>0</FieldDetection></AlarmReport>",
                 &s),
        0);
    assert_true(s.u.alarm_report.motion && !s.u.alarm_report.field);
    writes(&s, "AlarmReport",
           ANSWER("<AlarmReport>" N "<MotionDetection>1</MotionDetection>" N "<FieldDetection>0</FieldDetection>" N
                  "</AlarmReport>" N));
    assert_int_equal(read_one("<AlarmReport><MotionDetection>1</MotionDetection></AlarmReport>", &s), -EBADMSG);
}

#define OSD_HEAD "<Length>1920</Length><Width>1080</Width><TimeX>10</TimeX><TimeY>20</TimeY>"

static void test_osd(void **state)
{
    struct gb_setting s;

    (void)state;
    assert_int_equal(
        read_one(
            "<OSDConfig>" OSD_HEAD
            "<TimeEnable>1</TimeEnable><TimeType>1</TimeType><TextEnable>1</TextEnable><SumNum>2</SumNum>"
            "<Item><Text>\xe5\x8d\x97\xe9\x97\xa8 &lt;1&gt;</Text><X>5</X><Y>6</Y></Item><Item><Text/><X>7</X><Y>8</Y>"
            "</Item></OSDConfig>",
            &s),
        0);
    assert_int_equal(s.u.osd.n, 2);
    assert_int_equal(s.u.osd.time_type, 1);
    assert_string_equal(s.u.osd.line[0].text, "\xe5\x8d\x97\xe9\x97\xa8 <1>");
    writes(&s, "OSDConfig",
           ANSWER("<OSDConfig>" N "<Length>1920</Length>" N "<Width>1080</Width>" N "<TimeX>10</TimeX>" N
                  "<TimeY>20</TimeY>" N "<TimeEnable>1</TimeEnable>" N "<TimeType>1</TimeType>" N
                  "<TextEnable>1</TextEnable>" N "<SumNum>2</SumNum>" N "<Item>" N
                  "<Text>\xe5\x8d\x97\xe9\x97\xa8 &lt;1&gt;</Text>" N "<X>5</X>" N "<Y>6</Y>" N "</Item>" N "<Item>" N
                  "<Text></Text>" N "<X>7</X>" N "<Y>8</Y>" N "</Item>" N "</OSDConfig>" N));
    /* both are on by default */
    assert_int_equal(read_one("<OSDConfig>" OSD_HEAD "<SumNum>0</SumNum></OSDConfig>", &s), 0);
    assert_true(s.u.osd.time_enable && s.u.osd.text_enable);
    assert_int_equal(
        read_one("<OSDConfig>" OSD_HEAD "<TimeEnable>0</TimeEnable><TextEnable>0</TextEnable></OSDConfig>", &s), 0);
    assert_false(s.u.osd.time_enable || s.u.osd.text_enable);
    assert_int_equal(read_one("<OSDConfig><Length>1920</Length></OSDConfig>", &s), -EBADMSG);
    assert_int_equal(read_one("<OSDConfig>" OSD_HEAD "<TimeType>2</TimeType></OSDConfig>", &s), -ERANGE);
#define EIGHT(x) x x x x x x x x
#define LINE     "<Item><Text>a</Text><X>0</X><Y>0</Y></Item>"
    assert_int_equal(read_one("<OSDConfig>" OSD_HEAD EIGHT(LINE) "</OSDConfig>", &s), 0);
    assert_int_equal(s.u.osd.n, 8);
    assert_int_equal(read_one("<OSDConfig>" OSD_HEAD EIGHT(LINE) LINE "</OSDConfig>", &s), -E2BIG);
    /* 32 characters, whatever their length in bytes */
#define TEXT(t) "<OSDConfig>" OSD_HEAD "<Item><Text>" t "</Text><X>0</X><Y>0</Y></Item></OSDConfig>"
    assert_int_equal(read_one(TEXT(EIGHT("\xe9\x97\xa8\xe9\x97\xa8\xe9\x97\xa8\xe9\x97\xa8")), &s), 0);
    assert_int_equal(strlen(s.u.osd.line[0].text), 96);
    assert_int_equal(read_one(TEXT(EIGHT("\xe9\x97\xa8\xe9\x97\xa8\xe9\x97\xa8\xe9\x97\xa8") "x"), &s), -ERANGE);
    assert_int_equal(read_one(TEXT(EIGHT("abcd")), &s), 0);
    assert_int_equal(read_one(TEXT(EIGHT("abcd") "e"), &s), -ERANGE);
}

static void test_svac_encode(void **state)
{
    struct gb_setting s;

    (void)state;
    /* 2016 */
    assert_int_equal(
        read_one(
            "<SVACEncodeConfig><ROIParam><ROIFlag>1</ROIFlag><ROINumber>1</ROINumber><Item><ROISeq>1</ROISeq>"
            "<TopLeft>16</TopLeft><BottomRight>200</BottomRight><ROIQP>3</ROIQP></Item><BackGroundQP>1</BackGroundQP>"
            "<BackGroundSkipFlag>0</BackGroundSkipFlag></ROIParam><SVCParam><SVCSpaceDomainMode>1</SVCSpaceDomainMode>"
            "<SVCTimeDomainMode>2</SVCTimeDomainMode></SVCParam><SurveillanceParam><TimeFlag>1</TimeFlag><EventFlag>"
            "0</EventFlag><AlertFlag>1</AlertFlag></SurveillanceParam><AudioParam><AudioRecognitionFlag>"
            "0</AudioRecognitionFlag></AudioParam></SVACEncodeConfig>",
            &s),
        0);
    assert_int_equal(s.u.svac_encode.roi.n, 1);
    assert_int_equal(s.u.svac_encode.roi.item[0].bottom_right, 200);
    assert_true(s.u.svac_encode.event.has && !s.u.svac_encode.event.value && !s.u.svac_encode.osd.has);
    writes(&s, "SVACEncodeConfig",
           ANSWER("<SVACEncodeConfig>" N "<ROIParam>" N "<ROIFlag>1</ROIFlag>" N "<ROINumber>1</ROINumber>" N "<Item>" N
                  "<ROISeq>1</ROISeq>" N "<TopLeft>16</TopLeft>" N "<BottomRight>200</BottomRight>" N
                  "<ROIQP>3</ROIQP>" N "</Item>" N "<BackGroundQP>1</BackGroundQP>" N
                  "<BackGroundSkipFlag>0</BackGroundSkipFlag>" N "</ROIParam>" N "<SVCParam>" N
                  "<SVCSpaceDomainMode>1</SVCSpaceDomainMode>" N "<SVCTimeDomainMode>2</SVCTimeDomainMode>" N
                  "</SVCParam>" N "<SurveillanceParam>" N "<TimeFlag>1</TimeFlag>" N "<EventFlag>0</EventFlag>" N
                  "<AlertFlag>1</AlertFlag>" N "</SurveillanceParam>" N "<AudioParam>" N
                  "<AudioRecognitionFlag>0</AudioRecognitionFlag>" N "</AudioParam>" N "</SVACEncodeConfig>" N));
    /* 2022 */
    assert_int_equal(
        read_one(
            "<SVACEncodeConfig><SVCParam><SVCSpaceDomainMode>1</SVCSpaceDomainMode><SVCTimeDomainMode>"
            "0</SVCTimeDomainMode><SSVCRatioValue>4:3</SSVCRatioValue><SVCSpaceSupportMode>3</SVCSpaceSupportMode>"
            "<SVCTimeSupportMode>3</SVCTimeSupportMode><SSVCRatioSupportList>4:3/2:1</SSVCRatioSupportList></SVCParam>"
            "<SurveillanceParam><TimeFlag>1</TimeFlag><OSDFlag>1</OSDFlag><AIFlag>0</AIFlag><GISFlag>1</GISFlag>"
            "</SurveillanceParam></SVACEncodeConfig>",
            &s),
        0);
    writes(&s, "SVACEncodeConfig",
           ANSWER("<SVACEncodeConfig>" N "<SVCParam>" N "<SVCSpaceDomainMode>1</SVCSpaceDomainMode>" N
                  "<SVCTimeDomainMode>0</SVCTimeDomainMode>" N "<SSVCRatioValue>4:3</SSVCRatioValue>" N
                  "<SVCSpaceSupportMode>3</SVCSpaceSupportMode>" N "<SVCTimeSupportMode>3</SVCTimeSupportMode>" N
                  "<SSVCRatioSupportList>4:3/2:1</SSVCRatioSupportList>" N "</SVCParam>" N "<SurveillanceParam>" N
                  "<TimeFlag>1</TimeFlag>" N "<OSDFlag>1</OSDFlag>" N "<AIFlag>0</AIFlag>" N "<GISFlag>1</GISFlag>" N
                  "</SurveillanceParam>" N "</SVACEncodeConfig>" N));
    assert_int_equal(read_one("<SVACEncodeConfig><ROIParam><ROIFlag>2</ROIFlag></ROIParam></SVACEncodeConfig>", &s),
                     -ERANGE);
    assert_int_equal(
        read_one("<SVACEncodeConfig><SVCParam><SVCTimeDomainMode>4</SVCTimeDomainMode></SVCParam></SVACEncodeConfig>",
                 &s),
        -ERANGE);
#define ROI "<Item><ROISeq>1</ROISeq><TopLeft>1</TopLeft><BottomRight>2</BottomRight><ROIQP>0</ROIQP></Item>"
    assert_int_equal(
        read_one("<SVACEncodeConfig><ROIParam>" EIGHT(ROI) EIGHT(ROI) "</ROIParam></SVACEncodeConfig>", &s), 0);
    assert_int_equal(
        read_one("<SVACEncodeConfig><ROIParam>" EIGHT(ROI) EIGHT(ROI) ROI "</ROIParam></SVACEncodeConfig>", &s),
        -E2BIG);
    assert_int_equal(
        read_one("<SVACEncodeConfig><ROIParam><Item><ROISeq>1</ROISeq></Item></ROIParam></SVACEncodeConfig>", &s),
        -EBADMSG);
}

static void test_svac_decode(void **state)
{
    struct gb_setting s;

    (void)state;
    /* 2016, with its misprint */
    assert_int_equal(
        read_one("<SVACDecodeConfig><SVCParam><SVCSTMMode>3</SVCSTMMode></SVCParam><SurveillanceParam><TimeShowFlag>"
                 "1</TimeShowFlag><EventShowFlag>1</EventShowFlag><AlerShowtFlag>0</AlerShowtFlag></SurveillanceParam>"
                 "</SVACDecodeConfig>",
                 &s),
        0);
    assert_true(s.u.svac_decode.show_alert.has);
    writes(&s, "SVACDecodeConfig",
           ANSWER("<SVACDecodeConfig>" N "<SVCParam>" N "<SVCSTMMode>3</SVCSTMMode>" N "</SVCParam>" N
                  "<SurveillanceParam>" N "<TimeShowFlag>1</TimeShowFlag>" N "<EventShowFlag>1</EventShowFlag>" N
                  "<AlerShowtFlag>0</AlerShowtFlag>" N "</SurveillanceParam>" N "</SVACDecodeConfig>" N));
    /* 2022 */
    assert_int_equal(
        read_one(
            "<SVACDecodeConfig><SVCParam><SVCSTMMode>0</SVCSTMMode><SVCSpaceSupportMode>1</SVCSpaceSupportMode>"
            "<SVCTimeSupportMode>2</SVCTimeSupportMode></SVCParam><SurveillanceParam><TimeShowFlag>1</TimeShowFlag>"
            "<OSDShowFlag>1</OSDShowFlag><AIShowFlag>0</AIShowFlag><GISShowFlag>0</GISShowFlag></SurveillanceParam>"
            "</SVACDecodeConfig>",
            &s),
        0);
    writes(&s, "SVACDecodeConfig",
           ANSWER("<SVACDecodeConfig>" N "<SVCParam>" N "<SVCSTMMode>0</SVCSTMMode>" N
                  "<SVCSpaceSupportMode>1</SVCSpaceSupportMode>" N "<SVCTimeSupportMode>2</SVCTimeSupportMode>" N
                  "</SVCParam>" N "<SurveillanceParam>" N "<TimeShowFlag>1</TimeShowFlag>" N
                  "<OSDShowFlag>1</OSDShowFlag>" N "<AIShowFlag>0</AIShowFlag>" N "<GISShowFlag>0</GISShowFlag>" N
                  "</SurveillanceParam>" N "</SVACDecodeConfig>" N));
    assert_int_equal(
        read_one("<SVACDecodeConfig><SVCParam><SVCSTMMode>4</SVCSTMMode></SVCParam></SVACDecodeConfig>", &s), -ERANGE);
    assert_int_equal(read_one("<SVACDecodeConfig/>", &s), 0);
}

#define ID32 "0123456789abcdef0123456789ABCDE-"
#define SNAP(n, id)                                                                                                    \
    "<SnapShotConfig><SnapNum>" n                                                                                      \
    "</SnapNum><Interval>2</Interval><UploadURL>http://10.0.0.1:8080/up?a=1&amp;b=2</UploadURL>"                       \
    "<SessionID>" id "</SessionID></SnapShotConfig>"

static void test_snapshot(void **state)
{
    struct gb_setting s;

    (void)state;
    assert_int_equal(read_one(SNAP("3", ID32), &s), 0);
    assert_int_equal(s.block, GB_BLOCK_SNAPSHOT);
    assert_int_equal(s.u.snapshot.count, 3);
    assert_string_equal(s.u.snapshot.url, "http://10.0.0.1:8080/up?a=1&b=2");
    /* SnapShotConfig in the request, SnapShot in the answer */
    writes(&s, "SnapShotConfig",
           ANSWER("<SnapShot>" N "<SnapNum>3</SnapNum>" N "<Interval>2</Interval>" N
                  "<UploadURL>http://10.0.0.1:8080/up?a=1&amp;b=2</UploadURL>" N "<SessionID>" ID32 "</SessionID>" N
                  "</SnapShot>" N));
    assert_int_equal(read_one(SNAP("0", ID32), &s), -ERANGE);
    assert_int_equal(read_one(SNAP("11", ID32), &s), -ERANGE);
    assert_int_equal(read_one(SNAP("1", "a b"), &s), -EBADMSG);
    assert_int_equal(read_one(SNAP("1", ""), &s), -EBADMSG);
    assert_int_equal(read_one(SNAP("1", ID32 ID32 ID32 ID32), &s), 0);
    assert_int_equal(read_one(SNAP("1", ID32 ID32 ID32 ID32 "x"), &s), -ERANGE);
    assert_int_equal(
        read_one("<SnapShotConfig><SnapNum>1</SnapNum><UploadURL>http://h/</UploadURL><SessionID>x</SessionID>"
                 "</SnapShotConfig>",
                 &s),
        0);
    assert_int_equal(s.u.snapshot.interval_s, 1);
    assert_int_equal(read_one("<SnapShotConfig><SnapNum>1</SnapNum><SessionID>x</SessionID></SnapShotConfig>", &s),
                     -EBADMSG);
}

static void test_several(void **state)
{
    struct manscdp_request r;

    (void)state;
    assert_int_equal(
        decode(&r,
               DEVICE_CONFIG(
                   "<FrameMirror>1</FrameMirror><BasicParam><HeartBeatCount>5</HeartBeatCount></BasicParam>"
                   "<AlarmReport><MotionDetection>1</MotionDetection><FieldDetection>1</FieldDetection></AlarmReport>"
                   "<ExtraInfo>x</ExtraInfo>")),
        0);
    assert_int_equal(r.error, 0);
    assert_int_equal(r.u.config.n, 3);
    assert_int_equal(r.u.config.block[0].block, GB_BLOCK_BASIC);
    assert_int_equal(r.u.config.block[1].block, GB_BLOCK_FRAME_MIRROR);
    assert_int_equal(r.u.config.block[2].block, GB_BLOCK_ALARM_REPORT);
    manscdp_request_free(&r);
    /* one invalid block makes all unusable */
    assert_int_equal(decode(&r, DEVICE_CONFIG("<FrameMirror>9</FrameMirror><BasicParam/>")), 0);
    assert_int_equal(r.error, -ERANGE);
    manscdp_request_free(&r);
    assert_int_equal(decode(&r, DEVICE_CONFIG("<ExtraInfo>x</ExtraInfo>")), 0);
    assert_int_equal(r.error, -ENOTSUP);
    manscdp_request_free(&r);
    assert_int_equal(decode(&r, DEVICE_CONFIG("")), 0);
    assert_int_equal(r.error, -ENOTSUP);
    manscdp_request_free(&r);
}

static void test_types(void **state)
{
    static const struct {
        const char *body;
        unsigned want;
        bool unknown;
        int error;
    } cases[] = {
        { DOWNLOAD("BasicParam"), 1u << GB_BLOCK_BASIC, false, 0 },
        { DOWNLOAD(""), 1u << GB_BLOCK_BASIC, false, 0 },
        { DOWNLOAD("BasicParam/VideoParamOpt/SVACEncodeConfig/SVACDecodeConfig"),
          1u << GB_BLOCK_BASIC | 1u << GB_BLOCK_VIDEO_OPT | 1u << GB_BLOCK_SVAC_ENCODE | 1u << GB_BLOCK_SVAC_DECODE,
          false, 0 },
        { DOWNLOAD(" osdconfig / OSDConfig/"), 1u << GB_BLOCK_OSD, false, 0 },
        { DOWNLOAD("SnapShot/SnapShotConfig"), 1u << GB_BLOCK_SNAPSHOT, false, 0 },
        { DOWNLOAD("Weather/FrameMirror"), 1u << GB_BLOCK_FRAME_MIRROR, true, 0 },
        { DOWNLOAD("Weather"), 0, true, -ENOTSUP },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct manscdp_request r;

        assert_int_equal(decode(&r, cases[i].body), 0);
        assert_int_equal(r.error, cases[i].error);
        assert_int_equal(r.u.config.want, cases[i].want);
        assert_int_equal(r.u.config.unknown, cases[i].unknown);
    }
}

static void test_kept(void **state)
{
    static const char *const broken[] = { "", "<FrameMirror>", "<FrameMirror>7</FrameMirror>", "<OSDConfig/>", "text" };
    struct gb_setting s;

    (void)state;
    for (size_t i = 0; i < sizeof(broken) / sizeof(broken[0]); i++)
        assert_true(config_block_read(&s, GB_BLOCK_FRAME_MIRROR, span_of(broken[i])) < 0);
    assert_int_equal(config_block_read(&s, GB_BLOCK_FRAME_MIRROR, SPAN_LIT("<FrameMirror>2</FrameMirror>")), 0);
    assert_int_equal(s.u.frame_mirror, 2);
    for (unsigned i = 0; i < GB_BLOCKS; i++) {
        enum gb_block found;

        assert_int_equal(config_block_find(span_of(config_block_name((enum gb_block)i)), &found), 0);
        assert_int_equal(found, i);
    }
}

static bool decode_config(void *ctx)
{
    static const char body[] = DEVICE_CONFIG("<FrameMirror>1</FrameMirror><BasicParam/>");
    struct manscdp_request r;
    int err = manscdp_decode(&r, SPAN_LIT(body), CHARSET_UTF8);
    bool ok = !err && !r.error;

    (void)ctx;
    if (!err)
        manscdp_request_free(&r);
    return ok;
}

static void test_oom(void **state)
{
    (void)state;
    oom_ladder(decode_config, NULL, 1000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_basic),
        cmocka_unit_test(test_basic_answer),
        cmocka_unit_test(test_video_opt),
        cmocka_unit_test(test_video_attribute),
        cmocka_unit_test(test_record_plan),
        cmocka_unit_test(test_full_plan),
        cmocka_unit_test(test_alarm_record),
        cmocka_unit_test(test_picture_mask),
        cmocka_unit_test(test_mirror_and_report),
        cmocka_unit_test(test_osd),
        cmocka_unit_test(test_svac_encode),
        cmocka_unit_test(test_svac_decode),
        cmocka_unit_test(test_snapshot),
        cmocka_unit_test(test_several),
        cmocka_unit_test(test_types),
        cmocka_unit_test(test_kept),
        cmocka_unit_test(test_oom),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
