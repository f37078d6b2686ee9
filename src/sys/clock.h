/* SPDX-License-Identifier: MIT */
/* The platform's clock: told to the boards and, where the config says so, followed by the system's. */
#ifndef SYS_CLOCK_H
#define SYS_CLOCK_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#define CLOCK_LEAST_MS 1000             /* smaller differences are left alone: Date has whole seconds */

/* Milliseconds the system's clock has to be moved so that it shows unix_ms. 0: no need to. -ERANGE: not a credible time. */
int clock_difference(int64_t unix_ms, int64_t system_ms, int64_t *move_ms);

/* The clock that is set: the system's, or a test's. Both return 0 or a negative errno. */
struct clock_ops {
    int (*get)(struct timespec *ts);
    int (*set)(const struct timespec *ts);
};

/* Sets the clock where that is worth it; logs what it did. -ERANGE, -EPERM, -errno. */
int clock_follow_with(const struct clock_ops *ops, int64_t unix_ms);
int clock_follow(int64_t unix_ms);      /* the system's */

#endif
