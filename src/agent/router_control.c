/* SPDX-License-Identifier: MIT */
/* DeviceControl and DeviceConfig: targets and permissions; stops moves when the platform goes offline. */
#include "agent/command_log.h"
#include "agent/router_priv.h"

#include <errno.h>
#include <string.h>

#include "agent/alarm_input.h"
#include "codec/ptz_code.h"
#include "device/device.h"
#include "manscdp/config.h"
#include "manscdp/control.h"
#include "util/log.h"

#define EXPIRATION_MIN_S 3600u /* minimum of the standard; lower values are applied and logged */

/* ---- policy -------------------------------------------------------------------------------------- */

/* The config for a command, and when the last one of its kind was permitted. */
struct policy {
    bool deny;           /* in control_deny */
    bool ptz_deny;       /* the command moves the camera, and ptz = deny */
    uint32_t interval_s; /* minimum between two; 0 = none */
    uint64_t *last_ms;   /* mono ms plus 1; 0 = never */
};

/* what: the element of a DeviceControl, or the block of a DeviceConfig. */
static void log_refused(struct router *r, const struct manscdp_request *m, const char *what, const char *reason,
                        const struct gb_time *now)
{
    char command[COMMAND_LOG_SIZE];

    log_warn_gated(&r->refusals, now->mono_ms, "%s: control-refused command=%s reason=\"%s\"", r->ua->cfg.name,
                   command_log(command, what, m->sn, m->device_id), reason);
}

static bool permits(struct router *r, const struct policy *p, const struct manscdp_request *m, const char *what,
                    const struct gb_time *now)
{
    char command[COMMAND_LOG_SIZE];

    if (p->deny) {
        log_refused(r, m, what, "control_deny", now);
        return false;
    }
    if (p->ptz_deny) {
        log_info_gated(&r->refusals, now->mono_ms, "%s: ptz-denied command=%s", r->ua->cfg.name,
                       command_log(command, what, m->sn, m->device_id));
        return false;
    }
    if (*p->last_ms && now->mono_ms + 1 - *p->last_ms < p->interval_s * 1000ull) {
        log_refused(r, m, what, "too soon after the last one", now);
        return false;
    }
    *p->last_ms = now->mono_ms + 1;
    return true;
}

static bool permits_command(struct router *r, const struct manscdp_request *m, const struct gb_time *now)
{
    char command[COMMAND_LOG_SIZE];
    const struct agent_config *cfg = &r->ua->cfg;
    const struct control_command *o = m->command;
    const struct policy policy = {
        .deny = cfg->control_deny >> o->kind & 1u,
        .ptz_deny = cfg->ptz_deny && o->moves,
        .interval_s = o->dangerous ? cfg->control_interval_s : 0,
        .last_ms = &r->permitted_ms[o->kind],
    };

    if (!permits(r, &policy, m, m->element, now))
        return false;
    if (o->dangerous)
        log_warn("%s: control-permitted command=%s", cfg->name, command_log(command, m->element, m->sn, m->device_id));
    return true;
}

static bool permits_config(struct router *r, const struct manscdp_request *m, const char *block,
                           const struct gb_time *now)
{
    const struct agent_config *cfg = &r->ua->cfg;
    char command[COMMAND_LOG_SIZE];
    const struct policy policy = {
        .deny = cfg->config_deny,
        .interval_s = cfg->config_interval_s,
        .last_ms = &r->configured_ms,
    };

    if (!permits(r, &policy, m, block, now))
        return false;
    log_info("%s: config-permitted command=%s", cfg->name, command_log(command, block, m->sn, m->device_id));
    return true;
}

/* ---- sender and recipient -------------------------------------------------------------------------- */

static bool stops(const struct ptz_cmd *cmd)
{
    return cmd->kind == PTZ_STOP || (cmd->kind == PTZ_LENS && !cmd->focus && !cmd->iris);
}

