/* SPDX-License-Identifier: MIT */
/* A decoded control command (DeviceControl, GB/T 28181 A.2.3), as plain values. */
#ifndef GBAGENT_CONTROL_H
#define GBAGENT_CONTROL_H

#include <stdbool.h>
#include <stdint.h>

#include "gbagent/ptz.h"

/* Sizes in bytes, including the NUL. */
#define GB_NAME_SIZE       64  /* names of presets and cruises, UTF-8 */
#define GB_SESSION_ID_SIZE 129 /* SessionID (2022): 32 to 128 characters */
#define GB_URL_SIZE        1024

/* With each kind: the channel argument of board_ops.control. */
enum gb_control_kind {
    GB_CONTROL_PTZ,         /* a channel */
    GB_CONTROL_IDR,         /* never passed to control(), see frame_source_ops.request_idr */
    GB_CONTROL_REBOOT,      /* NULL; every open board is called */
    GB_CONTROL_RECORD,      /* a channel; for the device, one call per channel */
    GB_CONTROL_GUARD,       /* a channel, or NULL for the alarm input `item` or, if that is "", the device */
    GB_CONTROL_ALARM_RESET, /* the same */
    GB_CONTROL_DRAG_ZOOM,   /* a channel */
    GB_CONTROL_HOME,        /* a channel */
    GB_CONTROL_PRECISE,     /* a channel */
    GB_CONTROL_FORMAT,      /* NULL; the board that has the card, or every open board */
    GB_CONTROL_TRACK,       /* a channel */
    GB_CONTROL_UPGRADE,     /* never passed to control(), see board_ops.upgrade */
    GB_CONTROL_TIME,        /* NULL; not a control command but the platform's time, passed on after a
                                     * registration (`time_sync`). May be ignored */
    GB_CONTROL_KINDS        /* number of kinds */
};

/* A rectangle in the window of a player; pixels, origin at the top left. */
struct gb_area {
    int length, width;      /* size of the window, horizontal and vertical; > 0 */
    int mid_x, mid_y;       /* centre of the rectangle, inside the window */
    int length_x, length_y; /* its size, at most that of the window */
};

/* Automatic return to the home position. */
struct gb_home {
    bool enabled;
    bool has_reset_time, has_preset;
    uint32_t reset_time_s; /* idle time until it returns */
    unsigned preset;       /* 0 to 255 */
};

enum gb_track { GB_TRACK_AUTO, GB_TRACK_MANUAL, GB_TRACK_STOP };

struct gb_control {
    enum gb_control_kind kind;
    char item[24]; /* GUARD, ALARM_RESET: ID of the alarm input it is for; "" = the channel passed
                                     * with it, or the whole device. "" for all other kinds */
    union {
        struct {
            struct ptz_cmd cmd;
            char preset_name[GB_NAME_SIZE]; /* both since 2022; "" = none */
            char cruise_name[GB_NAME_SIZE];
        } ptz;
        struct {
            bool on;
            unsigned stream; /* 0 main, 1 and above sub streams (since 2022; before: 0) */
        } record;
        struct {
            bool on;
        } guard;
        struct {
            char method[16]; /* AlarmMethod as sent; "" = all */
            unsigned type;   /* AlarmType; 0 = all */
        } alarm_reset;
        struct {
            bool in; /* true: DragZoomIn, false: DragZoomOut */
            struct gb_area area;
        } drag;
        struct gb_home home;
        struct {
            bool has_pan, has_tilt, has_zoom;
            double pan;  /* degrees, 0 to 360, clockwise from the calibrated zero */
            double tilt; /* degrees, -30 to 90, positive is down */
            double zoom; /* factor, >= 1 */
        } precise;
        struct {
            unsigned card; /* board_card.id; 0 = all cards */
        } format;
        struct {
            enum gb_track mode;
            char channel2[24]; /* ID of the panoramic channel, "" = none */
            bool has_area;     /* always with GB_TRACK_MANUAL, never otherwise */
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
