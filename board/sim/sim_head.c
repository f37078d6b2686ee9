/* SPDX-License-Identifier: MIT */
/* Motion of the virtual head: at given rates, to a target, along a cruise with stays, back and forth between two
 * limits, and home after an idle time. The caller passes the time. */
#include "board/sim/sim.h"

#include <errno.h>
#include <math.h>
#include <string.h>

#define CRUISE_SPEED 20.0 /* default, degrees per second */
#define SPEED_STEP   4.0  /* per speed level, 1 to 15 in 2022 */
#define HOME_SPEED   60.0
#define ZOOM_RATE    10.0    /* on the way to a target */
#define STEPS_MAX    100000u /* changes of motion per call */
#define NEVER        UINT64_MAX

static double clamp(double v, double low, double high)
{
    return v < low ? low : v > high ? high : v;
}

static double wrap(double pan)
{
    pan -= 360.0 * (double)(long long)(pan / 360.0);
    return pan < 0 ? pan + 360.0 : pan;
}

/* The shorter way round. */
static double pan_way(double from, double to)
{
    double way = wrap(to - from);
    return way > 180.0 ? way - 360.0 : way;
}

static uint64_t us_of(double seconds)
{
    return seconds <= 0 ? 0 : (uint64_t)(seconds * 1e6) + 1;
}

/* ---- towards a target ------------------------------------------------------------------------------------ */

static double travel_s(const struct sim_camera *c)
{
    double pan = fabs(pan_way(c->now.pan, c->target.pan)) / c->speed;
    double tilt = fabs(c->target.tilt - c->now.tilt) / c->speed;
    double zoom = fabs(c->target.zoom - c->now.zoom) / ZOOM_RATE;
    double turn = pan > tilt ? pan : tilt;

    return turn > zoom ? turn : zoom;
}

static double limit(double way, double step)
{
    return way > step ? step : way < -step ? -step : way;
}

static void go_on(struct sim_camera *c, double s)
{
    c->now.pan = wrap(c->now.pan + limit(pan_way(c->now.pan, c->target.pan), c->speed * s));
    c->now.tilt += limit(c->target.tilt - c->now.tilt, c->speed * s);
    c->now.zoom += limit(c->target.zoom - c->now.zoom, ZOOM_RATE * s);
}

void sim_head_go(struct sim_camera *c, const struct sim_position *to, double speed)
{
    c->target.pan = wrap(to->pan);
    c->target.tilt = clamp(to->tilt, SIM_TILT_MIN, SIM_TILT_MAX);
    c->target.zoom = clamp(to->zoom, 1.0, SIM_ZOOM_MAX);
    c->speed = speed;
    c->motion = SIM_GOING;
}

void sim_head_stop(struct sim_camera *c, uint64_t now_us)
{
    c->pan_rate = c->tilt_rate = c->zoom_rate = 0.0;
    c->motion = SIM_STILL;
    c->idle_us = now_us;
}

/* ---- cruises ---------------------------------------------------------------------------------------------- */

/* Goes to the first point, from `from` on, whose preset is set; false: there is none. */
static bool cruise_to(struct sim_camera *c, unsigned from)
{
    const struct sim_cruise *cruise = c->cruise[c->group];

    for (unsigned i = 0; cruise && i < cruise->npoints; i++) {
        unsigned at = (from + i) % cruise->npoints;
        unsigned preset = cruise->point[at];
        unsigned speed = cruise->speed > 15 ? 15 : cruise->speed;
        if (!c->preset_set[preset])
            continue;
        sim_head_go(c, &c->preset[preset], speed ? speed * SPEED_STEP : CRUISE_SPEED);
        c->at = at;
        c->motion = SIM_CRUISE_GOING;
        return true;
    }
    return false;
}

int sim_head_cruise(struct sim_camera *c, unsigned group)
{
    c->group = group;
    return cruise_to(c, 0) ? 0 : -ENOENT;
}

static void cruise_stay(struct sim_camera *c)
{
    c->motion = SIM_CRUISE_STAYING;
    c->until_us = c->moved_us + c->cruise[c->group]->stay_s * 1000000ull;
}

/* ---- scans ------------------------------------------------------------------------------------------------ */

