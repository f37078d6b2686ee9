/* SPDX-License-Identifier: MIT */
/* Orders, DeviceControl and DeviceConfig: whom they are for, whether this platform may give them, and what is due when
 * the link is lost. */
#include "agent/router_priv.h"

#include <errno.h>
#include <string.h>

#include "agent/alarm_input.h"
#include "codec/ptz_code.h"
#include "device/device.h"
#include "manscdp/config.h"
#include "manscdp/control.h"
#include "util/log.h"

#define EXPIRATION_LEAST_S 3600u        /* of the standard; below it a platform is obeyed with a remark */

/* ---- policy -------------------------------------------------------------------------------------- */

/* What the config says of an order, and when the last one of its kind was let through. */
struct policy {
    bool deny;                  /* control_deny names it */
    bool ptz_deny;              /* it moves the camera, and ptz = deny */
    uint32_t interval_s;        /* least time between two; 0 = any */
    uint64_t *last_ms;          /* and 1; 0 = never */
};

static bool permits(struct router *r, const struct policy *p, const char *what, const char *target, const struct gb_time *now)
{
    const char *link = r->ua->cfg.name;
    const uint64_t interval_ms = p->interval_s * 1000ull;

    if (p->deny) {
        log_warn_gated(&r->refusals, now->mono_ms, "%s: %s of %s refused: control_deny", link, what, target);
        return false;
    }
    if (p->ptz_deny) {
        log_info_gated(&r->refusals, now->mono_ms, "%s: %s of %s refused: ptz = deny", link, what, target);
        return false;
    }
    if (*p->last_ms && now->mono_ms + 1 - *p->last_ms < interval_ms) {
        log_warn_gated(&r->refusals, now->mono_ms, "%s: %s of %s refused: the last one was less than %llu s ago", link,
                       what, target, (unsigned long long)(interval_ms / 1000));
        return false;
    }
    *p->last_ms = now->mono_ms + 1;
    return true;
}

static bool permits_command(struct router *r, const struct manscdp_request *m, const char *what, const struct gb_time *now)
{
    const struct agent_config *cfg = &r->ua->cfg;
    const struct control_command *o = m->command;
    const struct policy policy = {
        .deny = cfg->control_deny >> o->kind & 1u, .ptz_deny = cfg->ptz_deny && o->moves,
        .interval_s = o->dangerous ? cfg->control_interval_s : 0, .last_ms = &r->permitted_ms[o->kind],
    };

    if (!permits(r, &policy, what, m->device_id, now))
        return false;
    if (o->dangerous)
        log_warn("%s: %s of %s permitted", cfg->name, what, m->device_id);
    return true;
}

static bool permits_config(struct router *r, const char *what, const char *target, const struct gb_time *now)
{
    const struct agent_config *cfg = &r->ua->cfg;
    const struct policy policy = {
        .deny = cfg->config_deny, .interval_s = cfg->config_interval_s, .last_ms = &r->configured_ms,
    };

    if (!permits(r, &policy, what, target, now))
        return false;
    log_info("%s: %s of %s permitted", cfg->name, what, target);
    return true;
}

/* ---- from whom, for whom -------------------------------------------------------------------------- */

static bool stops(const struct ptz_cmd *cmd)
{
    return cmd->kind == PTZ_STOP || (cmd->kind == PTZ_LENS && !cmd->focus && !cmd->iris);
}

/* Not a stop, which is welcome from anybody. */
static bool is_command(const struct manscdp_request *m)
{
    const struct gb_control *c = &m->u.control;

    if (!m->command)
        return m->row->action == MANSCDP_CONFIG;
    return !m->command->harmless && (m->error || c->kind != GB_CONTROL_PTZ || !stops(&c->u.ptz.cmd));
}

static bool names_us(const struct router *r, struct span user)
{
    const struct device *d = r->ua->dev;

    return span_eq_str(user, device_config(d)->id) || (user.n > 0 && device_item_find(d, user));
}

/* For a log line; what a stranger wrote may be long. */
static int shown(struct span user)
{
    return user.n < GBID_SIZE ? (int)user.n : (int)GBID_SIZE;
}

