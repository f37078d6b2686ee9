/* SPDX-License-Identifier: MIT */
#include "manscdp/control.h"

#include <errno.h>

#include "codec/ptz_code.h"
#include "util/log.h"

#define STREAM_MAX 31u
#define CARD_MAX   255u
#define PIXELS_MAX 65535
#define DIGITS_MAX 9u

/* ---- reading ------------------------------------------------------------------------------------- */

/* Text of the child `name`, "" if there is none; node may be NULL. */
static const char *text_of(const struct xml_node *node, const char *name)
{
    const char *text = node ? xml_text(node, name) : NULL;
    return text ? text : "";
}

/* One of two words; *first: the first one. */
static int read_word(const char *text, const char *one, const char *other, bool *first)
{
    *first = span_case_eq_str(span_of(text), one);
    return *first || (other && span_case_eq_str(span_of(text), other)) ? 0 : -EBADMSG;
}

/* [+-]digits[.digits], independent of the locale. */
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
    int err = read_decimal(span_of(xml_text(node, name)), &value);

    if (err)
        return err;
    if (value < least || value > PIXELS_MAX)
        return -ERANGE;
    *out = (int)value;
    return 0;
}

static int read_area(const struct xml_node *n, struct gb_area *a)
{
    int err = n ? read_pixels(n, "Length", 1, &a->length) : -EBADMSG;

    if (!err)
        err = read_pixels(n, "Width", 1, &a->width);
    if (!err)
        err = read_pixels(n, "MidPointX", 0, &a->mid_x);
    if (!err)
        err = read_pixels(n, "MidPointY", 0, &a->mid_y);
    if (!err)
        err = read_pixels(n, "LengthX", 0, &a->length_x);
    if (!err)
        err = read_pixels(n, "LengthY", 0, &a->length_y);
    /* must lie in the window */
    if (!err && (a->mid_x > a->length || a->mid_y > a->width || a->length_x > a->length || a->length_y > a->width))
        err = -ERANGE;
    return err;
}

/* *has: sent and not empty. */
static int read_optional(const struct xml_node *node, const char *name, uint64_t max, bool *has, uint64_t *out)
{
    const char *text = xml_text(node, name);

    *has = text && text[0];
    *out = 0;
    return *has ? span_u64(span_of(text), max, out) : 0;
}

static int read_angle(const struct xml_node *node, const char *name, double least, double most, bool *has, double *out)
{
    const char *text = xml_text(node, name);
    double value = 0;
    int err = 0;

    *has = text && text[0];
    if (*has)
        err = read_decimal(span_of(text), &value);
    *out = value < least ? least : value > most ? most : value;
    return err;
}

/* ---- arguments ----------------------------------------------------------------------------------- */

static int decode_ptz(struct manscdp_request *r, const struct xml_node *root)
{
    const struct xml_node *params = xml_child(root, "PTZCmdParams");
    struct ptz_quirks quirks;
    int err = ptz_decode(span_of(xml_text(root, r->element)), &r->u.control.u.ptz.cmd, &quirks);

    r->no_speed = quirks.no_speed;
    if (quirks.odd_version)
        log_debug("sip: ptz-version-odd command=%s", r->element);
    span_copy_cut(span_of(text_of(params, "PresetName")), r->u.control.u.ptz.preset_name, GB_NAME_SIZE);
    span_copy_cut(span_of(text_of(params, "CruiseTrackName")), r->u.control.u.ptz.cruise_name, GB_NAME_SIZE);
    return err;
}

static int decode_idr(struct manscdp_request *r, const struct xml_node *root)
{
    bool send;

    return read_word(text_of(root, r->element), "Send", NULL, &send);
}

static int decode_reboot(struct manscdp_request *r, const struct xml_node *root)
{
    bool boot;

    return read_word(text_of(root, r->element), "Boot", NULL, &boot);
}

static int decode_record(struct manscdp_request *r, const struct xml_node *root)
{
    const char *stream = text_of(root, "StreamNumber");
    uint64_t number = 0;
    int err = read_word(text_of(root, r->element), "Record", "StopRecord", &r->u.control.u.record.on);

    if (!err && stream[0])
        err = span_u64(span_of(stream), STREAM_MAX, &number);
    r->u.control.u.record.stream = (unsigned)number;
    return err;
}

static int decode_guard(struct manscdp_request *r, const struct xml_node *root)
{
    return read_word(text_of(root, r->element), "SetGuard", "ResetGuard", &r->u.control.u.guard.on);
}