void sim_head_scan(struct sim_camera *c, double left, double right, double speed)
{
    c->scan_left = wrap(left);
    c->scan_right = wrap(right);
    c->pan_rate = speed;
    c->motion = SIM_SCAN;
}

/* Seconds until the limit ahead. */
static double scan_left_s(const struct sim_camera *c)
{
    /* From outside the limits it enters in its current direction. */
    double edge = c->pan_rate > 0 ? wrap(c->scan_right - c->now.pan) : wrap(c->now.pan - c->scan_left);

    return edge / fabs(c->pan_rate);
}

/* ---- time ------------------------------------------------------------------------------------------------- */

static void free_on(struct sim_camera *c, double s)
{
    c->now.pan = wrap(c->now.pan + c->pan_rate * s);
    c->now.tilt = clamp(c->now.tilt + c->tilt_rate * s, SIM_TILT_MIN, SIM_TILT_MAX);
    c->now.zoom = clamp(c->now.zoom + c->zoom_rate * s, 1.0, SIM_ZOOM_MAX);
}

/* When the current motion ends by itself. */
static uint64_t next_change(const struct sim_camera *c)
{
    switch (c->motion) {
    case SIM_GOING:
    case SIM_CRUISE_GOING:
        return c->moved_us + us_of(travel_s(c));
    case SIM_CRUISE_STAYING:
        return c->until_us;
    case SIM_SCAN: /* without limits it turns endlessly */
        return wrap(c->scan_right - c->scan_left) < 0.01 ? NEVER : c->moved_us + us_of(scan_left_s(c));
    case SIM_STILL:
        if (c->home.enabled) {
            uint64_t s = c->home.has_reset_time ? c->home.reset_time_s : SIM_HOME_S;
            return c->idle_us + s * 1000000ull;
        }
        return NEVER;
    case SIM_FREE:
    default:
        return NEVER;
    }
}

static bool at_home(const struct sim_camera *c, const struct sim_position *home)
{
    return fabs(pan_way(c->now.pan, home->pan)) < 0.001 && fabs(c->now.tilt - home->tilt) < 0.001 &&
           fabs(c->now.zoom - home->zoom) < 0.001;
}

static void go_home(struct sim_camera *c)
{
    static const struct sim_position origin = { 0, 0, 1 };
    const bool known = c->home.has_preset && c->preset_set[c->home.preset & 0xFFu];
    const struct sim_position *home = known ? &c->preset[c->home.preset & 0xFFu] : &origin;

    if (at_home(c, home)) {
        c->idle_us = c->moved_us + 1000000u; /* already there: check again later */
        return;
    }
    sim_head_go(c, home, HOME_SPEED);
}

static void change(struct sim_camera *c)
{
    switch (c->motion) {
    case SIM_GOING:
        sim_head_stop(c, c->moved_us);
        break;
    case SIM_CRUISE_GOING:
        cruise_stay(c);
        break;
    case SIM_CRUISE_STAYING:
        if (!cruise_to(c, c->at + 1))
            sim_head_stop(c, c->moved_us);
        break;
    case SIM_SCAN:
        c->pan_rate = -c->pan_rate;
        break;
    case SIM_STILL:
        go_home(c);
        break;
    case SIM_FREE:
    default:
        break;
    }
}

static void move(struct sim_camera *c, uint64_t to_us)
{
    double s = (double)(to_us - c->moved_us) / 1e6;

    if (c->motion == SIM_FREE || c->motion == SIM_SCAN)
        free_on(c, s);
    else if (c->motion == SIM_GOING || c->motion == SIM_CRUISE_GOING)
        go_on(c, s);
    c->moved_us = to_us;
}

void sim_head_advance(struct sim_camera *c, uint64_t now_us)
{
    for (unsigned i = 0; i < STEPS_MAX && c->moved_us < now_us; i++) {
        uint64_t next = next_change(c);
        bool changes = next <= now_us;

        /* Every change takes time: a cruise of one point without a stay would loop forever. */
        if (changes && next <= c->moved_us) {
            next = c->moved_us + 1000u;
            if (next > now_us)
                next = now_us;
        }
        move(c, changes ? next : now_us);
        if (changes)
            change(c);
    }
    if (c->moved_us < now_us)
        c->moved_us = now_us;
}
