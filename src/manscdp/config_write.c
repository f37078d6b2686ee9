/* SPDX-License-Identifier: MIT */
#include "manscdp/config_priv.h"

void config_write_video_opt(struct buf *b, const struct gb_setting *s)
{
    const struct gb_video_opt *o = &s->u.video_opt;

    if (o->download_speed[0])
        xml_put(b, "DownloadSpeed", o->download_speed);
    if (o->resolution[0])
        xml_put(b, "Resolution", o->resolution);
}

void config_write_video_attribute(struct buf *b, const struct gb_setting *s)
{
    const struct gb_video_attribute *a = &s->u.video_attribute;

    for (unsigned i = 0; i < a->n && i < GB_STREAMS_MAX; i++) {
        const struct gb_video_stream *v = &a->item[i];

        xml_open(b, "Item");
        xml_putf(b, "StreamNumber", "%u", v->stream);
        xml_put(b, "VideoFormat", v->format);
        xml_put(b, "Resolution", v->resolution);
        xml_put(b, "FrameRate", v->frame_rate);
        xml_put(b, "BitRateType", v->rate_type);
        if (v->bit_rate[0])
            xml_put(b, "VideoBitRate", v->bit_rate);
        xml_close(b, "Item");
    }
}

void config_write_alarm_record(struct buf *b, const struct gb_setting *s)
{
    const struct gb_alarm_record *a = &s->u.alarm_record;

    xml_putf(b, "RecordEnable", "%d", a->enable);
    if (a->has_after)
        xml_putf(b, "RecordTime", "%u", (unsigned)a->after_s);
    if (a->has_before)
        xml_putf(b, "PreRecordTime", "%u", (unsigned)a->before_s);
    xml_putf(b, "StreamNumber", "%u", a->stream);
}

void config_write_picture_mask(struct buf *b, const struct gb_setting *s)
{
    const struct gb_picture_mask *m = &s->u.picture_mask;

    xml_putf(b, "On", "%d", m->on);
    xml_putf(b, "SumNum", "%u", m->n);
    xml_open_num(b, "RegionList", m->n);
    for (unsigned i = 0; i < m->n && i < GB_MASKS_MAX; i++) {
        xml_open(b, "Item");
        xml_putf(b, "Seq", "%u", m->region[i].seq);
        xml_putf(b, "Point", "%d,%d,%d,%d", m->region[i].lx, m->region[i].ly, m->region[i].rx, m->region[i].ry);
        xml_close(b, "Item");
    }
    xml_close(b, "RegionList");
}

void config_write_alarm_report(struct buf *b, const struct gb_setting *s)
{
    xml_putf(b, "MotionDetection", "%d", s->u.alarm_report.motion);
    xml_putf(b, "FieldDetection", "%d", s->u.alarm_report.field);
}

void config_write_osd(struct buf *b, const struct gb_setting *s)
{
    const struct gb_osd *o = &s->u.osd;

    xml_putf(b, "Length", "%d", o->length);
    xml_putf(b, "Width", "%d", o->width);
    xml_putf(b, "TimeX", "%d", o->time_x);
    xml_putf(b, "TimeY", "%d", o->time_y);
    xml_putf(b, "TimeEnable", "%d", o->time_enable);
    xml_putf(b, "TimeType", "%u", o->time_type);
    xml_putf(b, "TextEnable", "%d", o->text_enable);
    xml_putf(b, "SumNum", "%u", o->n);
    for (unsigned i = 0; i < o->n && i < GB_OSD_LINES_MAX; i++) {
        xml_open(b, "Item");
        xml_put(b, "Text", o->line[i].text);
        xml_putf(b, "X", "%d", o->line[i].x);
        xml_putf(b, "Y", "%d", o->line[i].y);
        xml_close(b, "Item");
    }
}

void config_write_snapshot(struct buf *b, const struct gb_setting *s)
{
    const struct gb_snapshot *p = &s->u.snapshot;

    xml_putf(b, "SnapNum", "%u", p->count);
    xml_putf(b, "Interval", "%u", (unsigned)p->interval_s);
    xml_put(b, "UploadURL", p->url);
    xml_put(b, "SessionID", p->session);
}