unsigned router_addressed(struct router *r, const struct sip_scan *s, const struct manscdp_request *m, const struct gb_time *now)
{
    const struct agent_config *cfg = &r->ua->cfg;
    const char *what = m->element ? m->element : m->cmd_type;

    if (!is_command(m))
        return 200;
    if (!names_us(r, s->target.user) && !names_us(r, s->to.user)) {
        log_warn_gated(&r->refusals, now->mono_ms, "%s: %s refused: it is addressed to %.*s, not to %s or what it has",
                       cfg->name, what, shown(s->target.user), s->target.user.n ? s->target.user.p : "",
                       device_config(r->ua->dev)->id);
        return 404;
    }
    if (!cfg->control_from_any && !ua_is_platform(r->ua, s->from.user)) {
        log_warn_gated(&r->refusals, now->mono_ms,
                       "%s: %s refused: it is from %.*s, the platform is %s (order_from = any takes it)", cfg->name, what,
                       shown(s->from.user), s->from.user.n ? s->from.user.p : "", cfg->server_id);
        return 403;
    }
    return 200;
}

/* ---- DeviceControl ------------------------------------------------------------------------------- */

/* The ID that the event names, "" the device; NULL: there is no such thing here. */
static const char *aimed_at(const struct router *r, const struct manscdp_request *m)
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
    const char *link = r->ua->cfg.name;
    const char *target = m->error ? NULL : aimed_at(r, m);

    if (m->error)
        log_warn_gated(&r->refusals, now->mono_ms, "%s: %s SN %s ignored: %s", link, m->element, m->sn,
                       m->error == -EBADE ? "wrong checksum" : m->error == -ENOTSUP ? "no such command" : "unreadable");
    else if (!target)
        log_warn_gated(&r->refusals, now->mono_ms, "%s: %s for %s, which is no channel here: ignored", link,
                       m->element, m->device_id);
    return target;
}

void router_read_move(const struct router *r, struct manscdp_request *m)
{
    const struct device *d = r->ua->dev;
    const struct device_item *channel = m->no_speed ? device_channel_for(d, span_of(m->device_id)) : NULL;

    if (channel && device_state_is_mover(device_state(d), channel->cfg.id, r))
        m->u.control.u.ptz.cmd = (struct ptz_cmd){ .kind = PTZ_STOP };
}

/* What a move goes on during: wiper and light, and what is only remembered. */
static bool leaves_move(enum ptz_kind kind)
{
    static const enum ptz_kind kinds[] = {
        PTZ_AUX_ON, PTZ_AUX_OFF, PTZ_PRESET_SET, PTZ_PRESET_DELETE, PTZ_CRUISE_ADD, PTZ_CRUISE_DELETE, PTZ_CRUISE_SPEED,
        PTZ_CRUISE_STAY, PTZ_SCAN_LEFT, PTZ_SCAN_RIGHT, PTZ_SCAN_SPEED,
    };

    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        if (kinds[i] == kind)
            return true;
    }
    return false;
}

/* A move goes on until it is stopped: who began it is remembered for the time after its link. */
static void note_move(struct router *r, const char *channel, const struct manscdp_request *m)
{
    const struct ptz_cmd *cmd = &m->u.control.u.ptz.cmd;
    const bool moving = cmd->kind == PTZ_MOVE ||
                        (cmd->kind == PTZ_LENS && (cmd->focus || cmd->iris));

    /* Who stops by a direction without speed does so twice or three times, and must not begin to creep by that. */
    if ((m->no_speed && cmd->kind == PTZ_STOP) || leaves_move(cmd->kind))
        return;
    device_state_set_mover(device_state(r->ua->dev), channel, moving ? r : NULL);
    r->moved = r->moved || moving;
}

static void act_reset_alarm(struct router *r, const struct manscdp_request *m, const struct gb_time *now)
{
    const struct gb_control *c = &m->u.control;
    const struct agent_event ev = { .kind = AGENT_CONTROL, .channel = target_of(r, m, now), .u.control = c };
    const bool ok = ev.channel && permits_command(r, m, m->element, now);

    if (ok) {
        alarm_inputs_reset(r->alarm_inputs, m->device_id, c->u.alarm_reset.method, c->u.alarm_reset.type);
        /* The board may have a siren to silence; whether it has is not the platform's matter. */
        ua_event_push(r->ua, &ev);
    }
    router_respond(r, m, ok, now);
}

