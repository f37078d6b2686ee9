/* SPDX-License-Identifier: MIT */
/* What a platform tells a device to do (GB/T 28181 A.2.3, DeviceControl), decoded: one value from the message to the
 * board, no XML needed. */
#ifndef GBAGENT_CONTROL_H
#define GBAGENT_CONTROL_H

#include <stdbool.h>
#include <stdint.h>

#include "gbagent/ptz.h"

#define GB_NAME_SIZE 64             /* of presets and cruise tracks: UTF-8 and NUL */
#define GB_SESSION_ID_SIZE 129      /* SessionID of 2022, 32..128 characters, and NUL */
#define GB_URL_SIZE 1024

/* With each: what ch is when a board's control() is called. */
enum gb_control_kind {
    GB_CONTROL_PTZ,                 /* a channel */
    GB_CONTROL_IDR,                 /* is never called with it: see request_idr */
    GB_CONTROL_REBOOT,              /* NULL; every open board is asked */
    GB_CONTROL_RECORD,              /* a channel; for the device one call each */
    GB_CONTROL_GUARD,               /* a channel, or NULL: the alarm input `item`, or the device when that is "" */
    GB_CONTROL_ALARM_RESET,         /* the same */
    GB_CONTROL_DRAG_ZOOM,           /* a channel */
    GB_CONTROL_HOME,                /* a channel */
    GB_CONTROL_PRECISE,             /* a channel */
    GB_CONTROL_FORMAT,              /* NULL; every open board is asked */
    GB_CONTROL_TRACK,               /* a channel */
    GB_CONTROL_UPGRADE,             /* is never called with it: see upgrade */
    GB_CONTROL_TIME,                /* NULL; no order but the platform's clock, offered after a registration
                                     * (`time_sync`). May be ignored */
    GB_CONTROL_KINDS
};

/* A box in a player's window, pixels, origin top left. */
struct gb_area {
    int length, width;              /* of the window: horizontal, vertical; > 0 */
    int mid_x, mid_y;               /* centre of the box */
    int length_x, length_y;         /* size of the box */
};

struct gb_home {
    bool enabled;
    bool has_reset_time, has_preset;
    uint32_t reset_time_s;          /* idle seconds until it returns */
    unsigned preset;                /* 0..255 */
};

enum gb_track { GB_TRACK_AUTO, GB_TRACK_MANUAL, GB_TRACK_STOP };

struct gb_control {
    enum gb_control_kind kind;
    char item[24];                  /* GUARD, ALARM_RESET: the alarm input that it is for; "" = the channel it comes
                                     * with, or the whole device. "" with all others */
    union {
        struct {
            struct ptz_cmd cmd;
            char preset_name[GB_NAME_SIZE];     /* 2022, "" = none */
            char cruise_name[GB_NAME_SIZE];
        } ptz;
        struct {
            bool on;
            unsigned stream;        /* 0 main (2022) */
        } record;
        struct {
            bool on;
        } guard;
        struct {
            char method[16];        /* AlarmMethod as sent, "" = all */
            unsigned type;          /* 0 = all */
        } alarm_reset;
        struct {
            bool in;                /* false: DragZoomOut */
            struct gb_area area;
        } drag;
        struct gb_home home;
        struct {
            bool has_pan, has_tilt, has_zoom;
            double pan;             /* 0..360 clockwise from the calibrated zero */
            double tilt;            /* -30..90, down positive */
            double zoom;            /* >= 1 */
        } precise;
        struct {
            unsigned card;          /* 1.., 0 = all */
        } format;
        struct {
            enum gb_track mode;
            char channel2[24];      /* the panorama channel, "" = none */
            bool has_area;
            struct gb_area area;
        } track;
        struct {
            char firmware[64], manufacturer[64];
            char url[GB_URL_SIZE];
            char session[GB_SESSION_ID_SIZE];
        } upgrade;
        struct {
            int64_t unix_ms;
        } time;
    } u;
};

#endif
