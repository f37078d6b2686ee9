/* SPDX-License-Identifier: MIT */
/* The commands of the control socket. */
#include "app/app.h"

#include <errno.h>
#include <stdio.h>

#include "app/status.h"
#include "util/log.h"

static int ctl_snapshot(void *arg, struct ctl_snapshot *out)
{
    struct app *a = arg;

    return status_snapshot(&a->parts, out);
}

static int ctl_alarm(void *arg, const struct agent_alarm *al, char *reason, size_t size)
{
    struct app *a = arg;
    int err = alarm_dispatch_request(&a->alarm_dispatch, al, reason, size);

    app_kick(a);
    return err;
}

static int ctl_input(void *arg, const char *id, enum ctl_input how, bool *on, char *reason, size_t size)
{
    struct app *a = arg;
    const struct device_item *item = device_item_find(a->parts.device, span_of(id));
    int state, err;

    if (!item || item->cfg.kind != DEVICE_ALARM_INPUT) {
        snprintf(reason, size, "no alarm input %s", id);
        return -ENOENT;
    }
    state = how == CTL_INPUT_ON || how == CTL_INPUT_OFF ? how == CTL_INPUT_ON : cameras_input(a->parts.cameras, id);
    if (state < 0) {
        snprintf(reason, size, "the board cannot read its alarm inputs");
        return state;
    }
    *on = how == CTL_INPUT_TOGGLE ? !state : state > 0;
    err = how == CTL_INPUT_READ ? 0 : cameras_input_set(a->parts.cameras, id, *on);
    if (err == -ENOTSUP)
        snprintf(reason, size, "the board cannot simulate alarm inputs");
    return err;
}

static int ctl_channel(void *arg, const char *id, enum board_channel_state state, char *reason, size_t size)
{
    struct app *a = arg;
    const struct device_item *item = device_item_find(a->parts.device, span_of(id));
    struct board_event ev = { .kind = BOARD_CHANNEL, .state = state };
    int err;

    if (!item || item->cfg.kind != DEVICE_CHANNEL) {
        snprintf(reason, size, "no channel %s", id);
        return -ENOENT;
    }
    span_copy(span_of(id), ev.id, sizeof(ev.id));
    err = cameras_simulate(a->parts.cameras, &ev);
    if (err == -ENOTSUP)
        snprintf(reason, size, "the board cannot simulate channel states");
    return err;
}

static int ctl_idr(void *arg, const char *channel, char *reason, size_t size)
{
    struct app *a = arg;
    struct camera *c = cameras_find(a->parts.cameras, channel);

    if (!c) {
        snprintf(reason, size, "no channel %s", channel);
        return -ENOENT;
    }
    camera_request_idr(c);
    return 0;
}

static int ctl_upload(void *arg, const char *channel, char *reason, size_t size)
{
    struct app *a = arg;
    struct board_geo geo;
    struct gb_time now;
    bool known = cameras_geo(a->parts.cameras, channel, &geo) == 0;
    int result = -ENETDOWN;

    loop_time(a->parts.loop, &now);
    list_each(it, &a->parts.platforms) {
        struct platform *pf = container_of(it, struct platform, node);
        int err = agent_video_upload(pf->agent, channel, known ? &geo : NULL, &now);

        if (result && (err != -ENETDOWN || result == -ENETDOWN))
            result = err;
    }
    app_kick(a);
    if (result == -ENOENT)
        snprintf(reason, size, "no channel %s", channel);
    else if (result)
        snprintf(reason, size, "%s", result == -ENOTSUP ? "no platform has version = 2022" : "no platform is online");
    return result;
}

static int ctl_reload(void *arg, char *reason, size_t size)
{
    return app_reload(arg, reason, size);
}

static int ctl_log_level(void *arg, enum log_level level, char *reason, size_t size)
{
    struct app *a = arg;
    int err = level == LOG_L_TRACE ? trace_check(&a->trace, "", reason, size) : 0;

    if (err)
        return err;
    log_set_level(level);
    trace_refresh(&a->trace);
    log_info("gbagentd: log-level level=%s", log_level_name(level));
    return 0;
}

static int ctl_trace_wanted(void *arg, const char *platform, char *reason, size_t size)
{
    struct app *a = arg;

    return trace_check(&a->trace, platform, reason, size);
}

static void ctl_trace_clients(void *arg, unsigned clients)
{
    struct app *a = arg;

    a->trace.followers = clients;
    trace_refresh(&a->trace);
}

const struct ctl_ops app_ctl_ops = {
    .snapshot = ctl_snapshot,
    .alarm = ctl_alarm,
    .input = ctl_input,
    .channel = ctl_channel,
    .idr = ctl_idr,
    .reload = ctl_reload,
    .log_level = ctl_log_level,
    .upload = ctl_upload,
    .trace = ctl_trace_wanted,
    .trace_clients = ctl_trace_clients,
};
