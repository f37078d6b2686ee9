/* SPDX-License-Identifier: MIT */
/* Commands to the virtual head. Full speed is 60 degrees and a change of the zoom factor by 5 per second. */
#include "board/sim/sim.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "codec/ptz_code.h"
#include "util/log.h"

#define TURN_RATE      60.0
#define ZOOM_RATE      5.0
#define GO_SPEED       120.0 /* to a preset, an area or an angle */
#define SCAN_SPEED     10.0
#define SCAN_SPEED_MAX 60.0
#define TRACK_WIDTH    15.0 /* the simulated target moves back and forth by this, degrees */
#define TRACK_SPEED    5.0
#define VIEW_DISTANCE  80.0 /* m at zoom 1 */

struct sim_camera *sim_camera_find(struct board *b, const char *id)
{
    list_each(it, &b->cameras) {
        struct sim_camera *c = container_of(it, struct sim_camera, node);
        if (strcmp(c->id, id) == 0)
            return c;
    }
    return NULL;
}

struct sim_camera *sim_camera_get(struct board *b, const char *id)
{
    struct sim_camera *c = sim_camera_find(b, id);

    if (c || b->ncameras >= SIM_CHANNELS_MAX)
        return c;
    c = calloc(1, sizeof(*c));
    if (!c)
        return NULL;
    (void)snprintf(c->id, sizeof(c->id), "%s", id);
    c->now.zoom = 1.0;
    c->moved_us = c->idle_us = sim_now_us();
    list_append(&b->cameras, &c->node);
    b->ncameras++;
    return c;
}

void sim_cameras_free(struct board *b)
{
    list_each_safe(it, &b->cameras) {
        struct sim_camera *c = container_of(it, struct sim_camera, node);

        for (unsigned i = 0; i < 256; i++)
            free(c->cruise[i]);
        list_remove(it);
        free(c);
    }
    b->ncameras = 0;
}

/* ---- PTZCmd ----------------------------------------------------------------------------------------------- */

static int cruise_change(struct sim_camera *c, const struct ptz_cmd *cmd)
{
    struct sim_cruise **slot = &c->cruise[cmd->number & 0xFFu], *cruise = *slot;
    unsigned kept = 0;

    if (cmd->kind == PTZ_CRUISE_DELETE) {
        for (unsigned i = 0; cruise && cmd->value && i < cruise->npoints; i++)
            if (cruise->point[i] != cmd->value)
                cruise->point[kept++] = cruise->point[i];
        if (cruise)
            cruise->npoints = kept;
        return 0;
    }
    if (!cruise)
        cruise = *slot = calloc(1, sizeof(*cruise));
    if (!cruise)
        return -ENOMEM;
    if (cmd->kind == PTZ_CRUISE_SPEED)
        cruise->speed = cmd->value;
    else if (cmd->kind == PTZ_CRUISE_STAY)
        cruise->stay_s = cmd->value;
    else if (cruise->npoints < SIM_POINTS_MAX)
        cruise->point[cruise->npoints++] = (uint8_t)cmd->value;
    else
        return -ENOSPC;
    return 0;
}

static void begin_scan(struct sim_camera *c)
{
    double speed = c->scan_speed > 0 ? c->scan_speed : SCAN_SPEED;

    if (c->has_left && c->has_right)
        sim_head_scan(c, c->left, c->right, speed);
    else
        sim_head_scan(c, 0, 0, speed);
}

static void move(struct sim_camera *c, const struct ptz_cmd *cmd)
{
    c->motion = SIM_FREE;
    c->pan_rate = TURN_RATE * cmd->pan / 255.0;
    c->tilt_rate = TURN_RATE * cmd->tilt / 255.0;
    c->zoom_rate = ZOOM_RATE * cmd->zoom / 15.0;
}

static int act_preset(struct sim_camera *c, const struct ptz_cmd *cmd)
{
    unsigned preset = cmd->number & 0xFFu;

    if (cmd->kind == PTZ_PRESET_SET) {
        c->preset[preset] = c->now;
        c->preset_set[preset] = true;
    } else if (cmd->kind == PTZ_PRESET_DELETE) {
        c->preset_set[preset] = false;
    } else if (c->preset_set[preset]) {
        sim_head_go(c, &c->preset[preset], GO_SPEED);
    }
    return 0;
}

static int act(struct sim_camera *c, const struct ptz_cmd *cmd, uint64_t now_us)
{
    switch (cmd->kind) {
    case PTZ_STOP:
        sim_head_stop(c, now_us);
        return 0;
    case PTZ_MOVE:
        move(c, cmd);
        return 0;
    case PTZ_PRESET_SET:
    case PTZ_PRESET_CALL:
    case PTZ_PRESET_DELETE:
        return act_preset(c, cmd);
    case PTZ_CRUISE_ADD:
    case PTZ_CRUISE_DELETE:
    case PTZ_CRUISE_SPEED:
    case PTZ_CRUISE_STAY:
        return cruise_change(c, cmd);
    case PTZ_CRUISE_START:
        return sim_head_cruise(c, cmd->number & 0xFFu);
    case PTZ_SCAN_START:
        begin_scan(c);
        return 0;
    case PTZ_SCAN_LEFT:
        c->left = c->now.pan;
        c->has_left = true;
        return 0;
    case PTZ_SCAN_RIGHT:
        c->right = c->now.pan;
        c->has_right = true;
        return 0;
    case PTZ_SCAN_SPEED:
        c->scan_speed = 1.0 + (SCAN_SPEED_MAX - 1.0) * cmd->value / 4095.0;
        return 0;
    case PTZ_LENS:
    case PTZ_AUX_ON:
    case PTZ_AUX_OFF:
    default:
        return 0;
    }
}

