/* SPDX-License-Identifier: MIT */
/* Inside the simulated board: its parts, and what its tests look at. */
#ifndef BOARD_SIM_H
#define BOARD_SIM_H

#include "board/sim/clip.h"
#include "gbagent/board.h"
#include "util/list.h"

#define SIM_LEASES 32u
#define SIM_FPS_DEFAULT 25u
#define SIM_FPS_MAX 240u
#define SIM_CHANNELS_MAX 4096u          /* cameras with a remembered position */

/* Where the virtual camera of one channel looks: degrees, right and up positive, and times of zoom. */
struct sim_position {
    double pan, tilt, zoom;             /* 0 .. <360, -90 .. 90, 1 .. 30 */
};

struct sim_camera {
    struct list node;
    struct sim_position now;
    double pan_rate, tilt_rate, zoom_rate;      /* a second */
    uint64_t moved_us;                  /* when `now` was right */
    struct sim_position preset[256];
    bool preset_set[256];
    char id[24];
};

struct board {
    struct list clips;                  /* struct clip */
    struct list cameras;                /* struct sim_camera */
    unsigned ncameras;
};

uint64_t sim_now_us(void);

/* sim_stream.c */
int sim_stream_open(struct board *b, const struct board_channel *ch, struct frame_source **out);

/* sim_ptz.c */
int sim_ptz(struct board *b, const struct board_channel *ch, const struct ptz_cmd *cmd);
/* false: the channel was never moved. */
bool sim_where(struct board *b, const char *id, uint64_t now_us, struct sim_position *out);
void sim_cameras_free(struct board *b);

#endif