static int decode_alarm_reset(struct manscdp_request *r, const struct xml_node *root)
{
    const struct xml_node *info = xml_child(root, "Info");
    const char *type = text_of(info, "AlarmType");
    uint64_t number = 0;
    bool reset;

    if (read_word(text_of(root, r->element), "ResetAlarm", NULL, &reset))
        return -EBADMSG;
    if (!span_copy(span_of(text_of(info, "AlarmMethod")), r->u.control.u.alarm_reset.method,
                   sizeof(r->u.control.u.alarm_reset.method)))
        return -EBADMSG;
    /* Platforms send empty elements to mean all. */
    if (type[0] && span_u64(span_of(type), 999, &number))
        return -EBADMSG;
    r->u.control.u.alarm_reset.type = (unsigned)number;
    return 0;
}

/* Card 0 means all cards, so anything but a number is refused. */
static int decode_format(struct manscdp_request *r, const struct xml_node *root)
{
    uint64_t card = 0;
    int err = span_u64(span_of(text_of(root, r->element)), CARD_MAX, &card);

    r->u.control.u.format.card = (unsigned)card;
    return err;
}

static bool is_session(struct span s)
{
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        if (!((c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '-'))
            return false;
    }
    return s.n > 0;
}

static bool is_url(struct span s)
{
    for (size_t i = 0; i < s.n; i++)
        if ((unsigned char)s.p[i] <= ' ' || s.p[i] == 0x7F)
            return false;
    return s.n > 0;
}

static int decode_upgrade(struct manscdp_request *r, const struct xml_node *root)
{
    const struct xml_node *n = xml_child(root, r->element);
    struct span url = span_of(text_of(n, "FileURL")), session = span_of(text_of(n, "SessionID"));

    if (!is_url(url) || !is_session(session))
        return -EBADMSG;
    if (!span_copy(url, r->u.control.u.upgrade.url, sizeof(r->u.control.u.upgrade.url)) ||
        !span_copy(session, r->u.control.u.upgrade.session, sizeof(r->u.control.u.upgrade.session)) ||
        !span_copy(span_of(text_of(n, "Firmware")), r->u.control.u.upgrade.firmware,
                   sizeof(r->u.control.u.upgrade.firmware)) ||
        !span_copy(span_of(text_of(n, "Manufacturer")), r->u.control.u.upgrade.manufacturer,
                   sizeof(r->u.control.u.upgrade.manufacturer)))
        return -ERANGE;
    return 0;
}

static int decode_drag(struct manscdp_request *r, const struct xml_node *root)
{
    r->u.control.u.drag.in = span_eq_str(span_of(r->element), "DragZoomIn");
    return read_area(xml_child(root, r->element), &r->u.control.u.drag.area);
}

static int decode_home(struct manscdp_request *r, const struct xml_node *root)
{
    const struct xml_node *n = xml_child(root, r->element);
    struct gb_home *h = &r->u.control.u.home;
    uint64_t enabled, reset_time, preset;
    int err = n ? span_u64(span_of(xml_text(n, "Enabled")), 1, &enabled) : -EBADMSG;

    if (!err)
        err = read_optional(n, "ResetTime", UINT32_MAX, &h->has_reset_time, &reset_time);
    if (!err)
        err = read_optional(n, "PresetIndex", 255, &h->has_preset, &preset);
    if (err)
        return err;
    h->enabled = enabled != 0;
    h->reset_time_s = (uint32_t)reset_time;
    h->preset = (unsigned)preset;
    return 0;
}

static int decode_precise(struct manscdp_request *r, const struct xml_node *root)
{
    const struct xml_node *n = xml_child(root, r->element);
    struct gb_control *c = &r->u.control;
    int err = n ? read_angle(n, "Pan", 0, 360, &c->u.precise.has_pan, &c->u.precise.pan) : -EBADMSG;

    if (!err)
        err = read_angle(n, "Tilt", -30, 90, &c->u.precise.has_tilt, &c->u.precise.tilt);
    if (!err)
        err = read_angle(n, "Zoom", 1, 1e6, &c->u.precise.has_zoom, &c->u.precise.zoom);
    if (!err && !c->u.precise.has_pan && !c->u.precise.has_tilt && !c->u.precise.has_zoom)
        err = -EBADMSG;
    return err;
}

