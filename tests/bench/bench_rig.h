/* SPDX-License-Identifier: MIT */
/* What bench_media measures with: pictures made up in memory, sockets over loopback, counted system calls and allocations,
 * and the real stream and viewers in between. */
#ifndef TESTS_BENCH_RIG_H
#define TESTS_BENCH_RIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "media/viewer.h"

#define RIG_VIEWERS_MAX 100u
#define RIG_GOP 50u

/* 25 units a second: 720p at 1, 1080p at 4, 4K at 12 Mbit/s. */
enum rig_clip { CLIP_720P, CLIP_1080P, CLIP_4K, CLIP_720P_H265, CLIP_1080P_H265, CLIP_4K_H265, CLIPS,
                CLIP_FILE = CLIPS };    /* what bench_file_load read, again and again */
extern const char *const rig_clip_name[CLIPS];

/* How it is sent: sendmmsg, UDP GSO, one call a packet, TCP. */
enum rig_way { WAY_MMSG, WAY_GSO, WAY_MSG, WAY_TCP, WAYS };
extern const char *const rig_way_name[WAYS];

struct rig_run {
    enum rig_clip clip;
    enum rig_way way;
    uint64_t units;
    unsigned viewers;
    bool nowhere;                       /* the calls that send do nothing */
    unsigned fps;                       /* 0: as fast as they are taken; else by the clock, large units in bursts */
};

struct rig_result {
    uint64_t ns;                        /* CPU of the process, user and system */
    uint64_t packets, calls, allocations, payload, wire;
    uint64_t most_packets;              /* of one call; where fps is given */
    uint64_t wakeups;                   /* turns of the loop */
};

void rig_start(void);
void rig_stop(void);
struct rig_result rig_viewers(const struct rig_run *run);
/* ns a packet: the same calls over as many packets of the same sizes, finished beforehand. */
double rig_raw(enum rig_clip clip, uint64_t units, enum rig_way way);
double rig_memcpy(enum rig_clip clip, uint64_t units);

#endif
