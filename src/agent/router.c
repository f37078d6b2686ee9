/* SPDX-License-Identifier: MIT */
#include "agent/router.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "agent/command_log.h"
#include "agent/router_priv.h"
#include "device/device.h"
#include "manscdp/table.h"
#include "util/log.h"

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

/* ---- responses ------------------------------------------------------------------------------- */

bool router_is_device(const struct router *r, const char *id)
{
    return !strcmp(id, device_config(r->ua->dev)->id);
}

bool router_is_known(const struct router *r, const char *id)
{
    return router_is_device(r, id) || device_item_find(r->ua->dev, span_of(id));
}

static void warn_unsent(struct router *r, const struct manscdp_request *m, int err, const struct gb_time *now)
{
    char command[COMMAND_LOG_SIZE];

    log_warn_gated(&r->refusals, now->mono_ms, "%s: response-not-sent command=%s reason=\"%s\"", r->ua->cfg.name,
                   command_log(command, m->cmd_type, m->sn, m->device_id), strerror(-err));
}

void router_answer_restart(struct router_answer *an)
{
    const struct manscdp_request *m = an->request;

    an->closed = false;
    buf_init(&an->xml, an->utf8, sizeof(an->utf8));
    manscdp_begin(&an->xml, an->router->ua->cfg.charset, MANSCDP_RESPONSE, m->cmd_type, m->sn, m->device_id);
}

struct router_answer *router_answer_begin(struct router *r, const struct manscdp_request *m, const struct gb_time *now)
{
    struct router_answer *an = malloc(sizeof(*an));

    if (!an) {
        warn_unsent(r, m, -ENOMEM, now);
        return NULL;
    }
    an->router = r;
    an->request = m;
    router_answer_restart(an);
    return an;
}

static void close_answer(struct router_answer *an)
{
    if (an->closed)
        return;
    an->closed = true;
    manscdp_end(&an->xml, MANSCDP_RESPONSE);
    buf_init(&an->body, an->converted, sizeof(an->converted));
    an->err = manscdp_convert(an->router->ua->cfg.charset, &an->xml, &an->body);
}

bool router_answer_fits(struct router_answer *an)
{
    close_answer(an);
    return an->err ? an->err != -EMSGSIZE : an->body.len <= ua_body_room(an->router->ua);
}

void router_answer_send(struct router_answer *an, const struct gb_time *now)
{
    struct router *r = an->router;
    int err;

    close_answer(an);
    err = an->err ? an->err : ua_send_message(r->ua, MESSAGE_RESPONSE, 0, buf_view(&an->body), now);
    if (err)
        warn_unsent(r, an->request, err, now);
    free(an);
}

void router_respond(struct router *r, const struct manscdp_request *m, bool ok, const struct gb_time *now)
{
    struct router_answer *an = router_answer_begin(r, m, now);

    if (!an)
        return;
    xml_put(&an->xml, "Result", ok ? "OK" : "ERROR");
    if (!ok)
        router_put_refusal(r, m, &an->xml);
    router_answer_send(an, now);
}

void router_message_done(struct router *r, uint32_t ref, int status, const struct gb_time *now)
{
    (void)ref;
    /* Not repeated, because the platform no longer waits. */
    if (status < 200 || status >= 300)
        log_info_gated(&r->refusals, now->mono_ms, "%s: response-refused status=%d", r->ua->cfg.name, status);
}

/* ---- requests that wait for the board ------------------------------------------------------------ */

struct router_pending *router_pending_add(struct router *r, const struct manscdp_request *m, const struct gb_time *now)
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

struct router_pending *router_pending_find(struct router *r, uint32_t token, enum manscdp_action action)
{
    for (unsigned i = 0; token && i < ROUTER_PENDING_MAX; i++) {
        struct router_pending *p = &r->pending[i];
        if (p->token == token && p->request.row->action == action)
            return p;
    }
    return NULL;
}

void router_pending_remove(struct router_pending *p)
{
    p->token = 0;
}

void router_tick(struct router *r, const struct gb_time *now)
{
    for (unsigned i = 0; i < ROUTER_PENDING_MAX; i++) {
        struct router_pending *p = &r->pending[i];
        if (!p->token || p->deadline_ms > now->mono_ms)
            continue;
        p->token = 0;
        router_pending_timeout(r, &p->request, now);
    }
    router_moves_tick(r, now);
}

uint64_t router_deadline(const struct router *r)
{
    uint64_t next = router_moves_deadline(r);

    for (unsigned i = 0; i < ROUTER_PENDING_MAX; i++)
        if (r->pending[i].token && r->pending[i].deadline_ms < next)
            next = r->pending[i].deadline_ms;
    return next;
}

/* ---- actions ----------------------------------------------------------------------------------- */

static void act_ignore(struct router *r, const struct manscdp_request *m, const struct gb_time *now)
{
    char command[COMMAND_LOG_SIZE];

    (void)now;
    log_debug("%s: request-ignored command=%s", r->ua->cfg.name,
              command_log(command, m->cmd_type, m->sn, m->device_id));
}

static void act_unsupported(struct router *r, const struct manscdp_request *m, const struct gb_time *now)
{
    char command[COMMAND_LOG_SIZE];

    log_info_gated(&r->refusals, now->mono_ms, "%s: request-unsupported command=%s", r->ua->cfg.name,
                   command_log(command, m->cmd_type, m->sn, m->device_id));
    if (m->row->answer == MANSCDP_RESULT || m->row->answer == MANSCDP_CONTENT)
        router_respond(r, m, false, now);
}

void router_act(struct router *r, struct router_request *req, const struct gb_time *now)
{
    static void (*const act[])(struct router *, const struct manscdp_request *, const struct gb_time *) = {
        [MANSCDP_IGNORE] = act_ignore,
        [MANSCDP_UNSUPPORTED] = act_unsupported,
        [MANSCDP_DEVICE_CONTROL] = router_act_control,
        [MANSCDP_CONFIG] = router_act_config,
    };
    const enum manscdp_action action = req->m.row->action;

    if (action < sizeof(act) / sizeof(act[0]))
        act[action](r, &req->m, now);
    else
        router_query(r, &req->m, now);
}

/* ---- requests ---------------------------------------------------------------------------------- */

/* Application/MANSCDP+xml; some platforms send application/xml, or no Content-Type. */
static bool is_xml_type(struct span type)
{
    type = span_trim(type);
    if (!type.n)
        return true;
    for (size_t i = 0; i + 3 <= type.n; i++)
        if (span_case_eq_str((struct span){ type.p + i, 3 }, "xml"))
            return true;
    return false;
}

unsigned router_accept(struct router *r, const struct sip_scan *s, struct router_request *out,
                       const struct gb_time *now)
{
    const struct agent_config *cfg = &r->ua->cfg;
    struct manscdp_request *m = &out->m;

    memset(out, 0, sizeof(*out));
    if (!is_xml_type(s->content_type))
        return 415;
    int err = manscdp_decode(m, s->body, cfg->charset);
    if (err) {
        log_warn_gated(&r->refusals, now->mono_ms, "%s: request-refused method=MESSAGE reason=\"%s\"", cfg->name,
                       err == -E2BIG    ? "MANSCDP body too large"
                       : err == -ENOMEM ? "out of memory"
                                        : "malformed MANSCDP body");
        return err == -ENOMEM ? 500 : 400;
    }
    /* Without DeviceID, the Request-URI names the target. */
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
