/* SPDX-License-Identifier: MIT */
#include "sys/clock.h"

#include <errno.h>
#include <string.h>

#include "util/log.h"
#include "util/walltime.h"

int clock_difference(int64_t unix_ms, int64_t system_ms, int64_t *move_ms)
{
    *move_ms = 0;
    if (!walltime_credible(unix_ms))
        return -ERANGE;
    if (unix_ms - system_ms > CLOCK_DIFFERENCE_MIN_MS || system_ms - unix_ms > CLOCK_DIFFERENCE_MIN_MS)
        *move_ms = unix_ms - system_ms;
    return 0;
}

int clock_set_with(const struct clock_ops *ops, int64_t unix_ms)
{
    char text[WALLTIME_TEXT];
    struct timespec ts;
    int64_t move;
    int err = ops->get(&ts);

    if (err)
        return err;
    err = clock_difference(unix_ms, (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000, &move);
    if (err || !move) {
        if (err)
            log_warn("clock: time-rejected unix_ms=%lld", (long long)unix_ms);
        return err;
    }
    ts.tv_sec = (time_t)(unix_ms / 1000);
    ts.tv_nsec = (long)(unix_ms % 1000) * 1000000;
    walltime_print(unix_ms, 0, text);
    /* A 32-bit time_t overflows in 2038. */
    err = (int64_t)ts.tv_sec == unix_ms / 1000 ? ops->set(&ts) : -EOVERFLOW;
    if (err) {
        log_warn("clock: time-set-failed utc=%s reason=\"%s\"", text, strerror(-err));
        return err;
    }
    log_info("clock: time-set utc=%s moved_ms=%lld", text, (long long)move);
    return 0;
}

static int system_get(struct timespec *ts)
{
    return clock_gettime(CLOCK_REALTIME, ts) < 0 ? -errno : 0;
}

static int system_set(const struct timespec *ts)
{
    return clock_settime(CLOCK_REALTIME, ts) < 0 ? -errno : 0;
}

int clock_set(int64_t unix_ms)
{
    static const struct clock_ops ops = { system_get, system_set };

    return clock_set_with(&ops, unix_ms);
}