/* Must sender and recipient be checked? Not of a stop, for instance. */
static bool is_command(const struct manscdp_request *m)
{
    const struct gb_control *c = &m->u.control;

    if (!m->command)
        return m->row->action == MANSCDP_CONFIG;
    return !m->command->harmless && (m->error || c->kind != GB_CONTROL_PTZ || !stops(&c->u.ptz.cmd));
}

static bool is_ours(const struct router *r, struct span user)
{
    const struct device *d = r->ua->dev;

    return span_eq_str(user, device_config(d)->id) || (user.n > 0 && device_item_find(d, user));
}

unsigned router_addressed(struct router *r, const struct sip_scan *s, const struct manscdp_request *m,
                          const struct gb_time *now)
{
    const struct agent_config *cfg = &r->ua->cfg;
    const char *what = m->element ? m->element : m->cmd_type;
    char command[COMMAND_LOG_SIZE], id[LOG_QUOTED_SIZE];

    if (!is_command(m))
        return 200;
    command_log(command, what, m->sn, m->device_id);
    if (!is_ours(r, s->target.user) && !is_ours(r, s->to.user)) {
        log_warn_gated(&r->refusals, now->mono_ms,
                       "%s: control-refused command=%s to_id=%s reason=\"not addressed to this device\"", cfg->name,
                       command, log_quoted(id, sizeof(id), s->target.user));
        return 404;
    }
    if (!cfg->control_from_any && !ua_is_platform(r->ua, s->from.user)) {
        log_warn_gated(&r->refusals, now->mono_ms,
                       "%s: control-refused command=%s from_id=%s reason=\"not from the platform, see order_from\"",
                       cfg->name, command, log_quoted(id, sizeof(id), s->from.user));
        return 403;
    }
    return 200;
}

/* ---- DeviceControl ------------------------------------------------------------------------------- */

/* The target's ID, "" the device; NULL: unknown. */
static const char *target_id(const struct router *r, const struct manscdp_request *m)
{
    const struct device *d = r->ua->dev;
    const enum control_target target = m->command->target;
    const bool device = router_is_device(r, m->device_id);
    const struct device_item *item;

    if (target == CONTROL_DEVICE || target == CONTROL_ITEM) {
        if (!router_is_known(r, m->device_id))
            return NULL;
        return device || target == CONTROL_DEVICE ? "" : m->device_id;
    }
    item = device_channel_for(d, span_of(m->device_id));
    if (item && device && target == CONTROL_CHANNELS)
        return "";
    return item ? item->cfg.id : NULL;
}

static const char *target_of(struct router *r, const struct manscdp_request *m, const struct gb_time *now)
{
    const char *target = m->error ? NULL : target_id(r, m);

    if (!target)
        log_refused(r, m, m->element,
                    m->error == -EBADE     ? "wrong checksum"
                    : m->error == -ENOTSUP ? "unknown command"
                    : m->error             ? "malformed"
                                           : "unknown channel",
                    now);
    return target;
}

void router_read_move(const struct router *r, struct manscdp_request *m)
{
    const struct device *d = r->ua->dev;
    const struct device_item *channel = m->no_speed ? device_channel_for(d, span_of(m->device_id)) : NULL;

    if (channel && device_state_is_mover(device_state(d), channel->cfg.id, r))
        m->u.control.u.ptz.cmd = (struct ptz_cmd){ .kind = PTZ_STOP };
}

/* Commands that do not interrupt a move: wiper, light, and commands that only store something. */
static bool keeps_moving(enum ptz_kind kind)
{
    static const enum ptz_kind kinds[] = {
        PTZ_AUX_ON,       PTZ_AUX_OFF,     PTZ_PRESET_SET, PTZ_PRESET_DELETE, PTZ_CRUISE_ADD, PTZ_CRUISE_DELETE,
        PTZ_CRUISE_SPEED, PTZ_CRUISE_STAY, PTZ_SCAN_LEFT,  PTZ_SCAN_RIGHT,    PTZ_SCAN_SPEED,
    };

    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
        if (kinds[i] == kind)
            return true;
    return false;
}

