/* SPDX-License-Identifier: MIT */
/*
 * The cost of sending, as ratios measured in one run; run by tests/bench/bench.py, which prints them.
 *   bench_media ratios ROUNDS                          JSON, medians over the rounds
 *   bench_media count UNITS VIEWERS mmsg|gso CLIP      discards the packets and prints their number, for an
 *                                                      instruction counter that looks inside the functions named in
 *                                                      bench_count.py
 *   bench_media file PATH h264|hevc                    JSON: the cost of packing its frames, and their number
 * The real stream and viewers run; the calls that send and allocate are counted, or do nothing. "raw" is the same calls
 * with prepared packets.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/bench/bench_file.h"
#include "tests/bench/bench_rig.h"

#define ROUNDS_MAX  99u
#define UNITS       1000u
#define CROWD_UNITS 200u /* when 100 viewers receive real packets */
#define PACED_FPS   50u
#define PACED_UNITS 100u

enum { COPY, PACK, RAW, SENT = RAW + WAYS, KINDS = SENT + WAYS };
static double cost[CLIPS][KINDS][ROUNDS_MAX]; /* ns per packet */
static struct rig_result last[CLIPS][WAYS];

/* Viewers that share a packing: packing only, by GSO and by sendmmsg. */
static const unsigned crowd[] = { 1, 4, 16, 64, 100 };
#define CROWDS (sizeof(crowd) / sizeof(crowd[0]))
enum { CROWD_NOWHERE, CROWD_GSO, CROWD_MMSG, CROWD_KINDS };
static const char *const crowd_name[CROWD_KINDS] = { "packing", "gso", "sendmmsg" };
static double crowd_cost[CROWD_KINDS][CROWDS][ROUNDS_MAX];
static struct rig_result crowd_last[CROWD_KINDS][CROWDS];

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

static double median_of(const double *above, const double *below, unsigned rounds)
{
    double r[ROUNDS_MAX];

    for (unsigned i = 0; i < rounds; i++)
        r[i] = above[i] / (below ? below[i] : 1.0);
    qsort(r, rounds, sizeof(r[0]), compare);
    return r[rounds / 2];
}

static double per(uint64_t what, uint64_t of)
{
    return (double)what / (double)of;
}

static void measure_clip(enum rig_clip clip, unsigned round)
{
    const struct rig_run nowhere = { .clip = clip, .way = WAY_GSO, .units = UNITS, .viewers = 1, .nowhere = true };
    struct rig_result packed = rig_viewers(&nowhere);

    cost[clip][PACK][round] = per(packed.ns, packed.packets);
    cost[clip][COPY][round] = rig_memcpy(clip, UNITS);
    for (unsigned w = 0; w < WAYS; w++) {
        const struct rig_run run = { .clip = clip, .way = (enum rig_way)w, .units = UNITS, .viewers = 1 };
        last[clip][w] = rig_viewers(&run);
        cost[clip][SENT + w][round] = per(last[clip][w].ns, last[clip][w].packets);
        cost[clip][RAW + w][round] = rig_raw(clip, UNITS, run.way);
    }
}

static void measure_crowd(unsigned which, unsigned round)
{
    for (unsigned k = 0; k < CROWD_KINDS; k++) {
        const struct rig_run run = {
            .clip = CLIP_1080P,
            .way = k == CROWD_MMSG ? WAY_MMSG : WAY_GSO,
            .viewers = crowd[which],
            .units = k == CROWD_NOWHERE || crowd[which] == 1 ? UNITS : CROWD_UNITS,
            .nowhere = k == CROWD_NOWHERE,
        };
        crowd_last[k][which] = rig_viewers(&run);
        crowd_last[k][which].allocations *= UNITS / run.units; /* per unit, as the others */
        crowd_cost[k][which][round] = per(crowd_last[k][which].ns, crowd_last[k][which].packets);
    }
}

static void print_clip(enum rig_clip clip, unsigned rounds)
{
    double(*c)[ROUNDS_MAX] = cost[clip];
    const struct rig_result *r = last[clip];

    printf("\"%s\": {\"memcpy_ns\": %.1f, \"pack_ns\": %.1f, \"pack_to_memcpy\": %.3f, \"overhead_percent\": %.4f,\n"
           "\"packets_per_unit\": %.3f",
           rig_clip_name[clip], median_of(c[COPY], NULL, rounds), median_of(c[PACK], NULL, rounds),
           median_of(c[PACK], c[COPY], rounds),
           100.0 * per(r[WAY_MMSG].wire - r[WAY_MMSG].payload, r[WAY_MMSG].payload), per(r[WAY_MMSG].packets, UNITS));
    for (unsigned w = 0; w < WAYS; w++) {
        const char *name = rig_way_name[w];
        printf(",\n\"%s_ns\": %.1f, \"%s_raw_ns\": %.1f, \"%s_to_raw\": %.3f, \"%s_to_sendmsg\": %.3f, "
               "\"%s_to_raw_sendto\": %.3f,\n\"%s_calls\": %.4f, \"%s_allocations\": %.4f",
               name, median_of(c[SENT + w], NULL, rounds), name, median_of(c[RAW + w], NULL, rounds), name,
               median_of(c[SENT + w], c[RAW + w], rounds), name, median_of(c[SENT + w], c[SENT + WAY_MSG], rounds),
               name, median_of(c[SENT + w], c[RAW + WAY_MSG], rounds), name, per(r[w].calls, UNITS), name,
               per(r[w].allocations, UNITS));
    }
    printf("}");
}

