/* SPDX-License-Identifier: MIT */
/* The cameras of a config, with their dependencies. */
#ifndef TESTS_UNIT_CAMERAS_WORLD_H
#define TESTS_UNIT_CAMERAS_WORLD_H

#include "support.h"

#include "cameras/camera.h"

struct world {
    struct loop *loop;
    struct device *device;
    struct cameras *cameras;
    struct conf *conf;
};

static void world_event(void *arg, const struct board_event *ev)
{
    (void)arg;
    (void)ev;
}

static void world_gone(void *arg, struct camera *c)
{
    (void)arg;
    (void)c;
}

/* Takes conf. event: as in struct cameras_config; NULL: events are ignored. */
static struct world world_of(struct conf *conf, void (*event)(void *arg, const struct board_event *ev))
{
    struct world w = { .conf = conf };

    assert_int_equal(loop_new(&w.loop), 0);
    assert_int_equal(device_new(&conf->device, &w.device), 0);
    const struct cameras_config cc = {
        .loop = w.loop,
        .device = w.device,
        .event = event ? event : world_event,
        .gone = world_gone,
    };
    assert_int_equal(cameras_new(&cc, &w.cameras), 0);
    assert_int_equal(cameras_apply(w.cameras, conf), 0);
    return w;
}

static void world_free(struct world *w)
{
    cameras_free(w->cameras);
    device_free(w->device);
    loop_free(w->loop);
    conf_free(w->conf);
}

#endif