/* A move lasts until it is stopped: records which platform started it, in case that platform goes offline. */
static void remember_mover(struct router *r, const char *channel, const struct manscdp_request *m)
{
    const struct ptz_cmd *cmd = &m->u.control.u.ptz.cmd;
    const bool moving = cmd->kind == PTZ_MOVE || (cmd->kind == PTZ_LENS && (cmd->focus || cmd->iris));

    /* Platforms that stop with a direction without speed repeat it; the repetition must not start a slow move. */
    if ((m->no_speed && cmd->kind == PTZ_STOP) || keeps_moving(cmd->kind))
        return;
    device_state_set_mover(device_state(r->ua->dev), channel, moving ? r : NULL);
    r->moved = r->moved || moving;
}

static void act_reset_alarm(struct router *r, const struct manscdp_request *m, const struct gb_time *now)
{
    const struct gb_control *c = &m->u.control;
    const struct agent_event ev = { .kind = AGENT_CONTROL, .channel = target_of(r, m, now), .u.control = c };
    const bool ok = ev.channel && permits_command(r, m, now);

    if (ok) {
        alarm_inputs_reset(r->alarm_inputs, m->device_id, c->u.alarm_reset.method, c->u.alarm_reset.type);
        /* The board may have a siren to silence; the Result does not depend on it. */
        ua_event_push(r->ua, &ev);
    }
    router_respond(r, m, ok, now);
}

void router_act_control(struct router *r, const struct manscdp_request *m, const struct gb_time *now)
{
    const struct gb_control *c = &m->u.control;
    const bool due = m->command->answer == MANSCDP_RESULT;
    struct agent_event ev = { .kind = AGENT_CONTROL, .u.control = c };
    char text[64] = "", command[COMMAND_LOG_SIZE];
    struct router_pending *p;

    if (c->kind == GB_CONTROL_ALARM_RESET) {
        act_reset_alarm(r, m, now);
        return;
    }
    ev.channel = target_of(r, m, now);
    if (!ev.channel || !permits_command(r, m, now)) {
        if (due)
            router_respond(r, m, false, now);
        return;
    }
    if (c->kind == GB_CONTROL_PTZ)
        ptz_describe(&c->u.ptz.cmd, text, sizeof(text));
    log_debug("%s: control command=%s ptz=\"%s\"", r->ua->cfg.name,
              command_log(command, m->element, m->sn, m->device_id), text);
    if (due) {
        p = router_pending_add(r, m, now);
        if (!p) {
            router_respond(r, m, false, now);
            return;
        }
        ev.token = p->token;
    }
    if (c->kind == GB_CONTROL_PTZ)
        remember_mover(r, ev.channel, m);
    ua_event_push(r->ua, &ev);
}

/* ---- DeviceConfig, block by block ------------------------------------------------------------------ */

/* BasicParam belongs to the device or an item, SnapShotConfig to the device or a channel, other blocks to a channel:
 * the first one if the device's ID is given. */
const char *router_block_target(const struct router *r, const char *id, enum gb_block block)
{
    const struct device *d = r->ua->dev;
    const struct device_item *item;

    if ((block == GB_BLOCK_BASIC || block == GB_BLOCK_SNAPSHOT) && router_is_device(r, id))
        return "";
    item = block == GB_BLOCK_BASIC ? device_item_find(d, span_of(id)) : device_channel_for(d, span_of(id));
    return item ? item->cfg.id : NULL;
}

static bool usable(struct router *r, const struct manscdp_request *m, const struct gb_time *now)
{
    if (m->error) {
        log_refused(r, m, m->cmd_type,
                    m->error == -ENOTSUP                        ? "no known block"
                    : m->error == -ERANGE || m->error == -E2BIG ? "value out of range"
                                                                : "malformed",
                    now);
        return false;
    }
    for (unsigned i = 0; i < m->u.config.n; i++) {
        const struct gb_setting *s = &m->u.config.block[i];
        const char *name = config_block_name(s->block);

        if (!router_block_target(r, m->device_id, s->block)) {
            log_refused(r, m, name, "unknown channel", now);
            return false;
        }
        /* Once per message. */
        if (!i && !permits_config(r, m, name, now))
            return false;
        if (s->block == GB_BLOCK_BASIC && s->u.basic.has_expiration && s->u.basic.expiration_s < EXPIRATION_MIN_S)
            log_warn("%s: expiration-below-standard expires_s=%u min_s=%u", r->ua->cfg.name,
                     (unsigned)s->u.basic.expiration_s, EXPIRATION_MIN_S);
    }
    return true;
}

