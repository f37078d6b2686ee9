/* SPDX-License-Identifier: MIT */
/* A virtual head: full speed turns 60 degrees and zooms 5 times a second. */
#include "board/sim/sim.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "util/log.h"

#define TURN_RATE 60.0
#define ZOOM_RATE 5.0
#define ZOOM_MAX 30.0

static double clamp(double v, double low, double high)
{
    return v < low ? low : v > high ? high : v;
}

static void advance(struct sim_camera *c, uint64_t now_us)
{
    double s = now_us > c->moved_us ? (double)(now_us - c->moved_us) / 1e6 : 0.0;
    double pan = c->now.pan + c->pan_rate * s;

    pan -= 360.0 * (double)(long long)(pan / 360.0);
    c->now.pan = pan < 0 ? pan + 360.0 : pan;
    c->now.tilt = clamp(c->now.tilt + c->tilt_rate * s, -90.0, 90.0);
    c->now.zoom = clamp(c->now.zoom + c->zoom_rate * s, 1.0, ZOOM_MAX);
    c->moved_us = now_us;
}

static struct sim_camera *camera_find(struct board *b, const char *id)
{
    list_each(it, &b->cameras) {
        struct sim_camera *c = container_of(it, struct sim_camera, node);
        if (strcmp(c->id, id) == 0) {
            return c;
        }
    }
    return NULL;
}

static struct sim_camera *camera_get(struct board *b, const char *id)
{
    struct sim_camera *c = camera_find(b, id);

    if (c || b->ncameras >= SIM_CHANNELS_MAX) {
        return c;
    }
    c = calloc(1, sizeof(*c));
    if (!c) {
        return NULL;
    }
    (void)snprintf(c->id, sizeof(c->id), "%s", id);
    c->now.zoom = 1.0;
    c->moved_us = sim_now_us();
    list_append(&b->cameras, &c->node);
    b->ncameras++;
    return c;
}

static void stop(struct sim_camera *c)
{
    c->pan_rate = c->tilt_rate = c->zoom_rate = 0.0;
}

static void act(struct sim_camera *c, const struct ptz_cmd *cmd)
{
    unsigned preset = cmd->number & 0xFFu;

    if (cmd->kind == PTZ_STOP) {
        stop(c);
    } else if (cmd->kind == PTZ_MOVE) {
        c->pan_rate = TURN_RATE * cmd->pan / 255.0;
        c->tilt_rate = TURN_RATE * cmd->tilt / 255.0;
        c->zoom_rate = ZOOM_RATE * cmd->zoom / 15.0;
    } else if (cmd->kind == PTZ_PRESET_SET) {
        c->preset[preset] = c->now;
        c->preset_set[preset] = true;
    } else if (cmd->kind == PTZ_PRESET_DELETE) {
        c->preset_set[preset] = false;
    } else if (cmd->kind == PTZ_PRESET_CALL && c->preset_set[preset]) {
        stop(c);
        c->now = c->preset[preset];
    }
}

static const char *kind_name(enum ptz_kind kind)
{
    static const char *const name[] = {
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

    return (unsigned)kind < sizeof(name) / sizeof(name[0]) ? name[kind] : "?";
}

int sim_ptz(struct board *b, const struct board_channel *ch, const struct ptz_cmd *cmd)
{
    struct sim_camera *c = camera_get(b, ch->id);

    if (!c) {
        return -ENOMEM;
    }
    advance(c, sim_now_us());
    act(c, cmd);
    log_info("sim: %s: ptz %s pan=%d tilt=%d zoom=%d focus=%d iris=%d number=%u value=%u, at pan %.1f tilt %.1f "
             "zoom %.1f", ch->id, kind_name(cmd->kind), cmd->pan, cmd->tilt, cmd->zoom, cmd->focus, cmd->iris,
             cmd->number, cmd->value, c->now.pan, c->now.tilt, c->now.zoom);
    return 0;
}

bool sim_where(struct board *b, const char *id, uint64_t now_us, struct sim_position *out)
{
    struct sim_camera *c = camera_find(b, id);

    if (!c) {
        return false;
    }
    advance(c, now_us);
    *out = c->now;
    return true;
}

void sim_cameras_free(struct board *b)
{
    list_each_safe(it, &b->cameras) {
        list_remove(it);
        free(container_of(it, struct sim_camera, node));
    }
    b->ncameras = 0;
}
