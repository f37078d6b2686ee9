/* SPDX-License-Identifier: MIT */
/* A decoded PTZCmd (GB/T 28181 A.3). */
#ifndef GBAGENT_PTZ_H
#define GBAGENT_PTZ_H

#include <stdint.h>

enum ptz_kind {
    PTZ_STOP,       /* stop every movement, cruise and scan */
    PTZ_MOVE,       /* pan, tilt and zoom in any combination, until PTZ_STOP or the next PTZ_MOVE */
    PTZ_LENS,       /* focus and iris in any combination; both 0: stop */
    PTZ_PRESET_SET, /* number = preset 1..255 */
    PTZ_PRESET_CALL,
    PTZ_PRESET_DELETE,
    PTZ_CRUISE_ADD,    /* number = group 0..255, value = preset 1..255 */
    PTZ_CRUISE_DELETE, /* number = group, value = preset; value 0: the whole group */
    PTZ_CRUISE_SPEED,  /* number = group, value = 0..4095 */
    PTZ_CRUISE_STAY,   /* number = group, value = seconds 0..4095 at each preset */
    PTZ_CRUISE_START,  /* number = group; runs until PTZ_STOP */
    PTZ_SCAN_START,    /* number = scan group; runs until PTZ_STOP */
    PTZ_SCAN_LEFT,     /* number = scan group; the current direction becomes its left edge */
    PTZ_SCAN_RIGHT,
    PTZ_SCAN_SPEED, /* number = scan group, value = 0..4095 */
    PTZ_AUX_ON,     /* number = auxiliary switch; 1 is the wiper */
    PTZ_AUX_OFF,
};

struct ptz_cmd {
    enum ptz_kind kind;
    int pan;         /* -255 left .. 255 right, as seen in the picture; 0: no movement on this axis */
    int tilt;        /* -255 down .. 255 up */
    int zoom;        /* -15 out (wide) .. 15 in (tele) */
    int focus;       /* -255 far .. 255 near */
    int iris;        /* -255 close .. 255 open */
    unsigned number; /* preset, group or switch, by kind */
    unsigned value;  /* second argument, by kind */
};

/* Some platforms send a direction with all speeds 0. If the platform has moved the channel since its last stop, they
 * mean stop, and the command becomes PTZ_STOP; otherwise it becomes a movement at the lowest speed, ±1. If at least one
 * axis has a speed, axes with speed 0 do not move. Focus and iris with speed 0 move at ±1. */

#endif
