/* SPDX-License-Identifier: MIT */
#include "app/device_control.h"

#include <errno.h>
#include <string.h>

#include "app/parts.h"
#include "manscdp/control.h"
#include "util/log.h"

void device_control_init(struct device_control *dc, struct parts *p, void (*resume)(void *arg), void *arg)
{
    memset(dc, 0, sizeof(*dc));
    dc->parts = p;
    dc->resume = resume;
    dc->arg = arg;
}

void device_control_free(struct device_control *dc)
{
    if (dc->parts)
        loop_timer_del(dc->parts->loop, &dc->reboot);
}

/* ---- restart ---------------------------------------------------------------------------------------- */

static void resume(struct device_control *dc)
{
    dc->rebooting = false;
    if (dc->parts->stopping)
        return;
    log_info("gbagentd: reboot-abandoned");
    dc->resume(dc->arg);
}

static void on_reboot(struct loop_timer *t, void *arg)
{
    static const struct gb_control reboot = { .kind = GB_CONTROL_REBOOT };
    struct device_control *dc = arg;
    int err;

    if (dc->waited || dc->parts->stopping) {
        resume(dc);
        return;
    }
    dc->waited = true;
    err = cameras_control(dc->parts->cameras, &reboot);
    if (err) {
        log_error("gbagentd: reboot-failed reason=\"%s\"", strerror(-err));
        resume(dc);
        return;
    }
    (void)loop_timer_at(dc->parts->loop, t, loop_now_us(dc->parts->loop) + DEVICE_CONTROL_RETURN_MS * 1000u, on_reboot,
                        dc);
}

static bool is_too_soon(struct device_control *dc, const struct agent *from)
{
    const struct agent_config *cfg = agent_get_config(from);
    const uint64_t now_us = loop_now_us(dc->parts->loop);

    if (!dc->rebooted_us || now_us - dc->rebooted_us >= cfg->control_interval_s * 1000000ull)
        return false;
    log_warn_gated(&dc->failures, now_us / 1000u,
                   "%s: control-refused command=TeleBoot reason=\"too soon after the last one\"", cfg->name);
    return true;
}

static int do_reboot(struct device_control *dc, struct agent *from, const char *id, const struct gb_control *c)
{
    struct parts *p = dc->parts;
    struct gb_time now;

    (void)id;
    if (!cameras_can(p->cameras, c->kind))
        return -ENOTSUP;
    if (dc->rebooting)
        return -EALREADY;
    if (is_too_soon(dc, from))
        return -EAGAIN;
    dc->rebooting = true;
    dc->waited = false;
    dc->rebooted_us = loop_now_us(p->loop);
    /* Unregister before the board goes down. */
    loop_time(p->loop, &now);
    list_each(it, &p->platforms) {
        struct platform *pf = container_of(it, struct platform, node);

        pf->removed = true;
        agent_stop(pf->agent, now.mono_ms + DEVICE_CONTROL_REBOOT_MS, &now);
    }
    (void)loop_timer_at(p->loop, &dc->reboot, loop_now_us(p->loop) + DEVICE_CONTROL_REBOOT_MS * 1000u, on_reboot, dc);
    return 0;
}

/* ---- to the boards ------------------------------------------------------------------------------------ */

static int send_to_channel(struct parts *p, const char *id, const struct gb_control *c)
{
    struct camera *cam = cameras_find(p->cameras, id);

    return cam ? camera_control(cam, c) : -ENOENT;
}

/* To the board of a channel; to all boards, with the item's ID, for the device and for items other than channels. */
static int send_to_item(struct parts *p, const char *id, const struct gb_control *c)
{
    struct camera *cam = id[0] ? cameras_find(p->cameras, id) : NULL;
    struct gb_control named = *c;

    if (cam)
        return camera_control(cam, c);
    span_copy(span_of(id), named.item, sizeof(named.item));
    return cameras_control(p->cameras, &named);
}

static int send_to_device(struct parts *p, const char *id, const struct gb_control *c)
{
    (void)id;
    return cameras_control(p->cameras, c);
}

/* Sends it to the board, then updates the device's state. */
static int apply(struct parts *p, const struct control_command *cmd, const char *id, const struct gb_control *c)
{
    static int (*const send[])(struct parts * p, const char *id, const struct gb_control *c) = {
        [CONTROL_CHANNEL] = send_to_channel,
        [CONTROL_CHANNELS] = send_to_channel,
        [CONTROL_ITEM] = send_to_item,
        [CONTROL_DEVICE] = send_to_device,
    };
    int err = send[cmd->target](p, id, c);

    if (err == -ENOTSUP && cmd->builtin)
        err = 0;
    /* Not -ENOENT for a channel removed meanwhile: id is in the config. */
    return err ? err : device_state_apply(device_state(p->device), id, c);
}

