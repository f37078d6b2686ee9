/* SPDX-License-Identifier: MIT */
#include "app/orders.h"

#include <errno.h>
#include <string.h>

#include "app/app.h"
#include "app/link.h"
#include "http/upgrade.h"
#include "util/log.h"

void orders_init(struct orders *o, struct app *a, void (*resume)(struct app *a))
{
    memset(o, 0, sizeof(*o));
    o->app = a;
    o->resume = resume;
}

void orders_free(struct orders *o)
{
    if (o->app)
        loop_timer_del(o->app->loop, &o->reboot);
}

/* ---- restart ---------------------------------------------------------------------------------------- */

static void register_again(struct app *a)
{
    a->orders.rebooting = false;
    if (a->stopping)
        return;
    log_info("registering again");
    a->orders.resume(a);
}

static void on_reboot(struct loop_timer *t, void *arg)
{
    static const struct gb_control reboot = { .kind = GB_CONTROL_REBOOT };
    struct app *a = arg;
    int err;

    if (a->orders.returned || a->stopping) {
        register_again(a);
        return;
    }
    a->orders.returned = true;
    err = cameras_control(a->cameras, &reboot);
    if (err) {
        log_error("restart: %s", strerror(-err));
        register_again(a);
        return;
    }
    (void)loop_timer_at(a->loop, t, loop_now_us(a->loop) + ORDERS_RETURN_MS * 1000u, on_reboot, a);
}

static bool rebooted_lately(const struct app *a, const struct agent *from)
{
    const struct agent_config *cfg = agent_get_config(from);
    bool lately = a->orders.rebooted_us &&
                  loop_now_us(a->loop) - a->orders.rebooted_us < cfg->control_interval_s * 1000000ull;

    if (lately)
        log_warn("%s: TeleBoot refused: the last one was less than %u s ago", cfg->name, (unsigned)cfg->control_interval_s);
    return lately;
}

static int order_reboot(struct app *a, struct agent *from, const char *id, const struct gb_control *c)
{
    struct gb_time now;

    (void)id;
    if (!cameras_can(a->cameras, c->kind))
        return -ENOTSUP;
    if (a->orders.rebooting)
        return -EALREADY;
    if (rebooted_lately(a, from))
        return -EAGAIN;
    a->orders.rebooting = true;
    a->orders.returned = false;
    a->orders.rebooted_us = loop_now_us(a->loop);
    /* The platforms hear of it before the board goes down. */
    loop_time(a->loop, &now);
    list_each(it, &a->links) {
        struct link *k = container_of(it, struct link, node);

        k->removed = true;
        agent_stop(k->agent, now.mono_ms + ORDERS_REBOOT_MS, &now);
    }
    (void)loop_timer_at(a->loop, &a->orders.reboot, loop_now_us(a->loop) + ORDERS_REBOOT_MS * 1000u, on_reboot, a);
    return 0;
}

/* ---- the others --------------------------------------------------------------------------------------- */

static int order_channel(struct app *a, struct agent *from, const char *id, const struct gb_control *c)
{
    struct camera *cam = cameras_find(a->cameras, id);

    (void)from;
    return cam ? camera_control(cam, c) : -ENOENT;
}

/* Channels that are not there any more have been dealt with by the caller: id is one of the config. */
static int take(struct app *a, const char *id, const struct gb_control *c)
{
    return device_state_took(device_state(a->device), id, c);
}

static int order_kept(struct app *a, struct agent *from, const char *id, const struct gb_control *c)
{
    int err = order_channel(a, from, id, c);

    return err ? err : take(a, id, c);
}

static int order_idr(struct app *a, struct agent *from, const char *id, const struct gb_control *c)
{
    struct camera *cam = cameras_find(a->cameras, id);

    (void)c;
    (void)from;
    if (!cam)
        return -ENOENT;
    camera_request_idr(cam);
    return 0;
}

/* The device: every channel, and the first one that fails says how it went. */
static int order_record(struct app *a, struct agent *from, const char *id, const struct gb_control *c)
{
    const struct device_item *item;
    int result = 0;

    if (id[0])
        return order_kept(a, from, id, c);
    for (unsigned i = 0; (item = device_item_at(a->device, i)); i++) {
        int err = item->cfg.kind == DEVICE_CHANNEL ? order_kept(a, from, item->cfg.id, c) : 0;

        if (!result)
            result = err;
    }
    return result;
}

/* To the board of a channel; to every board when it is for the device or for an item that is no channel: they are told
 * which. */
static int tell_item(struct app *a, const char *id, const struct gb_control *c)
{
    struct camera *cam = id[0] ? cameras_find(a->cameras, id) : NULL;
    struct gb_control named = *c;

    if (cam)
        return camera_control(cam, c);
    span_copy(span_of(id), named.item, sizeof(named.item));
    return cameras_control(a->cameras, &named);
}

/* The guard is the daemon's: it says which alarms go out. A board that can do more with it is told. */
static int order_guard(struct app *a, struct agent *from, const char *id, const struct gb_control *c)
{
    int err = tell_item(a, id, c);

    (void)from;
    return err && err != -ENOTSUP ? err : take(a, id, c);
}

