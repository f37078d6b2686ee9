/* SPDX-License-Identifier: MIT */
/* Sets the system clock from the platform's time, if so configured. */
#ifndef SYS_CLOCK_H
#define SYS_CLOCK_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#define CLOCK_DIFFERENCE_MIN_MS 1000 /* smaller differences are ignored: Date has whole seconds */

/* *move_ms: by how much the system clock must change to show unix_ms; 0: too little to matter. -ERANGE: implausible
 * time. */
int clock_difference(int64_t unix_ms, int64_t system_ms, int64_t *move_ms);

/* The clock to set: the system's, or a test's. Both return 0 or a negative errno. */
struct clock_ops {
    int (*get)(struct timespec *ts);
    int (*set)(const struct timespec *ts);
};

/* Sets the clock if it differs; logs the result. -ERANGE, -EPERM, -errno. */
int clock_set_with(const struct clock_ops *ops, int64_t unix_ms);
int clock_set(int64_t unix_ms); /* the system's */

#endif
