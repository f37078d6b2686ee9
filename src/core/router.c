/* SPDX-License-Identifier: MIT */
#include "core/router.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "codec/ptz_code.h"
#include "core/agent_priv.h"
#include "core/alarm.h"
#include "core/device.h"
#include "core/pager.h"
#include "util/log.h"

#define DUTY_MAX 256u

void router_init(struct router *r, struct agent *a)
{
    memset(r, 0, sizeof(*r));
    r->agent = a;
    r->next_token = 1;
}

void router_free(struct router *r)
{
    memset(r->pending, 0, sizeof(r->pending));
}

void router_offline(struct router *r)
{
    memset(r->pending, 0, sizeof(r->pending));
}

/* ---- answers --------------------------------------------------------------------------------- */

static bool is_device(const struct router *r, const char *id)
{
    return !strcmp(id, device_config(agent_device(r->agent))->id);
}

static bool is_known(const struct router *r, const char *id)
{
    return is_device(r, id) || device_item_find(agent_device(r->agent), span_of(id));
}

/* The alarm inputs the answer speaks of: all of them for the device, itself for an input. */
static unsigned collect_duty(const struct router *r, const char *id, const struct gb_time *now,
                             struct manscdp_duty *duty, unsigned *inputs)
{
    const struct device *d = agent_device(r->agent);
    const struct alarms *alarms = agent_alarms(r->agent);
    unsigned n = 0;

    for (unsigned i = 0; i < device_item_count(d); i++) {
        const struct device_item *it = device_item_at(d, i);
        if (it->cfg.kind != DEVICE_ALARM_INPUT)
            continue;
        ++*inputs;
        if (n < DUTY_MAX && (is_device(r, id) || !strcmp(id, it->cfg.id)))
            duty[n++] = (struct manscdp_duty){ it->cfg.id, alarm_latched(alarms, it->cfg.id, now) };
    }
    return n;
}

static void fill_facts(const struct router *r, const char *id, const struct gb_time *now, struct manscdp_facts *f)
{
    static const char *const reasons[] = {
        [DEVICE_ITEM_ON] = "", [DEVICE_ITEM_VLOST] = "video lost", [DEVICE_ITEM_DEFECT] = "defect",
        [DEVICE_ITEM_OFF] = "off",
    };
    const struct device *d = agent_device(r->agent);
    const struct device_config *dc = device_config(d);
    const struct agent_config *ac = agent_get_config(r->agent);
    const struct device_item *item = is_device(r, id) ? NULL : device_item_find(d, span_of(id));

    *f = (struct manscdp_facts){
        .edition = ac->edition, .charset = ac->charset, .name = dc->name, .manufacturer = dc->manufacturer,
        .model = dc->model, .firmware = dc->firmware, .target_name = item ? item->cfg.name : dc->name,
        .channels = device_channel_count(d), .expires_s = ac->expires_s, .heartbeat_s = ac->keepalive_interval_s,
        .heartbeat_count = ac->keepalive_count, .ok = true, .online = !item || item->state != DEVICE_ITEM_OFF,
        .reason = item ? reasons[item->state] : "", .encode = -1, .record = -1,
    };
    if (item && item->cfg.manufacturer[0])
        f->manufacturer = item->cfg.manufacturer;
    if (item && item->cfg.model[0])
        f->model = item->cfg.model;
    if (item && item->cfg.has_position) {
        f->has_position = true;
        f->longitude = item->cfg.longitude;
        f->latitude = item->cfg.latitude;
    }
    walltime_print(now->unix_ms, now->utc_offset_s, f->time);
}

/* Memory of one answer while it is made. */
struct answer {
    char utf8[MANSCDP_BODY_MAX], body[MANSCDP_BODY_MAX];
    struct manscdp_duty duty[DUTY_MAX];
};

/* The list of alarm inputs is the only part that can grow past a datagram; it is optional, so it is cut to fit. */
static int build_answer(const struct router *r, const struct manscdp_request *m, struct manscdp_facts *f,
                        struct answer *an, struct span *out)
{
    const size_t room = agent_body_room(r->agent);
    struct buf utf8, body;
    int ret;

    for (;; f->nduty -= f->nduty / 8 + 1) {
        buf_init(&utf8, an->utf8, sizeof(an->utf8));
        buf_init(&body, an->body, sizeof(an->body));
        manscdp_respond(&utf8, m, f);
        ret = manscdp_convert(f->charset, &utf8, &body);
        bool large = ret == -EMSGSIZE || (!ret && body.len > room);
        if (!large || !f->nduty)
            break;
    }
    *out = buf_view(&body);
    return ret;
}

