/* SPDX-License-Identifier: MIT */
/* The rig of bench_media: generated frames, sockets over loopback, counted system calls and allocations, and the real
 * stream and viewers. */
#ifndef TESTS_BENCH_RIG_H
#define TESTS_BENCH_RIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "media/viewer.h"

#define RIG_VIEWERS_MAX 100u
#define RIG_GOP         50u

/* 25 units a second: 720p at 1, 1080p at 4, 4K at 12 Mbit/s. */
enum rig_clip {
    CLIP_720P,
    CLIP_1080P,
    CLIP_4K,
    CLIP_720P_H265,
    CLIP_1080P_H265,
    CLIP_4K_H265,
    CLIPS,
    CLIP_FILE = CLIPS
}; /* loops the frames of bench_file_load */
extern const char *const rig_clip_name[CLIPS];

/* The way to send: sendmmsg, UDP GSO, one call per packet, TCP. */
enum rig_way { WAY_MMSG, WAY_GSO, WAY_MSG, WAY_TCP, WAYS };
extern const char *const rig_way_name[WAYS];

struct rig_run {
    enum rig_clip clip;
    enum rig_way way;
    uint64_t units;
    unsigned viewers;
    bool nowhere; /* send calls do nothing */
    unsigned fps; /* 0: as fast as possible; otherwise in real time, large units in bursts */
};

struct rig_result {
    uint64_t ns; /* CPU of the process, user and system */
    uint64_t packets, calls, allocations, payload, wire;
    uint64_t most_packets; /* per call, with fps */
    uint64_t wakeups;      /* turns of the loop */
};

void rig_start(void);
void rig_stop(void);
struct rig_result rig_viewers(const struct rig_run *run);
/* ns per packet of the same calls with as many prepared packets of the same sizes. */
double rig_raw(enum rig_clip clip, uint64_t units, enum rig_way way);
double rig_memcpy(enum rig_clip clip, uint64_t units);

#endif
