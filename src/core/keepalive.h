/* SPDX-License-Identifier: MIT */
/* Keepalive MESSAGEs: at once after the 200 to REGISTER, then every interval; a miss is a timeout of min(32 s,
 * interval) or any answer >= 400; N misses in a row or the first 4xx end the binding. */
#ifndef CORE_KEEPALIVE_H
#define CORE_KEEPALIVE_H

#include <stdbool.h>
#include <stdint.h>

#include "core/agent.h"

#define KEEPALIVE_TIMEOUT_MS 32000u
#define KEEPALIVE_FAULTY_MAX 64u
#define KEEPALIVE_RETRY_MS 1000u        /* when one could not be composed */

struct keepalive {
    bool active;
    uint64_t due_ms;                    /* the next one */
    bool in_flight;
    uint32_t ref;
    uint64_t timeout_ms;                /* of the one in flight */
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