static int order_alarm_reset(struct app *a, struct agent *from, const char *id, const struct gb_control *c)
{
    int err = tell_item(a, id, c);

    (void)from;
    return err == -ENOTSUP ? 0 : err;
}

static int order_device(struct app *a, struct agent *from, const char *id, const struct gb_control *c)
{
    (void)id;
    (void)from;
    return cameras_control(a->cameras, c);
}

static int order_upgrade(struct app *a, struct agent *from, const char *id, const struct gb_control *c)
{
    (void)id;
    return upgrade_order(a->upgrade, from, c);
}

/* 0, -EINPROGRESS (the answer comes later, by the order's own way), or a negative errno. */
static int (*const orders[])(struct app *a, struct agent *from, const char *id, const struct gb_control *c) = {
    [GB_CONTROL_PTZ] = order_kept,
    [GB_CONTROL_IDR] = order_idr,
    [GB_CONTROL_REBOOT] = order_reboot,
    [GB_CONTROL_RECORD] = order_record,
    [GB_CONTROL_GUARD] = order_guard,
    [GB_CONTROL_ALARM_RESET] = order_alarm_reset,
    [GB_CONTROL_DRAG_ZOOM] = order_channel,
    [GB_CONTROL_HOME] = order_kept,
    [GB_CONTROL_PRECISE] = order_channel,
    [GB_CONTROL_FORMAT] = order_device,
    [GB_CONTROL_TRACK] = order_channel,
    [GB_CONTROL_UPGRADE] = order_upgrade,
};

void orders_control(struct app *a, struct link *k, const struct agent_event *ev)
{
    static const char *const names[] = {
        [GB_CONTROL_PTZ] = "PTZ", [GB_CONTROL_IDR] = "IFrame", [GB_CONTROL_REBOOT] = "TeleBoot",
        [GB_CONTROL_RECORD] = "RecordCmd", [GB_CONTROL_GUARD] = "GuardCmd", [GB_CONTROL_ALARM_RESET] = "AlarmCmd",
        [GB_CONTROL_DRAG_ZOOM] = "DragZoom", [GB_CONTROL_HOME] = "HomePosition", [GB_CONTROL_PRECISE] = "PTZPreciseCtrl",
        [GB_CONTROL_FORMAT] = "FormatSDCard", [GB_CONTROL_TRACK] = "TargetTrack", [GB_CONTROL_UPGRADE] = "DeviceUpgrade",
    };
    const struct gb_control c = *ev->u.control;
    const unsigned kind = (unsigned)c.kind;
    const uint32_t token = ev->token;
    char id[GBID_SIZE];
    struct gb_time now;
    int err = -ENOTSUP;

    span_copy(span_of(ev->channel), id, sizeof(id));
    if (kind < sizeof(orders) / sizeof(orders[0]) && orders[kind])
        err = orders[kind](a, k->agent, id, &c);
    if (err == -EINPROGRESS)
        return;
    loop_time(a->loop, &now);
    if (err)
        log_warn_gated(&a->orders.failures, now.mono_ms, "%s: %s of %s failed: %s", k->cfg.agent.name,
                       kind < sizeof(names) / sizeof(names[0]) ? names[kind] : "?", id[0] ? id : "the device",
                       err == -ENOENT ? "there is no such thing" : strerror(-err));
    if (token)
        agent_reply_result(k->agent, token, err, &now);
    device_store_save(&a->device_store);
}

/* ---- after a restart ------------------------------------------------------------------------------------- */

static void restore_channel(struct app *a, const char *id)
{
    const struct device_state *s = device_state(a->device);
    const struct gb_home *home = device_state_home(s, id);
    struct gb_control c = { .kind = GB_CONTROL_RECORD };
    uint32_t records = device_state_records(s, id);

    c.u.record.on = true;
    for (unsigned i = 0; i < DEVICE_STREAMS_MAX; i++) {
        c.u.record.stream = i;
        if (records >> i & 1u)
            (void)order_channel(a, NULL, id, &c);
    }
    if (!home)
        return;
    c = (struct gb_control){ .kind = GB_CONTROL_HOME, .u.home = *home };
    (void)order_channel(a, NULL, id, &c);
}

/* The device first: it overrules what is said of its items. */
static void restore_guard(struct app *a, const char *id, enum device_guard already)
{
    const enum device_guard guard = device_state_guard(device_state(a->device), id);
    const struct gb_control c = { .kind = GB_CONTROL_GUARD, .u.guard.on = guard == DEVICE_GUARD_ON };

    if (guard != already)
        (void)tell_item(a, id, &c);
}

void orders_restore(struct orders *o)
{
    struct app *a = o->app;
    const struct device_item *item;

    restore_guard(a, "", DEVICE_GUARD_UNSET);
    for (unsigned i = 0; (item = device_item_at(a->device, i)); i++) {
        restore_guard(a, item->cfg.id, device_state_guard(device_state(a->device), ""));
        if (item->cfg.kind == DEVICE_CHANNEL)
            restore_channel(a, item->cfg.id);
    }
}
