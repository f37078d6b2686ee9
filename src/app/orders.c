/* SPDX-License-Identifier: MIT */
#include "app/orders.h"

#include <errno.h>
#include <string.h>

#include "app/app.h"
#include "app/link.h"
#include "http/upgrade.h"
#include "manscdp/control.h"
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

/* ---- to the boards ------------------------------------------------------------------------------------ */

static int tell_channel(struct app *a, const char *id, const struct gb_control *c)
{
    struct camera *cam = cameras_find(a->cameras, id);

    return cam ? camera_control(cam, c) : -ENOENT;
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

static int tell_device(struct app *a, const char *id, const struct gb_control *c)
{
    (void)id;
    return cameras_control(a->cameras, c);
}

/* Told, and remembered where the device's state has a place for it. */
static int give(struct app *a, const struct control_order *o, const char *id, const struct gb_control *c)
{
    static int (*const tell[])(struct app *a, const char *id, const struct gb_control *c) = {
        [CONTROL_CHANNEL] = tell_channel, [CONTROL_CHANNELS] = tell_channel, [CONTROL_ITEM] = tell_item,
        [CONTROL_DEVICE] = tell_device,
    };
    int err = tell[o->target](a, id, c);

    if (err == -ENOTSUP && o->ours)
        err = 0;
    /* Channels that are not there any more have been dealt with: id is one of the config. */
    return err ? err : device_state_took(device_state(a->device), id, c);
}

/* Every channel; the first one that fails says how it went. */
static int give_all(struct app *a, const struct control_order *o, const struct gb_control *c)
{
    const struct device_item *item;
    int result = 0;

    for (unsigned i = 0; (item = device_item_at(a->device, i)); i++) {
        int err = item->cfg.kind == DEVICE_CHANNEL ? give(a, o, item->cfg.id, c) : 0;

        if (!result)
            result = err;
    }
    return result;
}

/* ---- what the daemon does itself ---------------------------------------------------------------------- */

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

static int order_upgrade(struct app *a, struct agent *from, const char *id, const struct gb_control *c)
{
    (void)id;
    return upgrade_order(a->upgrade, from, c);
}

/* All other orders are the boards'. */
static const struct {
    enum gb_control_kind kind;
    int (*run)(struct app *a, struct agent *from, const char *id, const struct gb_control *c);
} own[] = {
    { GB_CONTROL_IDR, order_idr },
    { GB_CONTROL_REBOOT, order_reboot },
    { GB_CONTROL_UPGRADE, order_upgrade },
};

/* ---- orders ------------------------------------------------------------------------------------------- */

/* 0, -EINPROGRESS (the answer comes later, by the order's own way), or a negative errno. */
static int carry_out(struct app *a, struct agent *from, const struct control_order *o, const char *id,
                     const struct gb_control *c)
{
    for (size_t i = 0; i < sizeof(own) / sizeof(own[0]); i++) {
        if (own[i].kind == o->kind)
            return own[i].run(a, from, id, c);
    }
    return o->target == CONTROL_CHANNELS && !id[0] ? give_all(a, o, c) : give(a, o, id, c);
}

void orders_control(struct app *a, struct link *k, const struct agent_event *ev)
{
    const struct gb_control c = *ev->u.control;
    const struct control_order *o = control_order_of(c.kind);
    const uint32_t token = ev->token;
    char id[GBID_SIZE];
    struct gb_time now;
    int err;

    span_copy(span_of(ev->channel), id, sizeof(id));
    err = o ? carry_out(a, k->agent, o, id, &c) : -ENOTSUP;
    if (err == -EINPROGRESS)
        return;
    loop_time(a->loop, &now);
    if (err)
        log_warn_gated(&a->orders.failures, now.mono_ms, "%s: %s of %s failed: %s", k->cfg.agent.name, o ? o->name : "?",
                       id[0] ? id : "the device", err == -ENOENT ? "there is no such thing" : strerror(-err));
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
            (void)tell_channel(a, id, &c);
    }
    if (!home)
        return;
    c = (struct gb_control){ .kind = GB_CONTROL_HOME, .u.home = *home };
    (void)tell_channel(a, id, &c);
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
