/* SPDX-License-Identifier: MIT */
/* VideoRecordPlan: up to seven days with up to eight time spans each. */
#include "manscdp/config_priv.h"

#include <errno.h>

struct clock_field {
    const char *name;
    unsigned max;
};

static const struct clock_field start_fields[] = { { "StartHour", 24 }, { "StartMin", 59 }, { "StartSec", 59 } };
static const struct clock_field stop_fields[] = { { "StopHour", 24 }, { "StopMin", 59 }, { "StopSec", 59 } };

static int read_clock(const struct xml_node *n, const struct clock_field field[3], uint8_t *const out[3],
                      uint32_t *total)
{
    *total = 0;
    for (unsigned i = 0; i < 3; i++) {
        uint32_t v = 0;
        int err = i == 0 ? config_need_uint(n, field[i].name, 0, field[i].max, &v)
                         : config_read_uint(n, field[i].name, 0, field[i].max, &v, NULL);
        if (err)
            return err;
        *out[i] = (uint8_t)v;
        *total = *total * 60 + v;
    }
    return *total > 86400 ? -ERANGE : 0;
}

static int read_segment(struct gb_time_segment *t, const struct xml_node *n)
{
    uint8_t *const start[3] = { &t->start_hour, &t->start_min, &t->start_sec };
    uint8_t *const stop[3] = { &t->stop_hour, &t->stop_min, &t->stop_sec };
    uint32_t from, to;
    int err = read_clock(n, start_fields, start, &from);

    if (!err)
        err = read_clock(n, stop_fields, stop, &to);
    return err ? err : from <= to ? 0 : -ERANGE;
}

static int read_day(struct gb_record_day *d, const struct xml_node *n)
{
    int err = config_need_uint(n, "WeekDayNum", 1, GB_WEEKDAYS, &d->weekday);

    for (const struct xml_node *it = xml_child(n, "TimeSegment"); it && !err; it = xml_next(it, "TimeSegment")) {
        if (d->n >= GB_SEGMENTS_MAX)
            return -E2BIG;
        err = read_segment(&d->segment[d->n++], it);
    }
    return err;
}

int config_read_record_plan(struct gb_setting *s, const struct xml_node *n)
{
    struct gb_record_plan *p = &s->u.record_plan;
    int err = config_need_flag(n, "RecordEnable", &p->enable);
    unsigned seen = 0;

    for (const struct xml_node *it = xml_child(n, "RecordSchedule"); it && !err; it = xml_next(it, "RecordSchedule")) {
        if (p->ndays >= GB_WEEKDAYS)
            return -E2BIG;
        err = read_day(&p->day[p->ndays], it);
        /* two plans for the same day are ambiguous */
        if (!err && seen & 1u << p->day[p->ndays].weekday)
            err = -EBADMSG;
        seen |= 1u << p->day[p->ndays++].weekday;
    }
    return err ? err : config_read_uint(n, "StreamNumber", 0, GB_STREAMS_MAX - 1, &p->stream, NULL);
}

static void write_segment(struct buf *b, const struct gb_time_segment *t)
{
    xml_open(b, "TimeSegment");
    xml_putf(b, "StartHour", "%u", (unsigned)t->start_hour);
    xml_putf(b, "StartMin", "%u", (unsigned)t->start_min);
    xml_putf(b, "StartSec", "%u", (unsigned)t->start_sec);
    xml_putf(b, "StopHour", "%u", (unsigned)t->stop_hour);
    xml_putf(b, "StopMin", "%u", (unsigned)t->stop_min);
    xml_putf(b, "StopSec", "%u", (unsigned)t->stop_sec);
    xml_close(b, "TimeSegment");
}

void config_write_record_plan(struct buf *b, const struct gb_setting *s)
{
    const struct gb_record_plan *p = &s->u.record_plan;

    xml_putf(b, "RecordEnable", "%d", p->enable);
    xml_putf(b, "RecordScheduleSumNum", "%u", p->ndays);
    for (unsigned i = 0; i < p->ndays && i < GB_WEEKDAYS; i++) {
        const struct gb_record_day *d = &p->day[i];

        xml_open(b, "RecordSchedule");
        xml_putf(b, "WeekDayNum", "%u", d->weekday);
        xml_putf(b, "TimeSegmentSumNum", "%u", d->n);
        for (unsigned j = 0; j < d->n && j < GB_SEGMENTS_MAX; j++)
            write_segment(b, &d->segment[j]);
        xml_close(b, "RecordSchedule");
    }
    xml_putf(b, "StreamNumber", "%u", p->stream);
}