void router_act_config(struct router *r, const struct manscdp_request *m, const struct gb_time *now)
{
    struct router_pending *p = usable(r, m, now) ? router_pending_add(r, m, now) : NULL;

    if (!p) {
        router_respond(r, m, false, now);
        return;
    }
    p->request.u.config.block = NULL; /* the events have copies */
    p->left = m->u.config.n;
    p->error = 0;
    for (unsigned i = 0; i < m->u.config.n; i++) {
        const struct agent_event ev = {
            .kind = AGENT_CONFIG,
            .token = p->token,
            .u.setting = &m->u.config.block[i],
            .channel = router_block_target(r, m->device_id, m->u.config.block[i].block),
        };
        ua_event_push(r->ua, &ev);
    }
}

/* Records the result of one block. true: other blocks are pending; false: *err is the first error of all. */
static bool config_block_done(struct router *r, uint32_t token, int *err)
{
    struct router_pending *p = router_pending_find(r, token, MANSCDP_CONFIG);

    if (!p)
        return false;
    if (!p->error)
        p->error = *err;
    *err = p->error;
    return --p->left > 0;
}

int router_reply_result(struct router *r, uint32_t token, int err, const struct gb_time *now)
{
    struct router_pending *p;

    if (config_block_done(r, token, &err))
        return 0;
    p = router_pending_find(r, token, MANSCDP_CONFIG);
    if (!p)
        p = router_pending_find(r, token, MANSCDP_DEVICE_CONTROL);
    if (!p)
        return -ENOENT;
    router_pending_remove(p);
    router_respond(r, &p->request, err == 0, now);
    return 0;
}

/* ---- moves of an offline platform ------------------------------------------------------------------ */

void router_moves_offline(struct router *r)
{
    const uint32_t timeout_s = r->ua->cfg.ptz_timeout_s;

    /* The next tick sets the time, which is not known here. */
    if (r->moved && timeout_s && !r->stop_wanted) {
        r->stop_wanted = true;
        r->stop_ms = 0;
    }
}

static void stop_moves(struct router *r)
{
    static const struct gb_control stop = { .kind = GB_CONTROL_PTZ, .u.ptz.cmd.kind = PTZ_STOP };
    struct device_state *s = device_state(r->ua->dev);
    struct agent_event ev = { .kind = AGENT_CONTROL, .u.control = &stop };

    while ((ev.channel = device_state_moved_by(s, r))) {
        log_warn("%s: move-stopped channel=%s reason=\"platform offline\"", r->ua->cfg.name, ev.channel);
        ua_event_push(r->ua, &ev);
        device_state_set_mover(s, ev.channel, NULL);
    }
    r->moved = false;
}

void router_moves_tick(struct router *r, const struct gb_time *now)
{
    if (!r->stop_wanted)
        return;
    if (ua_online(r->ua)) {
        r->stop_wanted = false;
    } else if (!r->stop_ms) {
        r->stop_ms = now->mono_ms + r->ua->cfg.ptz_timeout_s * 1000ull;
    } else if (r->stop_ms <= now->mono_ms) {
        r->stop_wanted = false;
        stop_moves(r);
    }
}

uint64_t router_moves_deadline(const struct router *r)
{
    return r->stop_wanted ? r->stop_ms : UINT64_MAX;
}

void router_moves_free(struct router *r)
{
    struct device_state *s = r->moved ? device_state(r->ua->dev) : NULL;
    const char *id;

    while (s && (id = device_state_moved_by(s, r)))
        device_state_set_mover(s, id, NULL);
}
