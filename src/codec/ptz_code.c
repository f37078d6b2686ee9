/* SPDX-License-Identifier: MIT */
#include "codec/ptz_code.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define CODE_BYTES 8u
#define FIRST_BYTE 0xa5u

/* Bits of byte 4 (A.3.2, A.3.3). */
#define MOVE_OUT   0x20u
#define MOVE_IN    0x10u
#define MOVE_UP    0x08u
#define MOVE_DOWN  0x04u
#define MOVE_LEFT  0x02u
#define MOVE_RIGHT 0x01u
#define LENS_CLOSE 0x08u
#define LENS_OPEN  0x04u
#define LENS_NEAR  0x02u
#define LENS_FAR   0x01u

/* Where commands from 0x80 on have their arguments. */
enum layout { LAYOUT_PRESET, LAYOUT_POINT, LAYOUT_POINT_OR_ALL, LAYOUT_TWELVE_BITS, LAYOUT_GROUP, LAYOUT_SCAN };

static const struct {
    uint8_t code;
    enum ptz_kind kind;
    enum layout layout;
} commands[] = {
    { 0x81, PTZ_PRESET_SET, LAYOUT_PRESET },
    { 0x82, PTZ_PRESET_CALL, LAYOUT_PRESET },
    { 0x83, PTZ_PRESET_DELETE, LAYOUT_PRESET },
    { 0x84, PTZ_CRUISE_ADD, LAYOUT_POINT },
    { 0x85, PTZ_CRUISE_DELETE, LAYOUT_POINT_OR_ALL },
    { 0x86, PTZ_CRUISE_SPEED, LAYOUT_TWELVE_BITS },
    { 0x87, PTZ_CRUISE_STAY, LAYOUT_TWELVE_BITS },
    { 0x88, PTZ_CRUISE_START, LAYOUT_GROUP },
    { 0x89, PTZ_SCAN_START, LAYOUT_SCAN },
    { 0x8a, PTZ_SCAN_SPEED, LAYOUT_TWELVE_BITS },
    { 0x8c, PTZ_AUX_ON, LAYOUT_GROUP },
    { 0x8d, PTZ_AUX_OFF, LAYOUT_GROUP },
};

static int hex_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

static int read_bytes(struct span hex, uint8_t b[CODE_BYTES])
{
    unsigned sum = 0;

    hex = span_trim(hex);
    if (hex.n != 2 * CODE_BYTES)
        return -EBADMSG;
    for (unsigned i = 0; i < CODE_BYTES; i++) {
        int hi = hex_value(hex.p[2 * i]), lo = hex_value(hex.p[2 * i + 1]);
        if (hi < 0 || lo < 0)
            return -EBADMSG;
        b[i] = (uint8_t)(hi * 16 + lo);
    }
    if (b[0] != FIRST_BYTE)
        return -EBADMSG;
    for (unsigned i = 0; i + 1 < CODE_BYTES; i++)
        sum += b[i];
    return (sum & 0xff) == b[CODE_BYTES - 1] ? 0 : -EBADE;
}

static int signed_speed(uint8_t code, unsigned plus, unsigned minus, unsigned speed)
{
    if (code & plus)
        return (int)speed;
    return code & minus ? -(int)speed : 0;
}

/* Platforms send directions with speed 0, meaning the lowest speed. */
static unsigned at_least_one(unsigned speed)
{
    return speed ? speed : 1;
}

static bool both(uint8_t code, unsigned a, unsigned b)
{
    return (code & a) && (code & b);
}

static int decode_move(const uint8_t b[CODE_BYTES], struct ptz_cmd *out, struct ptz_quirks *quirks)
{
    uint8_t code = b[3], pan = b[4], tilt = b[5], zoom = b[6] >> 4;

    if (both(code, MOVE_OUT, MOVE_IN) || both(code, MOVE_UP, MOVE_DOWN) || both(code, MOVE_LEFT, MOVE_RIGHT))
        return -ENOTSUP;
    out->kind = code ? PTZ_MOVE : PTZ_STOP;
    quirks->no_speed = code && !(code & (MOVE_LEFT | MOVE_RIGHT) && pan) && !(code & (MOVE_UP | MOVE_DOWN) && tilt) &&
                       !(code & (MOVE_IN | MOVE_OUT) && zoom);
    if (quirks->no_speed)
        pan = tilt = zoom = 1;
    out->pan = signed_speed(code, MOVE_RIGHT, MOVE_LEFT, pan);
    out->tilt = signed_speed(code, MOVE_UP, MOVE_DOWN, tilt);
    out->zoom = signed_speed(code, MOVE_IN, MOVE_OUT, zoom);
    return 0;
}