/* `status`: what the board said, NULL when it was not asked. */
static void respond(struct router *r, const struct manscdp_request *m, bool ok, const struct agent_status_reply *status,
                    const struct gb_time *now)
{
    struct answer *an = malloc(sizeof(*an));
    struct manscdp_facts f;
    struct span body;
    int ret = -ENOMEM;

    if (!an)
        goto out;
    fill_facts(r, m->device_id, now, &f);
    f.ok = ok;
    f.nduty = collect_duty(r, m->device_id, now, an->duty, &f.alarm_inputs);
    f.duty = an->duty;
    if (status) {
        f.encode = status->encode;
        f.record = status->record;
        if (!status->ok)
            f.reason = status->reason[0] ? status->reason : "error";
    }
    ret = build_answer(r, m, &f, an, &body);
    if (!ret)
        ret = agent_send_message(r->agent, MESSAGE_RESPONSE, 0, body, now);
out:
    free(an);
    if (ret)
        log_warn("%s: the answer to %s SN %s was not sent: %s", agent_get_config(r->agent)->name, m->cmd_type, m->sn,
                 strerror(-ret));
}

void router_message_done(struct router *r, uint32_t ref, int status, const struct gb_time *now)
{
    (void)ref;
    (void)now;
    /* Retransmission was the transaction's; the platform has given up waiting long before another try could help. */
    if (status < 200 || status >= 300)
        log_info("%s: an answer was not taken (%d)", agent_get_config(r->agent)->name, status);
}

/* ---- questions to the board -------------------------------------------------------------------- */

static void ask_board(struct router *r, const struct manscdp_request *m, const struct gb_time *now)
{
    struct router_pending *p = NULL;

    for (unsigned i = 0; i < ROUTER_PENDING_MAX && !p; i++)
        p = r->pending[i].token ? NULL : &r->pending[i];
    if (!p) {
        respond(r, m, false, NULL, now);
        return;
    }
    p->token = r->next_token++;
    r->next_token += !r->next_token;
    p->deadline_ms = now->mono_ms + ROUTER_PENDING_MS;
    p->request = *m;
    const struct agent_event ev = {
        .kind = AGENT_QUERY, .token = p->token, .channel = is_device(r, m->device_id) ? "" : p->request.device_id,
        .u.query = AGENT_QUERY_STATUS,
    };
    agent_event_push(r->agent, &ev);
}

int agent_reply_status(struct agent *a, uint32_t token, const struct agent_status_reply *reply,
                       const struct gb_time *now)
{
    struct router *r = agent_router(a);

    for (unsigned i = 0; token && i < ROUTER_PENDING_MAX; i++) {
        struct router_pending *p = &r->pending[i];
        if (p->token != token)
            continue;
        p->token = 0;
        respond(r, &p->request, true, reply, now);
        return 0;
    }
    return -ENOENT;
}

void router_tick(struct router *r, const struct gb_time *now)
{
    static const struct agent_status_reply silent = {
        .reason = "the board does not answer", .encode = -1, .record = -1,
    };

    for (unsigned i = 0; i < ROUTER_PENDING_MAX; i++) {
        struct router_pending *p = &r->pending[i];
        if (!p->token || p->deadline_ms > now->mono_ms)
            continue;
        p->token = 0;
        respond(r, &p->request, true, &silent, now);
    }
}

uint64_t router_deadline(const struct router *r)
{
    uint64_t next = UINT64_MAX;

    for (unsigned i = 0; i < ROUTER_PENDING_MAX; i++) {
        if (r->pending[i].token && r->pending[i].deadline_ms < next)
            next = r->pending[i].deadline_ms;
    }
    return next;
}

/* ---- actions ----------------------------------------------------------------------------------- */

static void act_ignore(struct router *r, const struct manscdp_request *m, const struct gb_time *now)
{
    (void)now;
    log_debug("%s: %s SN %s taken note of", agent_get_config(r->agent)->name, m->cmd_type, m->sn);
}

static void act_report(struct router *r, const struct manscdp_request *m, const struct gb_time *now)
{
    respond(r, m, !m->error && is_known(r, m->device_id), NULL, now);
}

static void act_status(struct router *r, const struct manscdp_request *m, const struct gb_time *now)
{
    if (is_known(r, m->device_id))
        ask_board(r, m, now);
    else
        respond(r, m, false, NULL, now);
}

static void act_catalog(struct router *r, const struct manscdp_request *m, const struct gb_time *now)
{
    const char *link = agent_get_config(r->agent)->name;

    /* A catalogue has no Result to say ERROR with, and SumNum 0 makes platforms forget every channel: an ID that is
     * not ours is better left without an answer. One of our channels' IDs stands for the device. */
    if (!is_known(r, m->device_id)) {
        log_warn("%s: catalog SN %s asked of %s, which is not here: no answer", link, m->sn, m->device_id);
        return;
    }
    int ret = pager_start(agent_pager(r->agent), m->sn, m->device_id, now);
    if (ret)
        log_warn("%s: catalog SN %s: %s", link, m->sn,
                 ret == -EALREADY ? "already being answered" : "too many at one time");
}