/* All channels. Returns the first error. */
static int apply_to_channels(struct parts *p, const struct control_command *cmd, const struct gb_control *c)
{
    const struct device_item *item;
    int first = 0;

    for (unsigned i = 0; (item = device_item_at(p->device, i)); i++) {
        int err = item->cfg.kind == DEVICE_CHANNEL ? apply(p, cmd, item->cfg.id, c) : 0;

        if (!first)
            first = err;
    }
    return first;
}

/* ---- commands that the daemon executes --------------------------------------------------------------------- */

static int do_idr(struct device_control *dc, struct agent *from, const char *id, const struct gb_control *c)
{
    struct camera *cam = cameras_find(dc->parts->cameras, id);

    (void)c;
    (void)from;
    if (!cam)
        return -ENOENT;
    camera_request_idr(cam);
    return 0;
}

static int do_upgrade(struct device_control *dc, struct agent *from, const char *id, const struct gb_control *c)
{
    (void)id;
    return upgrade_start(dc->parts->upgrade, from, c);
}

/* All other commands go to the boards. */
static const struct {
    enum gb_control_kind kind;
    int (*run)(struct device_control *dc, struct agent *from, const char *id, const struct gb_control *c);
} handlers[] = {
    { GB_CONTROL_IDR, do_idr },
    { GB_CONTROL_REBOOT, do_reboot },
    { GB_CONTROL_UPGRADE, do_upgrade },
};

/* ---- execution ---------------------------------------------------------------------------------------- */

/* 0, -EINPROGRESS (the command sends its result later), or a negative errno. */
static int execute(struct device_control *dc, struct agent *from, const struct control_command *cmd, const char *id,
                   const struct gb_control *c)
{
    for (size_t i = 0; i < sizeof(handlers) / sizeof(handlers[0]); i++)
        if (handlers[i].kind == cmd->kind)
            return handlers[i].run(dc, from, id, c);
    return cmd->target == CONTROL_CHANNELS && !id[0] ? apply_to_channels(dc->parts, cmd, c)
                                                     : apply(dc->parts, cmd, id, c);
}

void device_control_execute(struct device_control *dc, struct platform *pf, const struct agent_event *ev)
{
    const struct gb_control c = *ev->u.control;
    const struct control_command *cmd = control_command_of(c.kind);
    const uint32_t token = ev->token;
    char id[GBID_SIZE];
    struct gb_time now;
    int err;

    span_copy(span_of(ev->channel), id, sizeof(id));
    err = cmd ? execute(dc, pf->agent, cmd, id, &c) : -ENOTSUP;
    if (err == -EINPROGRESS)
        return;
    loop_time(dc->parts->loop, &now);
    if (err)
        log_warn_gated(&dc->failures, now.mono_ms, "%s: control-failed command=%s channel=%s reason=\"%s\"",
                       pf->cfg.agent.name, cmd ? cmd->name : "unknown",
                       id[0] ? id : device_config(dc->parts->device)->id,
                       err == -ENOENT ? "Not found" : strerror(-err));
    if (token)
        agent_reply_result(pf->agent, token, err, &now);
    device_store_save(&dc->parts->device_store);
}

/* ---- after a restart ------------------------------------------------------------------------------------- */

static void restore_channel(struct parts *p, const char *id)
{
    const struct device_state *s = device_state(p->device);
    const struct gb_home *home = device_state_home(s, id);
    struct gb_control c = { .kind = GB_CONTROL_RECORD };
    uint32_t records = device_state_records(s, id);

    c.u.record.on = true;
    for (unsigned i = 0; i < DEVICE_STREAMS_MAX; i++) {
        c.u.record.stream = i;
        if (records >> i & 1u)
            (void)send_to_channel(p, id, &c);
    }
    if (!home)
        return;
    c = (struct gb_control){ .kind = GB_CONTROL_HOME, .u.home = *home };
    (void)send_to_channel(p, id, &c);
}

/* The device comes first, because its guard state overrides that of its items. */
static void restore_guard(struct parts *p, const char *id, enum device_guard already)
{
    const enum device_guard guard = device_state_guard(device_state(p->device), id);
    const struct gb_control c = { .kind = GB_CONTROL_GUARD, .u.guard.on = guard == DEVICE_GUARD_ON };

    if (guard != already)
        (void)send_to_item(p, id, &c);
}

void device_control_restore(struct device_control *dc)
{
    struct parts *p = dc->parts;
    const struct device_item *item;

    restore_guard(p, "", DEVICE_GUARD_UNSET);
    for (unsigned i = 0; (item = device_item_at(p->device, i)); i++) {
        restore_guard(p, item->cfg.id, device_state_guard(device_state(p->device), ""));
        if (item->cfg.kind == DEVICE_CHANNEL)
            restore_channel(p, item->cfg.id);
    }
}
