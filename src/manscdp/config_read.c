/* SPDX-License-Identifier: MIT */
#include "manscdp/config_priv.h"

#include <errno.h>
#include <string.h>

#define PIXELS_MAX     65535u
#define OSD_TEXT_CHARS 32u

/* ---- values ------------------------------------------------------------------------------------ */

static int read_number(struct span text, uint32_t min, uint32_t max, uint32_t *out)
{
    uint64_t v = 0;
    int err = span_u64(span_trim(text), UINT32_MAX, &v);

    if (err)
        return err;
    if (v < min || v > max)
        return -ERANGE;
    *out = (uint32_t)v;
    return 0;
}

int config_read_uint(const struct xml_node *n, const char *name, uint32_t min, uint32_t max, uint32_t *out, bool *has)
{
    const char *text = xml_text(n, name);
    bool given = text && text[0];

    if (has)
        *has = given;
    return given ? read_number(span_of(text), min, max, out) : 0;
}

int config_need_uint(const struct xml_node *n, const char *name, uint32_t min, uint32_t max, uint32_t *out)
{
    bool has = false;
    int err = config_read_uint(n, name, min, max, out, &has);

    return err ? err : has ? 0 : -EBADMSG;
}

static int read_flag(const struct xml_node *n, const char *name, bool *out)
{
    uint32_t v = *out ? 1 : 0;
    int err = config_read_uint(n, name, 0, 1, &v, NULL);

    *out = v == 1;
    return err;
}

int config_need_flag(const struct xml_node *n, const char *name, bool *out)
{
    uint32_t v = 0;
    int err = config_need_uint(n, name, 0, 1, &v);

    *out = v == 1;
    return err;
}

int config_read_text(const struct xml_node *n, const char *name, char *out, size_t size)
{
    return span_copy(span_of(xml_text(n, name)), out, size) ? 0 : -ERANGE;
}

static int need_pixels(const struct xml_node *n, const char *name, int *out)
{
    uint32_t v = 0;
    int err = config_need_uint(n, name, 0, PIXELS_MAX, &v);

    *out = (int)v;
    return err;
}

/* ---- BasicParam -------------------------------------------------------------------------------- */

/* The lower limits protect the platform: no keepalive more often than every 5 s, no REGISTER more often than a
 * minute. */
int config_read_basic(struct gb_setting *s, const struct xml_node *n)
{
    struct gb_basic *b = &s->u.basic;
    int err = config_read_text(n, "Name", b->name, sizeof(b->name));

    b->has_name = b->name[0] != '\0';
    if (!err)
        err = config_read_uint(n, "Expiration", 60, 31536000, &b->expiration_s, &b->has_expiration);
    if (!err)
        err = config_read_uint(n, "HeartBeatInterval", 5, 3600, &b->interval_s, &b->has_interval);
    if (!err)
        err = config_read_uint(n, "HeartBeatCount", 1, 100, &b->count, &b->has_count);
    return err;
}

/* ---- video ------------------------------------------------------------------------------------- */

int config_read_video_opt(struct gb_setting *s, const struct xml_node *n)
{
    struct gb_video_opt *o = &s->u.video_opt;
    int err = config_read_text(n, "DownloadSpeed", o->download_speed, sizeof(o->download_speed));

    return err ? err : config_read_text(n, "Resolution", o->resolution, sizeof(o->resolution));
}

static int need_code(const struct xml_node *n, const char *name, uint32_t min, uint32_t max, char *out, size_t size)
{
    uint32_t v = 0;
    int err = config_need_uint(n, name, min, max, &v);

    return err ? err : config_read_text(n, name, out, size);
}

/* A code of f= (2016 annex F, 2022 annex G) or, since 2022, any other size, like 2560x1440. */
static int need_resolution(const struct xml_node *n, char *out, size_t size)
{
    int err = config_read_text(n, "Resolution", out, size);
    struct span text = span_of(out);
    size_t x = span_chr(text, 'x');
    uint32_t v = 0;

    if (err || !text.n)
        return err ? err : -EBADMSG;
    if (x == text.n)
        return read_number(text, 1, 6, &v);
    err = read_number((struct span){ text.p, x }, 1, PIXELS_MAX, &v);
    return err ? err : read_number(span_from(text, x + 1), 1, PIXELS_MAX, &v);
}

static int read_stream(struct gb_video_stream *v, const struct xml_node *n)
{
    int err = config_need_uint(n, "StreamNumber", 0, GB_STREAMS_MAX - 1, &v->stream);
    bool cbr;

    if (!err)
        err = need_code(n, "VideoFormat", 1, 5, v->format, sizeof(v->format));
    if (!err)
        err = need_resolution(n, v->resolution, sizeof(v->resolution));
    if (!err)
        err = need_code(n, "FrameRate", 0, 99, v->frame_rate, sizeof(v->frame_rate));
    if (!err)
        err = need_code(n, "BitRateType", 1, 2, v->rate_type, sizeof(v->rate_type));
    if (err)
        return err;
    cbr = !strcmp(v->rate_type, "1");
    if (!cbr && !xml_text(n, "VideoBitRate"))
        return 0;
    if (!cbr && !xml_text(n, "VideoBitRate")[0])
        return 0;
    return need_code(n, "VideoBitRate", 0, 100000, v->bit_rate, sizeof(v->bit_rate));
}

