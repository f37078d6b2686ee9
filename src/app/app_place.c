/* SPDX-License-Identifier: MIT */
/* Where the cameras are: the board knows, or the config. */
#include "app/app_priv.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "app/link.h"
#include "util/log.h"

/* 0, -ENOENT no such camera, -ENOTSUP the board does not know, or what it says. */
static int place_of(struct app *a, const char *id, struct board_geo *geo)
{
    struct camera *c = cameras_find(a->cameras, id);
    struct board_channel ch;

    if (!c)
        return -ENOENT;
    if (!c->ops || !c->ops->geo)
        return -ENOTSUP;
    ch = camera_board_channel(c);
    ch.has_position = device_place(a->device, c->id, &ch.longitude, &ch.latitude);
    memset(geo, 0, sizeof(*geo));
    return c->ops->geo(c->board, &ch, geo);
}

void app_answer_geo(struct app *a, struct link *k, const struct agent_event *ev)
{
    uint32_t token = ev->token;
    struct board_geo geo;
    struct gb_time now;
    int err = place_of(a, ev->channel, &geo);

    loop_time(a->loop, &now);
    agent_reply_geo(k->agent, token, err ? NULL : &geo, &now);
}

int app_video_upload(void *arg, const char *channel, char *err, size_t size)
{
    struct app *a = arg;
    struct board_geo geo;
    struct gb_time now;
    bool known = place_of(a, channel, &geo) == 0;
    int result = -ENETDOWN;

    loop_time(a->loop, &now);
    list_each(it, &a->links) {
        struct link *k = container_of(it, struct link, node);
        int ret = agent_video_upload(k->agent, channel, known ? &geo : NULL, &now);

        if (result && (ret != -ENETDOWN || result == -ENETDOWN))
            result = ret;
    }
    app_kick(a);
    if (result == -ENOENT)
        snprintf(err, size, "no channel %s", channel);
    else if (result)
        snprintf(err, size, "%s", result == -ENOTSUP ? "no platform has version = 2022" : "no platform is online");
    return result;
}

void app_device_changed(struct app *a)
{
    uint64_t serial = device_serial(a->device);
    struct gb_time now;

    if (serial == a->device_serial)
        return;
    a->device_serial = serial;
    loop_time(a->loop, &now);
    list_each(it, &a->links)
        agent_device_changed(container_of(it, struct link, node)->agent, &now);
}
