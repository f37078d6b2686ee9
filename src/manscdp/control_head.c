/* SPDX-License-Identifier: MIT */
/* Orders for the head and what it looks at: boxes, home position, angles, targets. */
#include "manscdp/control.h"

#include <errno.h>

#define PIXELS_MAX 65535
#define DIGITS_MAX 9u

/* [+-]digits[.digits], whatever the locale says. */
static int read_decimal(struct span s, double *out)
{
    double value = 0, unit = 1;
    bool negative = s.n && s.p[0] == '-', fraction = false;
    size_t i = s.n && (s.p[0] == '-' || s.p[0] == '+') ? 1 : 0, digits = 0;

    for (; i < s.n; i++) {
        if (s.p[i] == '.' && !fraction) {
            fraction = true;
            continue;
        }
        if (s.p[i] < '0' || s.p[i] > '9')
            return -EBADMSG;
        if (fraction)
            unit /= 10;
        else if (++digits > DIGITS_MAX)
            return -ERANGE;
        value = fraction ? value + unit * (s.p[i] - '0') : value * 10 + (s.p[i] - '0');
        digits += fraction && !digits;
    }
    *out = negative ? -value : value;
    return digits ? 0 : -EBADMSG;
}

static int read_pixels(const struct xml_node *node, const char *name, int least, int *out)
{
    double value;
    int ret = read_decimal(span_of(xml_text(node, name)), &value);

    if (ret)
        return ret;
    if (value < least || value > PIXELS_MAX)
        return -ERANGE;
    *out = (int)value;
    return 0;
}

static int read_area(const struct xml_node *n, struct gb_area *a)
{
    int ret = n ? read_pixels(n, "Length", 1, &a->length) : -EBADMSG;

    if (!ret)
        ret = read_pixels(n, "Width", 1, &a->width);
    if (!ret)
        ret = read_pixels(n, "MidPointX", 0, &a->mid_x);
    if (!ret)
        ret = read_pixels(n, "MidPointY", 0, &a->mid_y);
    if (!ret)
        ret = read_pixels(n, "LengthX", 0, &a->length_x);
    if (!ret)
        ret = read_pixels(n, "LengthY", 0, &a->length_y);
    /* A box around a point outside the window is no box in it. */
    if (!ret && (a->mid_x > a->length || a->mid_y > a->width || a->length_x > a->length || a->length_y > a->width))
        ret = -ERANGE;
    return ret;
}

int control_drag_decode(struct manscdp_request *r, const struct xml_node *root)
{
    r->u.control.kind = GB_CONTROL_DRAG_ZOOM;
    r->u.control.u.drag.in = span_eq_str(span_of(r->row->element), "DragZoomIn");
    return read_area(xml_child(root, r->row->element), &r->u.control.u.drag.area);
}

/* *has: it is given; an empty element counts as none. */
static int read_optional(const struct xml_node *node, const char *name, uint64_t max, bool *has, uint64_t *out)
{
    const char *text = xml_text(node, name);

    *has = text && text[0];
    *out = 0;
    return *has ? span_u64(span_of(text), max, out) : 0;
}

int control_home_decode(struct manscdp_request *r, const struct xml_node *root)
{
    const struct xml_node *n = xml_child(root, "HomePosition");
    struct gb_home *h = &r->u.control.u.home;
    uint64_t enabled, reset_time, preset;
    int ret = n ? span_u64(span_of(xml_text(n, "Enabled")), 1, &enabled) : -EBADMSG;

    r->u.control.kind = GB_CONTROL_HOME;
    if (!ret)
        ret = read_optional(n, "ResetTime", UINT32_MAX, &h->has_reset_time, &reset_time);
    if (!ret)
        ret = read_optional(n, "PresetIndex", 255, &h->has_preset, &preset);
    if (ret)
        return ret;
    h->enabled = enabled != 0;
    h->reset_time_s = (uint32_t)reset_time;
    h->preset = (unsigned)preset;
    return 0;
}

static int read_angle(const struct xml_node *node, const char *name, double least, double most, bool *has, double *out)
{
    const char *text = xml_text(node, name);
    double value = 0;
    int ret = 0;

    *has = text && text[0];
    if (*has)
        ret = read_decimal(span_of(text), &value);
    *out = value < least ? least : value > most ? most : value;
    return ret;
}

int control_precise_decode(struct manscdp_request *r, const struct xml_node *root)
{
    const struct xml_node *n = xml_child(root, "PTZPreciseCtrl");
    struct gb_control *c = &r->u.control;
    int ret = n ? read_angle(n, "Pan", 0, 360, &c->u.precise.has_pan, &c->u.precise.pan) : -EBADMSG;

    c->kind = GB_CONTROL_PRECISE;
    if (!ret)
        ret = read_angle(n, "Tilt", -30, 90, &c->u.precise.has_tilt, &c->u.precise.tilt);
    if (!ret)
        ret = read_angle(n, "Zoom", 1, 1e6, &c->u.precise.has_zoom, &c->u.precise.zoom);
    if (!ret && !c->u.precise.has_pan && !c->u.precise.has_tilt && !c->u.precise.has_zoom)
        ret = -EBADMSG;
    return ret;
}

int control_track_decode(struct manscdp_request *r, const struct xml_node *root)
{
    static const struct { const char *word; enum gb_track mode; } modes[] = {
        { "Auto", GB_TRACK_AUTO }, { "Manual", GB_TRACK_MANUAL }, { "Stop", GB_TRACK_STOP },
    };
    const struct xml_node *area = xml_child(root, "TargetArea");
    struct span word = span_of(xml_text(root, "TargetTrack"));
    struct gb_control *c = &r->u.control;
    int ret = -EBADMSG;

    c->kind = GB_CONTROL_TRACK;
    for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
        if (span_case_eq_str(word, modes[i].word)) {
            c->u.track.mode = modes[i].mode;
            ret = 0;
        }
    }
    if (!ret && !span_copy(span_of(xml_text(root, "DeviceID2")), c->u.track.channel2, sizeof(c->u.track.channel2)))
        ret = -ERANGE;
    if (ret || c->u.track.mode != GB_TRACK_MANUAL)
        return ret;
    c->u.track.has_area = true;
    return read_area(area, &c->u.track.area);
}
