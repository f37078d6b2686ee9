/* SPDX-License-Identifier: MIT */
/* The blocks of DeviceConfig and ConfigDownload (GB/T 28181 A.2.1.12-24, A.2.3.2) as plain values. Strings are
 * UTF-8. */
#ifndef GBAGENT_SETTINGS_H
#define GBAGENT_SETTINGS_H

#include <stdbool.h>
#include <stdint.h>

#include "gbagent/control.h"

enum gb_block {
    GB_BLOCK_BASIC,     /* BasicParam: per platform, never passed to the board */
    GB_BLOCK_VIDEO_OPT, /* VideoParamOpt: the available choices */
    GB_BLOCK_SVAC_ENCODE,
    GB_BLOCK_SVAC_DECODE,
    GB_BLOCK_VIDEO_ATTRIBUTE, /* VideoParamAttribute */
    GB_BLOCK_RECORD_PLAN,     /* VideoRecordPlan */
    GB_BLOCK_ALARM_RECORD,    /* VideoAlarmRecord */
    GB_BLOCK_PICTURE_MASK,
    GB_BLOCK_FRAME_MIRROR,
    GB_BLOCK_ALARM_REPORT,
    GB_BLOCK_OSD,
    GB_BLOCK_SNAPSHOT, /* SnapShotConfig: a command rather than a setting, never passed to the board */
    GB_BLOCKS,         /* number of blocks */
};

#define GB_STREAMS_MAX   4u
#define GB_WEEKDAYS      7u
#define GB_SEGMENTS_MAX  8u
#define GB_MASKS_MAX     4u
#define GB_OSD_LINES_MAX 8u
#define GB_OSD_TEXT_SIZE 100 /* bytes: 32 characters of UTF-8 and NUL */

/* BasicParam: name of the device, registration expiry, heartbeat interval, heartbeats missed until it counts as
 * lost. */
struct gb_basic {
    bool has_name, has_expiration, has_interval, has_count;
    char name[128];
    uint32_t expiration_s, interval_s, count;
};

struct gb_video_opt {
    char download_speed[16]; /* "1/2/4" */
    char resolution[64];     /* codes of the SDP f= line, separated by "/" */
};

/* Values are codes of the SDP f= line (2016: annex F, 2022: annex G). */
struct gb_video_stream {
    unsigned stream;     /* 0 main, 1 and above sub streams */
    char format[8];      /* 2 H.264, 5 H.265 */
    char resolution[16]; /* code, or WIDTHxHEIGHT in pixels */
    char frame_rate[8];
    char rate_type[4]; /* 1 CBR, 2 VBR */
    char bit_rate[8];  /* kbit/s, "" when VBR */
};

struct gb_video_attribute {
    unsigned n;
    struct gb_video_stream item[GB_STREAMS_MAX];
};

/* A time span of one day, local time: hours 0 to 24, minutes and seconds 0 to 59. */
struct gb_time_segment {
    uint8_t start_hour, start_min, start_sec, stop_hour, stop_min, stop_sec;
};

struct gb_record_day {
    unsigned weekday; /* 1 Monday .. 7 Sunday */
    unsigned n;
    struct gb_time_segment segment[GB_SEGMENTS_MAX];
};

struct gb_record_plan {
    bool enable;
    unsigned stream, ndays;
    struct gb_record_day day[GB_WEEKDAYS];
};

struct gb_alarm_record {
    bool enable, has_after, has_before;
    uint32_t after_s, before_s; /* time recorded after and before an alarm */
    unsigned stream;
};

struct gb_picture_mask {
    bool on;
    unsigned n;
    struct {
        unsigned seq;       /* 1..4 */
        int lx, ly, rx, ry; /* left, top, right and bottom edge; pixels, origin at the top left */
    } region[GB_MASKS_MAX];
};

/* Whether motion and intrusion alarms are reported. The daemon suppresses them itself, with or without the board. */
struct gb_alarm_report {
    bool motion, field;
};

struct gb_osd {
    int length, width;  /* size of the window in pixels, horizontal and vertical */
    int time_x, time_y; /* position of the time; pixels, origin at the top left */
    bool time_enable, text_enable;
    unsigned time_type; /* 0 YYYY-MM-DD, 1 with Chinese characters for year, month and day */
    unsigned n;
    struct {
        char text[GB_OSD_TEXT_SIZE];
        int x, y;
    } line[GB_OSD_LINES_MAX];
};

/* A request for pictures, each uploaded by HTTP. */
struct gb_snapshot {
    unsigned count;      /* 1 to 10 */
    uint32_t interval_s; /* >= 1, between two pictures */
    char url[GB_URL_SIZE];
    char session[GB_SESSION_ID_SIZE];
};

struct gb_optional {
    bool has;
    uint32_t value;
};

#define GB_ROI_MAX 16u

/* Holds only the elements present in the message; only those are written. The elements of 2016 and 2022 differ. */
struct gb_svac_encode {
    struct {
        struct gb_optional flag; /* 0, 1 */
        unsigned n;
        struct {
            uint32_t seq;                    /* 1..16 */
            uint32_t top_left, bottom_right; /* block numbers as in GB/T 25724 */
            uint32_t qp;                     /* quality: 0 normal, 1 better, 2 good, 3 best */
        } item[GB_ROI_MAX];
        struct gb_optional background_qp, background_skip; /* 2016 only */
    } roi;
    struct {
        struct gb_optional space_mode, time_mode, space_support, time_support; /* 0..3 */
        char ratio[16], ratio_support[64];                                     /* 2022 only; "" = absent */
    } svc;
    struct gb_optional time, event, alert, osd, ai, gis; /* surveillance information: 0, 1 */
    struct gb_optional audio_recognition;                /* 0, 1 */
};

struct gb_svac_decode {
    struct gb_optional stm_mode, space_support, time_support;                          /* 0..3 */
    struct gb_optional show_time, show_event, show_alert, show_osd, show_ai, show_gis; /* 0, 1 */
};

struct gb_setting {
    enum gb_block block;
    union {
        struct gb_basic basic;
        struct gb_video_opt video_opt;
        struct gb_svac_encode svac_encode;
        struct gb_svac_decode svac_decode;
        struct gb_video_attribute video_attribute;
        struct gb_record_plan record_plan;
        struct gb_alarm_record alarm_record;
        struct gb_picture_mask picture_mask;
        unsigned frame_mirror; /* 0 none, 1 horizontal, 2 vertical, 3 both */
        struct gb_alarm_report alarm_report;
        struct gb_osd osd;
        struct gb_snapshot snapshot;
    } u;
};

#endif