static void print_crowd(unsigned rounds)
{
    for (unsigned k = 0; k < CROWD_KINDS; k++) {
        for (unsigned i = 0; i < CROWDS; i++) {
            printf(",\n\"%s_for_%u_viewers_to_1\": %.3f, \"%s_for_%u_viewers_allocations\": %.4f", crowd_name[k],
                   crowd[i], median_of(crowd_cost[k][i], crowd_cost[k][0], rounds), crowd_name[k], crowd[i],
                   per(crowd_last[k][i].allocations, UNITS));
        }
    }
}

/* In real time, large units in bursts: the cost of pacing in calls and wake-ups. */
static void print_paced(void)
{
    static const enum rig_clip clips[] = { CLIP_1080P, CLIP_4K };

    for (size_t i = 0; i < sizeof(clips) / sizeof(clips[0]); i++) {
        for (unsigned w = WAY_MMSG; w <= WAY_GSO; w++) {
            const struct rig_run run = {
                .clip = clips[i], .way = (enum rig_way)w, .units = PACED_UNITS, .viewers = 1, .fps = PACED_FPS
            };
            struct rig_result r = rig_viewers(&run);
            printf(",\n\"paced_%s_%s_calls\": %.3f, \"paced_%s_%s_wakeups\": %.3f, \"paced_%s_%s_burst\": %llu",
                   rig_clip_name[run.clip], rig_way_name[w], per(r.calls, PACED_UNITS), rig_clip_name[run.clip],
                   rig_way_name[w], per(r.wakeups, PACED_UNITS), rig_clip_name[run.clip], rig_way_name[w],
                   (unsigned long long)r.most_packets);
        }
    }
}

static int ratios(unsigned rounds)
{
    for (unsigned r = 0; r < rounds; r++) {
        for (unsigned c = 0; c < CLIPS; c++)
            measure_clip((enum rig_clip)c, r);
        for (unsigned c = 0; c < CROWDS; c++)
            measure_crowd(c, r);
    }
    printf("{\"rounds\": %u, \"clips\": {\n", rounds);
    for (unsigned c = 0; c < CLIPS; c++) {
        print_clip((enum rig_clip)c, rounds);
        puts(c + 1 < CLIPS ? "," : "}");
    }
    print_crowd(rounds);
    print_paced();
    puts("}");
    return 0;
}

static int count(char **argv)
{
    unsigned long viewers = strtoul(argv[3], NULL, 10);
    struct rig_run run = {
        .clip = CLIPS,
        .way = strcmp(argv[4], "gso") == 0 ? WAY_GSO : WAY_MMSG,
        .units = strtoul(argv[2], NULL, 10),
        .nowhere = true,
        .viewers = viewers > RIG_VIEWERS_MAX ? RIG_VIEWERS_MAX : (unsigned)viewers,
    };

    for (unsigned c = 0; c < CLIPS; c++)
        run.clip = strcmp(argv[5], rig_clip_name[c]) == 0 ? (enum rig_clip)c : run.clip;
    if (run.clip == CLIPS)
        return 2;
    printf("%llu\n", (unsigned long long)rig_viewers(&run).packets);
    return 0;
}

static int of_file(const char *path, bool h265)
{
    const struct rig_run run = { .clip = CLIP_FILE, .way = WAY_GSO, .units = 20000, .viewers = 1, .nowhere = true };
    struct rig_result r;

    if (bench_file_load(path, h265) != 0) {
        fprintf(stderr, "bench_media: no pictures in %s\n", path);
        return 1;
    }
    r = rig_viewers(&run);
    printf("{\"pictures\": %llu, \"us_per_unit\": %.4f, \"packets\": %llu}\n", (unsigned long long)bench_file.count,
           per(r.ns, run.units * 1000u), (unsigned long long)r.packets);
    return 0;
}

int main(int argc, char **argv)
{
    int status = 2;

    rig_start();
    if (argc == 3 && strcmp(argv[1], "ratios") == 0) {
        unsigned long rounds = strtoul(argv[2], NULL, 10);
        status = ratios(rounds < 1 ? 1u : rounds > ROUNDS_MAX ? ROUNDS_MAX : (unsigned)rounds);
    } else if (argc == 6 && strcmp(argv[1], "count") == 0) {
        status = count(argv);
    } else if (argc == 4 && strcmp(argv[1], "file") == 0) {
        status = of_file(argv[2], strcmp(argv[3], "hevc") == 0);
    }
    if (status == 2)
        fputs("usage: bench_media ratios ROUNDS | count UNITS VIEWERS mmsg|gso CLIP | file PATH h264|hevc\n", stderr);
    rig_stop();
    return status;
}