int config_read_video_attribute(struct gb_setting *s, const struct xml_node *n)
{
    struct gb_video_attribute *a = &s->u.video_attribute;
    int err = 0;

    for (const struct xml_node *it = xml_child(n, "Item"); it && !err; it = xml_next(it, "Item")) {
        if (a->n >= GB_STREAMS_MAX)
            return -E2BIG;
        err = read_stream(&a->item[a->n++], it);
    }
    return err;
}

int config_read_frame_mirror(struct gb_setting *s, const struct xml_node *n)
{
    return read_number(span_of(xml_value(n)), 0, 3, &s->u.frame_mirror);
}

/* "lx,ly,rx,ry" */
static int read_point(const char *text, int *const out[4])
{
    struct span rest = span_of(text);

    for (unsigned i = 0; i < 4; i++) {
        size_t end = span_chr(rest, ',');
        uint32_t v = 0;
        int err = read_number((struct span){ rest.p, end }, 0, PIXELS_MAX, &v);

        if (err || (i < 3) != (end < rest.n))
            return err ? err : -EBADMSG;
        *out[i] = (int)v;
        rest = span_from(rest, end + 1);
    }
    return 0;
}

int config_read_picture_mask(struct gb_setting *s, const struct xml_node *n)
{
    struct gb_picture_mask *m = &s->u.picture_mask;
    const struct xml_node *list = xml_child(n, "RegionList");
    int err = config_need_flag(n, "On", &m->on);

    for (const struct xml_node *it = list ? xml_child(list, "Item") : NULL; it && !err; it = xml_next(it, "Item")) {
        if (m->n >= GB_MASKS_MAX)
            return -E2BIG;
        int *const out[4] = { &m->region[m->n].lx, &m->region[m->n].ly, &m->region[m->n].rx, &m->region[m->n].ry };
        err = config_need_uint(it, "Seq", 1, GB_MASKS_MAX, &m->region[m->n].seq);
        if (!err)
            err = read_point(xml_text(it, "Point"), out);
        m->n++;
    }
    return err;
}

/* The number of characters of valid UTF-8. */
static unsigned characters(const char *text)
{
    unsigned n = 0;

    for (; *text; text++)
        n += ((unsigned char)*text & 0xc0u) != 0x80u;
    return n;
}

static int read_osd_lines(struct gb_osd *o, const struct xml_node *n)
{
    int err = 0;

    for (const struct xml_node *it = xml_child(n, "Item"); it && !err; it = xml_next(it, "Item")) {
        if (o->n >= GB_OSD_LINES_MAX)
            return -E2BIG;
        err = config_read_text(it, "Text", o->line[o->n].text, sizeof(o->line[o->n].text));
        if (!err && characters(o->line[o->n].text) > OSD_TEXT_CHARS)
            err = -ERANGE;
        if (!err)
            err = need_pixels(it, "X", &o->line[o->n].x);
        if (!err)
            err = need_pixels(it, "Y", &o->line[o->n].y);
        o->n++;
    }
    return err;
}

int config_read_osd(struct gb_setting *s, const struct xml_node *n)
{
    struct gb_osd *o = &s->u.osd;
    int err = need_pixels(n, "Length", &o->length);

    o->time_enable = o->text_enable = true;
    if (!err)
        err = need_pixels(n, "Width", &o->width);
    if (!err)
        err = need_pixels(n, "TimeX", &o->time_x);
    if (!err)
        err = need_pixels(n, "TimeY", &o->time_y);
    if (!err)
        err = read_flag(n, "TimeEnable", &o->time_enable);
    if (!err)
        err = config_read_uint(n, "TimeType", 0, 1, &o->time_type, NULL);
    if (!err)
        err = read_flag(n, "TextEnable", &o->text_enable);
    return err ? err : read_osd_lines(o, n);
}

/* ---- alarms, pictures -------------------------------------------------------------------------- */

int config_read_alarm_record(struct gb_setting *s, const struct xml_node *n)
{
    struct gb_alarm_record *a = &s->u.alarm_record;
    int err = config_need_flag(n, "RecordEnable", &a->enable);

    if (!err)
        err = config_read_uint(n, "RecordTime", 0, 86400, &a->after_s, &a->has_after);
    if (!err)
        err = config_read_uint(n, "PreRecordTime", 0, 86400, &a->before_s, &a->has_before);
    return err ? err : config_read_uint(n, "StreamNumber", 0, GB_STREAMS_MAX - 1, &a->stream, NULL);
}

int config_read_alarm_report(struct gb_setting *s, const struct xml_node *n)
{
    int err = config_need_flag(n, "MotionDetection", &s->u.alarm_report.motion);

    return err ? err : config_need_flag(n, "FieldDetection", &s->u.alarm_report.field);
}

static bool is_session(const char *text)
{
    static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-";

    return text[0] && strspn(text, allowed) == strlen(text);
}

/* The standard requires a SessionID of at least 32 characters; shorter ones are harmless, because it is only echoed. */
int config_read_snapshot(struct gb_setting *s, const struct xml_node *n)
{
    struct gb_snapshot *p = &s->u.snapshot;
    int err = config_need_uint(n, "SnapNum", 1, 10, &p->count);

    p->interval_s = 1;
    if (!err)
        err = config_read_uint(n, "Interval", 1, 86400, &p->interval_s, NULL);
    if (!err)
        err = config_read_text(n, "UploadURL", p->url, sizeof(p->url));
    if (!err)
        err = config_read_text(n, "SessionID", p->session, sizeof(p->session));
    return err ? err : p->url[0] && is_session(p->session) ? 0 : -EBADMSG;
}
