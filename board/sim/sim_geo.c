/* SPDX-License-Identifier: MIT */
/* A simulated walk: a circle of 55 m radius around the configured position, in five minutes. */
#include "board/sim/sim.h"

#include <string.h>

#define LONGITUDE 116.397 /* default: Beijing */
#define LATITUDE  39.908
#define RADIUS    0.0005 /* degrees */
#define ROUND_US  300000000u
#define SPEED     4.2 /* km/h: 2 pi 55 m in five minutes */
#define STEPS     24u

/* Sines of 0, 15, 30 ... 360 degrees, interpolated linearly. */
static const double sines[STEPS + 1] = {
    0,        0.258819,  0.5,       0.707107,  0.866025,  0.965926,  1,         0.965926,  0.866025,
    0.707107, 0.5,       0.258819,  0,         -0.258819, -0.5,      -0.707107, -0.866025, -0.965926,
    -1,       -0.965926, -0.866025, -0.707107, -0.5,      -0.258819, 0,
};

/* turn: 0..1, the fraction of a circle. */
static double sine(double turn)
{
    double at = turn * STEPS;
    unsigned i = (unsigned)at % STEPS;

    return sines[i] + (sines[i + 1] - sines[i]) * (at - (double)(unsigned)at);
}

int sim_geo(struct board *b, const struct board_channel *ch, struct board_geo *out)
{
    double turn = (double)(sim_now_us() % ROUND_US) / ROUND_US;
    bool placed = ch && ch->has_position;

    (void)b;
    memset(out, 0, sizeof(*out));
    out->longitude = (placed ? ch->longitude : LONGITUDE) + RADIUS * sine(turn);
    out->latitude = (placed ? ch->latitude : LATITUDE) + RADIUS * sine(turn + 0.25);
    out->speed = SPEED;
    /* Clockwise: due east when north of the centre. */
    out->direction = turn < 0.75 ? 90.0 + 360.0 * turn : 360.0 * turn - 270.0;
    out->altitude = 50.0;
    return 0;
}
