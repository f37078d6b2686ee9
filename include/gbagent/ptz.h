/* SPDX-License-Identifier: MIT */
/* A decoded PTZCmd (GB/T 28181 A.3), as a board gets it: no bytes, no checksum, no
 * protocol knowledge needed to move a camera. */
#ifndef GBAGENT_PTZ_H
#define GBAGENT_PTZ_H

#include <stdint.h>

enum ptz_kind {
    PTZ_STOP,           /* all zero: stop moving, and stop any cruise or scan */
    PTZ_MOVE,           /* pan, tilt and zoom, any combination */
    PTZ_LENS,           /* focus and iris; all zero: stop both */
    PTZ_PRESET_SET,     /* number = preset 1..255 */
    PTZ_PRESET_CALL,
    PTZ_PRESET_DELETE,
    PTZ_CRUISE_ADD,     /* number = group 0..255, value = preset 1..255 */
    PTZ_CRUISE_DELETE,  /* number = group, value = preset; value 0: the whole cruise */
    PTZ_CRUISE_SPEED,   /* number = group, value = 0..4095 */
    PTZ_CRUISE_STAY,    /* number = group, value = seconds 0..4095 */
    PTZ_CRUISE_START,   /* number = group; ends by PTZ_STOP */
    PTZ_SCAN_START,     /* number = scan group; ends by PTZ_STOP */
    PTZ_SCAN_LEFT,      /* the present direction becomes the left edge */
    PTZ_SCAN_RIGHT,
    PTZ_SCAN_SPEED,     /* number = scan group, value = 0..4095 */
    PTZ_AUX_ON,         /* number = switch, 1 is the wiper */
    PTZ_AUX_OFF,
};

struct ptz_cmd {
    enum ptz_kind kind;
    int pan;            /* -255 left .. 255 right, 0 still; directions are the picture's */
    int tilt;           /* -255 down .. 255 up */
    int zoom;           /* -15 out (wide) .. 15 in (tele) */
    int focus;          /* -255 far .. 255 near */
    int iris;           /* -255 close .. 255 open */
    unsigned number;    /* preset, group or switch, by kind */
    unsigned value;     /* second argument, by kind */
};

/* Some platforms send a direction whose speeds are all 0. When the platform has moved the channel since its last stop, that
 * is its way to stop, and comes as PTZ_STOP; otherwise it is a move of the least speed, ±1. When one of the axes has a speed,
 * those with 0 are still. Focus and iris with speed 0 move at ±1. */

#endif