/* The channel a control is for, or NULL after saying why not. */
static const char *control_target(struct router *r, const struct manscdp_request *m)
{
    const char *link = agent_get_config(r->agent)->name;
    const struct device_item *item = device_channel_for(agent_device(r->agent), span_of(m->device_id));

    if (m->error)
        log_warn("%s: %s SN %s ignored: %s", link, m->row->element, m->sn,
                 m->error == -EBADE ? "wrong checksum" : m->error == -ENOTSUP ? "no such command" : "unreadable");
    else if (!item)
        log_warn("%s: %s for %s, which is no channel here: ignored", link, m->row->element, m->device_id);
    else
        return item->cfg.id;
    return NULL;
}

static void act_ptz(struct router *r, const struct manscdp_request *m, const struct gb_time *now)
{
    const char *channel = control_target(r, m), *link = agent_get_config(r->agent)->name;
    char text[64];

    (void)now;
    if (!channel)
        return;
    ptz_describe(&m->u.ptz, text, sizeof(text));
    if (agent_get_config(r->agent)->ptz_deny) {
        log_info("%s: PTZ %s of %s refused: ptz = deny", link, text, channel);
        return;
    }
    log_debug("%s: PTZ %s of %s", link, text, channel);
    const struct agent_event ev = {
        .kind = AGENT_CONTROL, .channel = channel, .u.control = { .kind = AGENT_CONTROL_PTZ, .ptz = m->u.ptz },
    };
    agent_event_push(r->agent, &ev);
}

static void act_idr(struct router *r, const struct manscdp_request *m, const struct gb_time *now)
{
    const char *channel = control_target(r, m);

    (void)now;
    if (!channel)
        return;
    const struct agent_event ev = {
        .kind = AGENT_CONTROL, .channel = channel, .u.control = { .kind = AGENT_CONTROL_IDR },
    };
    agent_event_push(r->agent, &ev);
}

static void act_reset_alarm(struct router *r, const struct manscdp_request *m, const struct gb_time *now)
{
    bool ok = !m->error && is_known(r, m->device_id);

    if (ok)
        alarm_reset(agent_alarms(r->agent), m->device_id, m->u.reset.method, m->u.reset.type);
    respond(r, m, ok, NULL, now);
}

static void act_unsupported(struct router *r, const struct manscdp_request *m, const struct gb_time *now)
{
    const char *what = m->row->element ? m->row->element : m->cmd_type;
    bool due = m->row->answer == MANSCDP_RESULT || m->row->answer == MANSCDP_CONTENT;

    log_info("%s: %s SN %s is not supported%s", agent_get_config(r->agent)->name, what, m->sn, due ? ": ERROR" : "");
    if (due)
        respond(r, m, false, NULL, now);
}

void router_act(struct router *r, struct router_request *req, const struct gb_time *now)
{
    static void (*const act[])(struct router *, const struct manscdp_request *, const struct gb_time *) = {
        [MANSCDP_IGNORE] = act_ignore, [MANSCDP_REPORT] = act_report, [MANSCDP_CATALOG] = act_catalog,
        [MANSCDP_STATUS] = act_status, [MANSCDP_PTZ] = act_ptz, [MANSCDP_IDR] = act_idr,
        [MANSCDP_RESET_ALARM] = act_reset_alarm, [MANSCDP_UNSUPPORTED] = act_unsupported,
    };

    act[req->m.row->action](r, &req->m, now);
}

/* ---- requests ---------------------------------------------------------------------------------- */

/* application/manscdp+xml in any case; some platforms say application/xml, some nothing. */
static bool is_xml_type(struct span type)
{
    type = span_trim(type);
    if (!type.n)
        return true;
    for (size_t i = 0; i + 3 <= type.n; i++) {
        if (span_case_eq_str((struct span){ type.p + i, 3 }, "xml"))
            return true;
    }
    return false;
}

unsigned router_accept(struct router *r, const struct sip_scan *s, struct router_request *out)
{
    const struct agent_config *cfg = agent_get_config(r->agent);
    struct manscdp_request *m = &out->m;

    memset(out, 0, sizeof(*out));
    if (!is_xml_type(s->content_type))
        return 415;
    int ret = manscdp_decode(m, s->body, cfg->charset);
    if (ret) {
        log_warn("%s: a MESSAGE with a body that is not MANSCDP: %s", cfg->name,
                 ret == -E2BIG ? "too large" : ret == -ENOMEM ? "no memory" : "broken");
        return ret == -ENOMEM ? 500 : 400;
    }
    /* Without a DeviceID it is for whom the request itself names. */
    if (!m->device_id[0] &&
        (!span_copy(s->target.user, m->device_id, sizeof(m->device_id)) || !is_known(r, m->device_id)))
        span_copy(span_of(device_config(agent_device(r->agent))->id), m->device_id, sizeof(m->device_id));
    return 200;
}

void router_request_free(struct router_request *req)
{
    memset(req, 0, sizeof(*req));
}
