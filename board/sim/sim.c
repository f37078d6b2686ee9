/* SPDX-License-Identifier: MIT */
/* The simulated camera: plays a file as a live stream, keeps a virtual PTZ position, logs what it is told to do.
 * `source = sim:` is the shipped clip, `source = sim:/path/to/clip.h264` (or .h265) another. */
#include "board/sim/sim.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "util/log.h"

extern const struct board_ops board_sim;

static int sim_open(struct board **out)
{
    struct board *b = calloc(1, sizeof(*b));

    if (!b) {
        return -ENOMEM;
    }
    list_init(&b->clips);
    list_init(&b->cameras);
    *out = b;
    return 0;
}

static void sim_close(struct board *b)
{
    sim_cameras_free(b);
    free(b);
}

static int sim_info(struct board *b, struct board_info *out)
{
    (void)b;
    (void)snprintf(out->manufacturer, sizeof(out->manufacturer), "gbagent");
    (void)snprintf(out->model, sizeof(out->model), "sim");
    (void)snprintf(out->firmware, sizeof(out->firmware), "%s", GBAGENT_VERSION);
    return 0;
}

static int sim_status(struct board *b, const struct board_channel *ch, struct board_status *out)
{
    char path[PATH_MAX];

    (void)b;
    *out = (struct board_status){ .ok = true, .encode = 1, .record = 0 };
    if (ch && (clip_path(ch->source, path, sizeof(path)) != 0 || access(path, R_OK) != 0)) {
        out->ok = false;
        out->encode = 0;
        (void)snprintf(out->reason, sizeof(out->reason), "clip cannot be read");
    }
    return 0;
}

static int sim_control(struct board *b, const struct board_control_arg *arg)
{
    (void)b;
    if (arg->kind != BOARD_TIME) {
        return -ENOTSUP;
    }
    log_info("sim: %s: the platform's clock says %lld ms", arg->channel ? arg->channel->id : "device",
             (long long)arg->unix_ms);
    return 0;
}

const struct board_ops board_sim = {
    .name = "sim",
    .open = sim_open,
    .close = sim_close,
    .stream_open = sim_stream_open,
    .info = sim_info,
    .status = sim_status,
    .ptz = sim_ptz,
    .control = sim_control,
};