static int decode_track(struct manscdp_request *r, const struct xml_node *root)
{
    static const struct {
        const char *word;
        enum gb_track mode;
    } modes[] = {
        { "Auto", GB_TRACK_AUTO },
        { "Manual", GB_TRACK_MANUAL },
        { "Stop", GB_TRACK_STOP },
    };
    const struct xml_node *area = xml_child(root, "TargetArea");
    struct span word = span_of(xml_text(root, r->element));
    struct gb_control *c = &r->u.control;
    int err = -EBADMSG;

    for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
        if (span_case_eq_str(word, modes[i].word)) {
            c->u.track.mode = modes[i].mode;
            err = 0;
        }
    }
    if (!err && !span_copy(span_of(xml_text(root, "DeviceID2")), c->u.track.channel2, sizeof(c->u.track.channel2)))
        err = -ERANGE;
    if (err || c->u.track.mode != GB_TRACK_MANUAL)
        return err;
    c->u.track.has_area = true;
    return read_area(area, &c->u.track.area);
}

/* ---- the table ------------------------------------------------------------------------------------- */

/* The first row whose element is present counts. Columns: kind, name, elements, word in control_deny, target, answer;
 * see struct control_command. */
/* clang-format off */
static const struct control_command commands[] = {
    { GB_CONTROL_PTZ, "PTZ", { "PTZCmd" }, "ptz", CONTROL_CHANNEL, MANSCDP_SILENT,
      .moves = true, .decode = decode_ptz },
    { GB_CONTROL_IDR, "IFrame", { "IFameCmd" /* 2016, sic */, "IFrameCmd" }, "iframe", CONTROL_CHANNEL, MANSCDP_SILENT,
      .harmless = true, .decode = decode_idr },
    { GB_CONTROL_ALARM_RESET, "AlarmCmd", { "AlarmCmd" }, "alarmreset", CONTROL_ITEM, MANSCDP_RESULT,
      .builtin = true, .decode = decode_alarm_reset },
    { GB_CONTROL_REBOOT, "TeleBoot", { "TeleBoot" }, "teleboot", CONTROL_DEVICE, MANSCDP_SILENT,
      .dangerous = true, .decode = decode_reboot },
    { GB_CONTROL_RECORD, "RecordCmd", { "RecordCmd" }, "record", CONTROL_CHANNELS, MANSCDP_RESULT,
      .decode = decode_record },
    { GB_CONTROL_GUARD, "GuardCmd", { "GuardCmd" }, "guard", CONTROL_ITEM, MANSCDP_RESULT,
      .builtin = true, .decode = decode_guard },
    { GB_CONTROL_DRAG_ZOOM, "DragZoom", { "DragZoomIn", "DragZoomOut" }, "dragzoom", CONTROL_CHANNEL, MANSCDP_SILENT,
      .moves = true, .decode = decode_drag },
    { GB_CONTROL_HOME, "HomePosition", { "HomePosition" }, "homeposition", CONTROL_CHANNEL, MANSCDP_RESULT,
      .moves = true, .decode = decode_home },
    { GB_CONTROL_PRECISE, "PTZPreciseCtrl", { "PTZPreciseCtrl" }, "ptzprecise", CONTROL_CHANNEL, MANSCDP_SILENT,
      .moves = true, .decode = decode_precise },
    { GB_CONTROL_UPGRADE, "DeviceUpgrade", { "DeviceUpgrade" }, "deviceupgrade", CONTROL_DEVICE, MANSCDP_RESULT,
      .dangerous = true, .decode = decode_upgrade },
    { GB_CONTROL_FORMAT, "FormatSDCard", { "FormatSDCard" }, "formatsdcard", CONTROL_DEVICE, MANSCDP_SILENT,
      .dangerous = true, .decode = decode_format },
    { GB_CONTROL_TRACK, "TargetTrack", { "TargetTrack" }, "targettrack", CONTROL_CHANNEL, MANSCDP_SILENT,
      .moves = true, .decode = decode_track },
};
/* clang-format on */

#define NCOMMANDS (sizeof(commands) / sizeof(commands[0]))

const struct control_command *control_command_of(enum gb_control_kind kind)
{
    for (size_t i = 0; i < NCOMMANDS; i++)
        if (commands[i].kind == kind)
            return &commands[i];
    return NULL;
}

const struct control_command *control_command_find(const struct xml_node *root, const char **element)
{
    for (size_t i = 0; i < NCOMMANDS; i++) {
        for (unsigned j = 0; j < CONTROL_SPELLINGS && commands[i].element[j]; j++) {
            *element = commands[i].element[j];
            if (xml_child(root, *element))
                return &commands[i];
        }
    }
    *element = NULL;
    return NULL;
}

int control_decode(struct manscdp_request *r, const struct xml_node *root)
{
    r->u.control.kind = r->command->kind;
    return r->command->decode(r, root);
}
