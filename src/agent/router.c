/* SPDX-License-Identifier: MIT */
#include "agent/router.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "agent/ua.h"
#include "agent/alarm_input.h"
#include "agent/pager.h"
#include "agent/router_priv.h"
#include "device/device.h"
#include "util/log.h"

#define DUTY_MAX 256u

void router_init(struct router *r, struct ua *u, struct pager *pager, struct alarm_inputs *inputs)
{
    memset(r, 0, sizeof(*r));
    r->ua = u;
    r->pager = pager;
    r->alarm_inputs = inputs;
    r->next_token = 1;
}

void router_free(struct router *r)
{
    router_moves_free(r);
    memset(r->pending, 0, sizeof(r->pending));
}

void router_offline(struct router *r)
{
    memset(r->pending, 0, sizeof(r->pending));
    router_moves_offline(r);
}

/* ---- answers --------------------------------------------------------------------------------- */

bool router_is_device(const struct router *r, const char *id)
{
    return !strcmp(id, device_config(r->ua->dev)->id);
}

bool router_is_known(const struct router *r, const char *id)
{
    return router_is_device(r, id) || device_item_find(r->ua->dev, span_of(id));
}

/* DutyStatus as this platform sees it: its own latch, and whether alarms go to it at all. */
static struct manscdp_duty duty_of(const struct router *r, const struct device_item *it, const struct gb_time *now)
{
    const struct device *d = r->ua->dev;
    const bool unset = device_state_guard(device_state(d), it->cfg.id) == DEVICE_GUARD_UNSET;
    const enum device_duty duty = device_duty(d, it);
    const bool off = duty == DEVICE_DUTY_OFF || (unset && r->ua->cfg.alarm_requires_guard);

    return (struct manscdp_duty){
        .id = it->cfg.id, .off = off,
        .alarm = !off && (duty == DEVICE_DUTY_ALARM || alarm_inputs_latched(r->alarm_inputs, it->cfg.id, now)),
    };
}

/* The alarm inputs the answer speaks of: all of them for the device, itself for an input. */
static unsigned collect_duty(const struct router *r, const char *id, const struct gb_time *now, struct manscdp_duty *duty)
{
    const struct device *d = r->ua->dev;
    const struct device_item *it = device_item_find(d, span_of(id));
    unsigned n = 0;

    if (!router_is_device(r, id)) {
        if (it && it->cfg.kind == DEVICE_ALARM_INPUT)
            duty[n++] = duty_of(r, it, now);
        return n;
    }
    while (n < DUTY_MAX && (it = device_input_at(d, n)))
        duty[n++] = duty_of(r, it, now);
    return n;
}

