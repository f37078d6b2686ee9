/* SPDX-License-Identifier: MIT */
/*
 * Keepalive MESSAGEs: at once after the 200 to REGISTER, then every interval. One counts as missed when it has no answer
 * after KEEPALIVE_TIMEOUT_MS or one that is neither 2xx nor 4xx. Its transaction goes on, and a late 200 forgives all misses.
 * After a miss the next ones follow every KEEPALIVE_HASTE_MS; N misses in a row put the registration in doubt
 * (registration_doubt), so a platform that forgot us without a word is found within interval + 10 s + N times 5 s. An
 * interval that is shorter bounds each of these times. The first 4xx ends the binding.
 */
#ifndef AGENT_KEEPALIVE_H
#define AGENT_KEEPALIVE_H

#include <stdbool.h>
#include <stdint.h>

#include "agent/ua.h"

struct agent;
#define KEEPALIVE_TIMEOUT_MS 10000u
#define KEEPALIVE_HASTE_MS 5000u
#define KEEPALIVE_OPEN_MAX (KEEPALIVE_TIMEOUT_MS / KEEPALIVE_HASTE_MS + 1)
#define KEEPALIVE_FAULTY_MAX 64u
#define KEEPALIVE_RETRY_MS 1000u        /* when one could not be composed */

struct keepalive {
    bool active;
    uint64_t due_ms;                    /* the next one */
    uint32_t ref;                       /* of the last one sent */
    uint64_t sent_ms;                   /* when */
    struct keepalive_open {
        uint32_t ref;
        uint64_t miss_ms;
    } open[KEEPALIVE_OPEN_MAX];         /* neither answered nor missed yet, the oldest first */
    unsigned nopen;
    unsigned missed;                    /* in a row */
    uint64_t serial;                    /* of the device, when it was last looked at */
    unsigned faulty;                    /* channels that did not work then */
    uint32_t sent, misses;              /* counters */
};

void keepalive_start(struct agent *a, const struct gb_time *now);       /* registered (again): one goes at once */
void keepalive_stop(struct agent *a);
void keepalive_tick(struct agent *a, const struct gb_time *now);
uint64_t keepalive_deadline(const struct agent *a);
void keepalive_done(struct agent *a, uint32_t ref, int status, const struct gb_time *now);
/* The device changed: a channel that has become faulty is told at once. */
void keepalive_device_changed(struct agent *a, const struct gb_time *now);
void keepalive_interval_changed(struct agent *a, const struct gb_time *now);
void keepalive_now(struct agent *a, const struct gb_time *now);

#endif
