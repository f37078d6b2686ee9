/* SPDX-License-Identifier: MIT */
#include "manscdp/control.h"

#include <errno.h>
#include <string.h>

#include "codec/ptz_code.h"
#include "util/log.h"

#define STREAM_MAX 31u
#define CARD_MAX 255u

/* Text of a child of `node`, "" when there is none; node may be NULL. */
static const char *text_of(const struct xml_node *node, const char *name)
{
    const char *text = node ? xml_text(node, name) : NULL;
    return text ? text : "";
}

/* What does not fit is cut at a whole character. */
static void copy_name(char out[GB_NAME_SIZE], const char *name)
{
    size_t n = strnlen(name, GB_NAME_SIZE);

    if (n == GB_NAME_SIZE) {
        n = GB_NAME_SIZE - 1;
        while (n && ((unsigned char)name[n] & 0xC0u) == 0x80u)
            n--;
    }
    memcpy(out, name, n);
    out[n] = '\0';
}

int control_ptz_decode(struct manscdp_request *r, const struct xml_node *root)
{
    const struct xml_node *params = xml_child(root, "PTZCmdParams");
    struct ptz_notes notes;
    int ret = ptz_decode(span_of(xml_text(root, "PTZCmd")), &r->u.control.u.ptz.cmd, &notes);

    r->u.control.kind = GB_CONTROL_PTZ;
    r->no_speed = notes.no_speed;
    if (notes.odd_version)
        log_debug("PTZCmd: byte 2 is not that of A.3");
    copy_name(r->u.control.u.ptz.preset_name, text_of(params, "PresetName"));
    copy_name(r->u.control.u.ptz.cruise_name, text_of(params, "CruiseTrackName"));
    return ret;
}

/* One of two words: *first says which. */
static int read_word(const char *text, const char *one, const char *other, bool *first)
{
    *first = span_case_eq_str(span_of(text), one);
    return *first || (other && span_case_eq_str(span_of(text), other)) ? 0 : -EBADMSG;
}

int control_idr_decode(struct manscdp_request *r, const struct xml_node *root)
{
    bool send;

    r->u.control.kind = GB_CONTROL_IDR;
    return read_word(text_of(root, r->row->element), "Send", NULL, &send);
}

int control_reboot_decode(struct manscdp_request *r, const struct xml_node *root)
{
    bool boot;

    r->u.control.kind = GB_CONTROL_REBOOT;
    return read_word(text_of(root, "TeleBoot"), "Boot", NULL, &boot);
}

int control_record_decode(struct manscdp_request *r, const struct xml_node *root)
{
    const char *stream = text_of(root, "StreamNumber");
    uint64_t number = 0;
    int ret = read_word(text_of(root, "RecordCmd"), "Record", "StopRecord", &r->u.control.u.record.on);

    r->u.control.kind = GB_CONTROL_RECORD;
    if (!ret && stream[0])
        ret = span_u64(span_of(stream), STREAM_MAX, &number);
    r->u.control.u.record.stream = (unsigned)number;
    return ret;
}

int control_guard_decode(struct manscdp_request *r, const struct xml_node *root)
{
    r->u.control.kind = GB_CONTROL_GUARD;
    return read_word(text_of(root, "GuardCmd"), "SetGuard", "ResetGuard", &r->u.control.u.guard.on);
}

int control_reset_alarm_decode(struct manscdp_request *r, const struct xml_node *root)
{
    const struct xml_node *info = xml_child(root, "Info");
    const char *type = text_of(info, "AlarmType");
    uint64_t number = 0;
    bool reset;

    r->u.control.kind = GB_CONTROL_ALARM_RESET;
    if (read_word(text_of(root, "AlarmCmd"), "ResetAlarm", NULL, &reset))
        return -EBADMSG;
    if (!span_copy(span_of(text_of(info, "AlarmMethod")), r->u.control.u.alarm_reset.method,
                   sizeof(r->u.control.u.alarm_reset.method)))
        return -EBADMSG;
    /* Platforms leave both elements empty to mean all. */
    if (type[0] && span_u64(span_of(type), 999, &number))
        return -EBADMSG;
    r->u.control.u.alarm_reset.type = (unsigned)number;
    return 0;
}

/* Card 0 is all of them, so nothing but a clear number will do. */
int control_format_decode(struct manscdp_request *r, const struct xml_node *root)
{
    uint64_t card = 0;
    int ret = span_u64(span_of(text_of(root, "FormatSDCard")), CARD_MAX, &card);

    r->u.control.kind = GB_CONTROL_FORMAT;
    r->u.control.u.format.card = (unsigned)card;
    return ret;
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
    for (size_t i = 0; i < s.n; i++) {
        if ((unsigned char)s.p[i] <= ' ' || s.p[i] == 0x7F)
            return false;
    }
    return s.n > 0;
}

int control_upgrade_decode(struct manscdp_request *r, const struct xml_node *root)
{
    const struct xml_node *n = xml_child(root, "DeviceUpgrade");
    struct span url = span_of(text_of(n, "FileURL")), session = span_of(text_of(n, "SessionID"));

    r->u.control.kind = GB_CONTROL_UPGRADE;
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