static void fill_facts(const struct router *r, const char *id, const struct gb_time *now, struct manscdp_facts *f)
{
    static const char *const reasons[] = {
        [DEVICE_ITEM_ON] = "", [DEVICE_ITEM_VLOST] = "video lost", [DEVICE_ITEM_DEFECT] = "defect",
        [DEVICE_ITEM_OFF] = "off",
    };
    const struct device *d = r->ua->dev;
    const struct device_config *dc = device_config(d);
    const struct agent_config *ac = &r->ua->cfg;
    const struct device_item *item = router_is_device(r, id) ? NULL : device_item_find(d, span_of(id));

    *f = (struct manscdp_facts){
        .edition = ac->edition, .charset = ac->charset, .name = dc->name, .manufacturer = dc->manufacturer,
        .model = dc->model, .firmware = dc->firmware, .target_name = item ? item->cfg.name : dc->name,
        .channels = device_channel_count(d), .expires_s = ac->expires_s, .heartbeat_s = ac->keepalive_interval_s,
        .heartbeat_count = ac->keepalive_count, .ok = true, .online = !item || item->state != DEVICE_ITEM_OFF,
        .reason = item ? reasons[item->state] : "", .encode = -1, .record = -1,
    };
    const struct device_item *channel = device_channel_for(d, span_of(id));
    if (channel)
        f->home = device_state_home(device_state(d), channel->cfg.id);
    if (item && item->cfg.manufacturer[0])
        f->manufacturer = item->cfg.manufacturer;
    if (item && item->cfg.model[0])
        f->model = item->cfg.model;
    f->locates = dc->locates;
    if (item && item->cfg.has_position) {
        f->has_position = true;
        f->longitude = item->cfg.longitude;
        f->latitude = item->cfg.latitude;
    } else if (!item) {
        f->has_position = device_place(d, "", &f->longitude, &f->latitude);
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
    const size_t room = ua_body_room(r->ua);
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

void router_respond(struct router *r, const struct manscdp_request *m, bool ok, const struct router_facts *extra,
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
    f.alarm_inputs = device_input_count(r->ua->dev);
    f.nduty = collect_duty(r, m->device_id, now, an->duty);
    f.duty = an->duty;
    if (extra)
        extra->add(&f, extra->arg);
    ret = build_answer(r, m, &f, an, &body);
    if (!ret)
        ret = ua_send_message(r->ua, MESSAGE_RESPONSE, 0, body, now);
out:
    free(an);
    if (ret)
        log_warn_gated(&r->refusals, now->mono_ms, "%s: the answer to %s SN %s was not sent: %s",
                       r->ua->cfg.name, m->cmd_type, m->sn, strerror(-ret));
}

void router_message_done(struct router *r, uint32_t ref, int status, const struct gb_time *now)
{
    (void)ref;
    /* Retransmission was the transaction's; the platform has given up waiting long before another try could help. */
    if (status < 200 || status >= 300)
        log_info_gated(&r->refusals, now->mono_ms, "%s: an answer was not taken (%d)", r->ua->cfg.name, status);
}

/* ---- questions to the board -------------------------------------------------------------------- */

struct router_pending *router_open(struct router *r, const struct manscdp_request *m, const struct gb_time *now)
{
    struct router_pending *p = NULL;

    for (unsigned i = 0; i < ROUTER_PENDING_MAX && !p; i++)
        p = r->pending[i].token ? NULL : &r->pending[i];
    if (!p)
        return NULL;
    p->token = r->next_token++;
    r->next_token += !r->next_token;
    p->deadline_ms = now->mono_ms + ROUTER_PENDING_MS;
    p->request = *m;
    return p;
}

struct router_pending *router_close(struct router *r, uint32_t token)
{
    for (unsigned i = 0; token && i < ROUTER_PENDING_MAX; i++) {
        struct router_pending *p = &r->pending[i];
        if (p->token != token)
            continue;
        p->token = 0;
        return p;
    }
    return NULL;
}

void router_ask(struct router *r, const struct manscdp_request *m, enum agent_query_kind kind, const struct gb_time *now)
{
    struct router_pending *p = router_open(r, m, now);

    if (!p) {
        router_respond(r, m, false, NULL, now);
        return;
    }
    const struct agent_event ev = {
        .kind = AGENT_QUERY, .token = p->token, .channel = router_is_device(r, m->device_id) ? "" : p->request.device_id,
        .u.query.kind = kind,
    };
    ua_event_push(r->ua, &ev);
}

int router_reply_result(struct router *r, uint32_t token, int err, const struct gb_time *now)
{
    struct router_pending *p;

    if (router_config_part(r, token, &err))
        return 0;
    p = router_close(r, token);
    if (!p)
        return -ENOENT;
    router_respond(r, &p->request, err == 0, NULL, now);
    return 0;
}

void router_tick(struct router *r, const struct gb_time *now)
{
    for (unsigned i = 0; i < ROUTER_PENDING_MAX; i++) {
        struct router_pending *p = &r->pending[i];
        if (!p->token || p->deadline_ms > now->mono_ms)
            continue;
        p->token = 0;
        router_unanswered(r, &p->request, now);
    }
    router_moves_tick(r, now);
}

uint64_t router_deadline(const struct router *r)
{
    uint64_t next = router_moves_deadline(r);

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
    log_debug("%s: %s SN %s taken note of", r->ua->cfg.name, m->cmd_type, m->sn);
}

static void act_report(struct router *r, const struct manscdp_request *m, const struct gb_time *now)
{
    router_respond(r, m, !m->error && router_is_known(r, m->device_id), NULL, now);
}

void router_warn_refused(struct router *r, const struct manscdp_request *m, const char *why, const struct gb_time *now)
{
    const char *link = r->ua->cfg.name;
    const struct manscdp_unread *u = &m->unread;

    if (!u->element)
        log_warn_gated(&r->refusals, now->mono_ms, "%s: %s SN %s of %s refused: %s", link, m->cmd_type, m->sn, m->device_id,
                       why);
    else if (!u->text[0])
        log_warn_gated(&r->refusals, now->mono_ms, "%s: %s SN %s of %s refused: %s is missing", link, m->cmd_type, m->sn,
                       m->device_id, u->element);
    else
        log_warn_gated(&r->refusals, now->mono_ms, "%s: %s SN %s of %s refused: %s is no time: \"%s\"", link, m->cmd_type,
                       m->sn, m->device_id, u->element, u->text);
}

void router_pages(struct router *r, const struct pager_source *source, const struct manscdp_request *m,
                  const union pager_about *about, const struct gb_time *now)
{
    int ret = pager_start(r->pager, source, m->sn, m->device_id, about, now);

    if (ret)
        log_warn_gated(&r->refusals, now->mono_ms, "%s: %s SN %s: %s", r->ua->cfg.name, m->cmd_type, m->sn,
                       ret == -EALREADY ? "already being answered" : "too many at one time");
    /* A catalogue, which reports nothing, is better left without an answer. */
    if (ret == -ENOSPC && m->row->report)
        router_respond(r, m, false, NULL, now);
}

static void act_unsupported(struct router *r, const struct manscdp_request *m, const struct gb_time *now)
{
    bool due = m->row->answer == MANSCDP_RESULT || m->row->answer == MANSCDP_CONTENT;

    log_info_gated(&r->refusals, now->mono_ms, "%s: %s SN %s is not supported%s", r->ua->cfg.name,
                   m->cmd_type, m->sn, due ? ": ERROR" : "");
    if (due)
        router_respond(r, m, false, NULL, now);
}

void router_act(struct router *r, struct router_request *req, const struct gb_time *now)
{
    static void (*const act[])(struct router *, const struct manscdp_request *, const struct gb_time *) = {
        [MANSCDP_IGNORE] = act_ignore, [MANSCDP_REPORT] = act_report, [MANSCDP_CATALOG] = router_act_catalog,
        [MANSCDP_RECORDS] = router_act_records, [MANSCDP_STATUS] = router_act_status,
        [MANSCDP_ACT] = router_act_control, [MANSCDP_CONFIG] = router_act_config,
        [MANSCDP_DOWNLOAD] = router_act_download, [MANSCDP_PRESETS] = router_act_presets,
        [MANSCDP_TRACKS] = router_act_tracks, [MANSCDP_TRACK] = router_act_track, [MANSCDP_HOME] = router_act_home,
        [MANSCDP_HEAD] = router_act_head, [MANSCDP_STORAGE] = router_act_storage,
        [MANSCDP_UNSUPPORTED] = act_unsupported,
        [MANSCDP_PLACE] = router_act_place,
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

unsigned router_accept(struct router *r, const struct sip_scan *s, struct router_request *out, const struct gb_time *now)
{
    const struct agent_config *cfg = &r->ua->cfg;
    struct manscdp_request *m = &out->m;

    memset(out, 0, sizeof(*out));
    if (!is_xml_type(s->content_type))
        return 415;
    int ret = manscdp_decode(m, s->body, cfg->charset);
    if (ret) {
        log_warn_gated(&r->refusals, now->mono_ms, "%s: a MESSAGE with a body that is not MANSCDP: %s", cfg->name,
                       ret == -E2BIG ? "too large" : ret == -ENOMEM ? "no memory" : "broken");
        return ret == -ENOMEM ? 500 : 400;
    }
    /* Without a DeviceID it is for whom the request itself names. */
    if (!m->device_id[0] &&
        (!span_copy(s->target.user, m->device_id, sizeof(m->device_id)) || !router_is_known(r, m->device_id)))
        span_copy(span_of(device_config(r->ua->dev)->id), m->device_id, sizeof(m->device_id));
    if (m->row->action == MANSCDP_RECORDS)
        m->u.records.centre = span_eq_str(s->to.user, cfg->server_id);
    router_read_move(r, m);
    unsigned status = router_addressed(r, s, m, now);
    if (status != 200)
        manscdp_request_free(m);
    return status;
}

void router_request_free(struct router_request *req)
{
    manscdp_request_free(&req->m);
}