/* ---- the other commands ----------------------------------------------------------------------------------- */

/* The position that moves the centre of the area to the centre of the picture. */
static struct sim_position centre(const struct sim_camera *c, const struct gb_area *a)
{
    double horizontal = SIM_VIEW_ANGLE / c->now.zoom, vertical = horizontal * 9.0 / 16.0;
    struct sim_position to = c->now;

    to.pan += horizontal * ((double)a->mid_x / a->length - 0.5);
    to.tilt -= vertical * ((double)a->mid_y / a->width - 0.5);
    return to;
}

static void drag(struct sim_camera *c, const struct gb_area *a, bool in)
{
    struct sim_position to = centre(c, a);
    double x = a->length_x ? (double)a->length / a->length_x : 1, y = a->length_y ? (double)a->width / a->length_y : 1;
    double times = x < y ? x : y;

    to.zoom = in ? c->now.zoom * times : c->now.zoom / times;
    sim_head_go(c, &to, GO_SPEED);
}

static void follow(struct sim_camera *c, const struct gb_control *command, uint64_t now_us)
{
    if (command->u.track.mode == GB_TRACK_STOP) {
        sim_head_stop(c, now_us);
        return;
    }
    if (command->u.track.has_area)
        c->now = centre(c, &command->u.track.area);
    sim_head_scan(c, c->now.pan - TRACK_WIDTH, c->now.pan + TRACK_WIDTH, TRACK_SPEED);
}

static void precise(struct sim_camera *c, const struct gb_control *command)
{
    struct sim_position to = c->now;

    if (command->u.precise.has_pan)
        to.pan = command->u.precise.pan;
    if (command->u.precise.has_tilt)
        to.tilt = -command->u.precise.tilt;
    if (command->u.precise.has_zoom)
        to.zoom = command->u.precise.zoom;
    sim_head_go(c, &to, GO_SPEED);
}

int sim_head_command(struct sim_camera *c, const struct gb_control *command, uint64_t now_us)
{
    sim_head_advance(c, now_us);
    switch (command->kind) {
    case GB_CONTROL_PTZ:
        return act(c, &command->u.ptz.cmd, now_us);
    case GB_CONTROL_DRAG_ZOOM:
        drag(c, &command->u.drag.area, command->u.drag.in);
        return 0;
    case GB_CONTROL_PRECISE:
        precise(c, command);
        return 0;
    case GB_CONTROL_TRACK:
        follow(c, command, now_us);
        return 0;
    case GB_CONTROL_HOME:
        c->home = command->u.home;
        c->idle_us = now_us;
        return 0;
    default:
        return -ENOTSUP;
    }
}

/* ---- the board's operations --------------------------------------------------------------------------------- */

int sim_ptz(struct board *b, const struct board_channel *ch, const struct gb_control *command)
{
    static const char *const name[] = {
        [GB_CONTROL_DRAG_ZOOM] = "drag-zoom",
        [GB_CONTROL_HOME] = "home-position",
        [GB_CONTROL_PRECISE] = "precise",
        [GB_CONTROL_TRACK] = "track",
    };
    struct sim_camera *c = sim_camera_get(b, ch->id);
    const struct ptz_cmd *cmd = &command->u.ptz.cmd;
    int err;

    if (!c)
        return -ENOMEM;
    err = sim_head_command(c, command, sim_now_us());
    if (command->kind == GB_CONTROL_PTZ) {
        log_info(
            "sim: ptz channel=%s command=%s pan=%d tilt=%d zoom=%d focus=%d iris=%d number=%u value=%u at_pan=%.1f "
            "at_tilt=%.1f at_zoom=%.1f",
            ch->id, ptz_kind_name(cmd->kind), cmd->pan, cmd->tilt, cmd->zoom, cmd->focus, cmd->iris, cmd->number,
            cmd->value, c->now.pan, c->now.tilt, c->now.zoom);
    } else {
        log_info("sim: move channel=%s command=%s at_pan=%.1f at_tilt=%.1f at_zoom=%.1f", ch->id, name[command->kind],
                 c->now.pan, c->now.tilt, c->now.zoom);
    }
    return err;
}

int sim_head(struct board *b, const struct board_channel *ch, struct board_head *out)
{
    struct sim_camera *c = sim_camera_get(b, ch->id);

    if (!c)
        return -ENOMEM;
    sim_head_advance(c, sim_now_us());
    *out = (struct board_head){
        .pan = c->now.pan,
        .tilt = -c->now.tilt,
        .zoom = c->now.zoom,
        .has_view = true,
        .horizontal_angle = SIM_VIEW_ANGLE / c->now.zoom,
        .vertical_angle = SIM_VIEW_ANGLE * 9.0 / 16.0 / c->now.zoom,
        .max_distance = VIEW_DISTANCE * c->now.zoom,
    };
    return 0;
}