static int decode_lens(const uint8_t b[CODE_BYTES], struct ptz_cmd *out)
{
    uint8_t code = b[3];

    if (both(code, LENS_CLOSE, LENS_OPEN) || both(code, LENS_NEAR, LENS_FAR))
        return -ENOTSUP;
    out->kind = PTZ_LENS;
    out->focus = signed_speed(code, LENS_NEAR, LENS_FAR, at_least_one(b[4]));
    out->iris = signed_speed(code, LENS_OPEN, LENS_CLOSE, at_least_one(b[5]));
    return 0;
}

static int decode_arguments(const uint8_t b[CODE_BYTES], enum layout layout, struct ptz_cmd *out)
{
    static const enum ptz_kind scan_kinds[] = { PTZ_SCAN_START, PTZ_SCAN_LEFT, PTZ_SCAN_RIGHT };

    switch (layout) {
    case LAYOUT_PRESET:
        out->number = b[5];
        return b[5] ? 0 : -ENOTSUP;
    case LAYOUT_POINT:
    case LAYOUT_POINT_OR_ALL:
        out->number = b[4];
        out->value = b[5];
        return b[5] || layout == LAYOUT_POINT_OR_ALL ? 0 : -ENOTSUP;
    case LAYOUT_TWELVE_BITS:
        out->number = b[4];
        out->value = b[5] | (unsigned)(b[6] >> 4) << 8;
        return 0;
    case LAYOUT_SCAN:
        if (b[5] >= sizeof(scan_kinds) / sizeof(scan_kinds[0]))
            return -ENOTSUP;
        out->kind = scan_kinds[b[5]];
        break;
    case LAYOUT_GROUP:
        break;
    }
    out->number = b[4];
    return 0;
}

int ptz_decode(struct span hex, struct ptz_cmd *out, struct ptz_quirks *quirks)
{
    uint8_t b[CODE_BYTES];
    struct ptz_quirks own;
    int err = read_bytes(hex, b);

    memset(out, 0, sizeof(*out));
    quirks = quirks ? quirks : &own;
    *quirks = (struct ptz_quirks){ .no_speed = false };
    if (err)
        return err;
    quirks->odd_version = (b[1] & 15u) != (((b[0] >> 4) + (b[0] & 15u) + (b[1] >> 4)) & 15u) || b[1] >> 4;
    if (b[3] < 0x40)
        return decode_move(b, out, quirks);
    if (b[3] < 0x50)
        return decode_lens(b, out);
    for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
        if (commands[i].code != b[3])
            continue;
        out->kind = commands[i].kind;
        return decode_arguments(b, commands[i].layout, out);
    }
    return -ENOTSUP;
}

const char *ptz_kind_name(enum ptz_kind kind)
{
    static const char *const names[] = {
        [PTZ_STOP] = "stop",
        [PTZ_MOVE] = "move",
        [PTZ_LENS] = "lens",
        [PTZ_PRESET_SET] = "preset-set",
        [PTZ_PRESET_CALL] = "preset-call",
        [PTZ_PRESET_DELETE] = "preset-delete",
        [PTZ_CRUISE_ADD] = "cruise-add",
        [PTZ_CRUISE_DELETE] = "cruise-delete",
        [PTZ_CRUISE_SPEED] = "cruise-speed",
        [PTZ_CRUISE_STAY] = "cruise-stay",
        [PTZ_CRUISE_START] = "cruise-start",
        [PTZ_SCAN_START] = "scan-start",
        [PTZ_SCAN_LEFT] = "scan-left",
        [PTZ_SCAN_RIGHT] = "scan-right",
        [PTZ_SCAN_SPEED] = "scan-speed",
        [PTZ_AUX_ON] = "aux-on",
        [PTZ_AUX_OFF] = "aux-off",
    };

    return (unsigned)kind < sizeof(names) / sizeof(names[0]) ? names[kind] : "?";
}

void ptz_describe(const struct ptz_cmd *cmd, char *out, unsigned long size)
{
    if (cmd->kind == PTZ_STOP)
        snprintf(out, size, "stop");
    else if (cmd->kind == PTZ_MOVE)
        snprintf(out, size, "move pan %d tilt %d zoom %d", cmd->pan, cmd->tilt, cmd->zoom);
    else if (cmd->kind == PTZ_LENS)
        snprintf(out, size, "lens focus %d iris %d", cmd->focus, cmd->iris);
    else
        snprintf(out, size, "%s %u %u", ptz_kind_name(cmd->kind), cmd->number, cmd->value);
}