void router_act_control(struct router *r, const struct manscdp_request *m, const struct gb_time *now)
{
    const struct gb_control *c = &m->u.control;
    const bool due = m->command->answer == MANSCDP_RESULT;
    struct agent_event ev = { .kind = AGENT_CONTROL, .u.control = c };
    struct router_pending *p;
    char text[64] = "";

    if (c->kind == GB_CONTROL_ALARM_RESET) {
        act_reset_alarm(r, m, now);
        return;
    }
    if (c->kind == GB_CONTROL_PTZ && !m->error)
        ptz_describe(&c->u.ptz.cmd, text, sizeof(text));
    ev.channel = target_of(r, m, now);
    if (!ev.channel || !permits_command(r, m, text[0] ? text : m->element, now)) {
        if (due)
            router_respond(r, m, false, now);
        return;
    }
    log_debug("%s: %s %s of %s", r->ua->cfg.name, m->element, text, m->device_id);
    if (due) {
        p = router_open(r, m, now);
        if (!p) {
            router_respond(r, m, false, now);
            return;
        }
        ev.token = p->token;
    }
    if (c->kind == GB_CONTROL_PTZ)
        note_move(r, ev.channel, m);
    ua_event_push(r->ua, &ev);
}

/* ---- DeviceConfig, block by block ------------------------------------------------------------------ */

/* BasicParam is the device's and of each channel; the others are of channels, and the device's ID stands for the first. */
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
    const char *link = r->ua->cfg.name;

    if (m->error) {
        log_warn_gated(&r->refusals, now->mono_ms, "%s: DeviceConfig SN %s refused: %s", link, m->sn,
                       m->error == -ENOTSUP ? "nothing in it that is known" :
                       m->error == -ERANGE || m->error == -E2BIG ? "a value is out of range" : "unreadable");
        return false;
    }
    for (unsigned i = 0; i < m->u.config.n; i++) {
        const struct gb_setting *s = &m->u.config.block[i];
        const char *name = config_block_name(s->block);

        if (!router_block_target(r, m->device_id, s->block)) {
            log_warn_gated(&r->refusals, now->mono_ms, "%s: %s for %s, which is not here: refused", link, name,
                           m->device_id);
            return false;
        }
        /* Once a message, whatever it sets. */
        if (!i && !permits_config(r, name, m->device_id, now))
            return false;
        if (s->block == GB_BLOCK_BASIC && s->u.basic.has_expiration && s->u.basic.expiration_s < EXPIRATION_LEAST_S)
            log_warn("%s: an expiration of %u s is less than the standard's %u", link,
                     (unsigned)s->u.basic.expiration_s, EXPIRATION_LEAST_S);
    }
    return true;
}

void router_act_config(struct router *r, const struct manscdp_request *m, const struct gb_time *now)
{
    struct router_pending *p = usable(r, m, now) ? router_open(r, m, now) : NULL;

    if (!p) {
        router_respond(r, m, false, now);
        return;
    }
    p->request.u.config.block = NULL;   /* the events have copies */
    p->left = m->u.config.n;
    p->error = 0;
    for (unsigned i = 0; i < m->u.config.n; i++) {
        const struct agent_event ev = {
            .kind = AGENT_CONFIG, .token = p->token, .u.setting = &m->u.config.block[i],
            .channel = router_block_target(r, m->device_id, m->u.config.block[i].block),
        };
        ua_event_push(r->ua, &ev);
    }
}

/* One block is done. true: others are not; else *err is the first error of all of them. */
static bool config_goes_on(struct router *r, uint32_t token, int *err)
{
    struct router_pending *p = router_find(r, token, MANSCDP_CONFIG);

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

    if (config_goes_on(r, token, &err))
        return 0;
    p = router_find(r, token, MANSCDP_CONFIG);
    if (!p)
        p = router_find(r, token, MANSCDP_DEVICE_CONTROL);
    if (!p)
        return -ENOENT;
    router_close(p);
    router_respond(r, &p->request, err == 0, now);
    return 0;
}

/* ---- moves whose platform is gone ------------------------------------------------------------------ */

void router_moves_offline(struct router *r)
{
    const uint32_t timeout_s = r->ua->cfg.ptz_timeout_s;

    /* When is said by the next tick: here nobody knows the time. */
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
        log_warn("%s: channel %s is stopped: its platform is gone", r->ua->cfg.name, ev.channel);
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
