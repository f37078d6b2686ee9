/* SPDX-License-Identifier: MIT */
#include "shell/clock.h"

#include <errno.h>
#include <string.h>
#include <time.h>

#include "util/log.h"
#include "util/walltime.h"

#define YEAR_MS (INT64_C(31556952) * 1000)

/* The first of January of the year of the build, from "Mmm dd yyyy". */
static int64_t build_ms(void)
{
    static const char date[] = __DATE__;
    int year = (date[7] - '0') * 1000 + (date[8] - '0') * 100 + (date[9] - '0') * 10 + (date[10] - '0');

    /* Reproducible builds may stamp an old date; the year of this code's birth is the floor. */
    if (year < 2024)
        year = 2024;
    return (year - 1970) * YEAR_MS - YEAR_MS / 365;
}

int clock_difference(int64_t unix_ms, int64_t system_ms, int64_t *move_ms)
{
    int64_t first = build_ms();

    *move_ms = 0;
    if (unix_ms < first || unix_ms > first + CLOCK_YEARS * YEAR_MS)
        return -ERANGE;
    if (unix_ms - system_ms > CLOCK_LEAST_MS || system_ms - unix_ms > CLOCK_LEAST_MS)
        *move_ms = unix_ms - system_ms;
    return 0;
}

int clock_follow(int64_t unix_ms)
{
    char text[WALLTIME_TEXT];
    struct timespec ts;
    int64_t move;
    int err;

    clock_gettime(CLOCK_REALTIME, &ts);
    err = clock_difference(unix_ms, (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000, &move);
    if (err || !move) {
        if (err)
            log_warn("clock: the platform's time is not credible, ignored");
        return err;
    }
    ts.tv_sec = (time_t)(unix_ms / 1000);
    ts.tv_nsec = (long)(unix_ms % 1000) * 1000000;
    walltime_print(unix_ms, 0, text);
    if (clock_settime(CLOCK_REALTIME, &ts) < 0) {
        err = -errno;
        log_warn("clock: cannot set to %s UTC: %s", text, strerror(-err));
        return err;
    }
    log_info("clock: set to %s UTC, moved by %lld ms", text, (long long)move);
    return 0;
}
