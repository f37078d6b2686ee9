/* SPDX-License-Identifier: MIT */
/* Requests and responses received by an agent: checks, dispatch by method, outcome of our requests. */
#include "agent/agent_impl.h"

#include <string.h>

#include "util/log.h"

/* ---- responses ------------------------------------------------------------------------- */

static void keepalive_ended(struct agent *a, uint32_t ref, int status, const struct gb_time *now)
{
    agent_on_keepalive(a, keepalive_message_done(&a->keepalive, ref, status), status, now);
}

static void response_ended(struct agent *a, uint32_t ref, int status, const struct gb_time *now)
{
    router_message_done(&a->router, ref, status, now);
}

static void page_ended(struct agent *a, uint32_t ref, int status, const struct gb_time *now)
{
    pager_message_done(&a->pager, ref, status, now);
}

static void alarm_ended(struct agent *a, uint32_t ref, int status, const struct gb_time *now)
{
    alarm_message_done(&a->alarms, ref, status, now);
}

static void notifier_ended(struct agent *a, uint32_t ref, int status, const struct gb_time *now)
{
    notifier_message_done(&a->notifier, ref, status, now);
}

static void media_status_ended(struct agent *a, uint32_t ref, int status, const struct gb_time *now)
{
    (void)now;
    call_media_status_done(&a->calls, ref, status);
}

static void video_upload_ended(struct agent *a, uint32_t ref, int status, const struct gb_time *now)
{
    (void)ref;
    (void)now;
    notifier_video_upload_done(&a->notifier, status);
}

/* By enum message_purpose. */
static void (*const message_ended[])(struct agent *a, uint32_t ref, int status, const struct gb_time *now) = {
    [MESSAGE_KEEPALIVE] = keepalive_ended,
    [MESSAGE_RESPONSE] = response_ended,
    [MESSAGE_PAGE] = page_ended,
    [MESSAGE_ALARM] = alarm_ended,
    [MESSAGE_MEDIA_STATUS] = media_status_ended,
    [MESSAGE_VIDEO_UPLOAD] = video_upload_ended,
    [MESSAGE_QUEUED_NOTIFY] = notifier_ended,
};

static void notify_ended(struct agent *a, const struct client_tx *t, const struct gb_time *now)
{
    struct notify_end end;

    if (!subscriptions_notify_done(&a->subscriptions, t->ref, t->status, &end, now))
        return;
    if (end.alarm)
        alarm_notify_done(&a->alarms, end.slot, end.alarm, (int)t->status, now);
    alarm_subscribers_gone(&a->alarms, end.gone, now);
    subscriptions_resume(&a->subscriptions, end.slot, now);
}

void agent_client_ended(struct agent *a, struct client_tx *t, const struct sip_scan *s, const struct gb_time *now)
{
    if (t->kind == CLIENT_TX_REGISTER)
        agent_on_registration(a, registration_done(&a->reg, t->status, s, a->calls.count > 0, now), now);
    else if (t->kind == CLIENT_TX_MESSAGE)
        message_ended[t->purpose](a, t->ref, (int)t->status, now);
    else if (t->kind == CLIENT_TX_NOTIFY)
        notify_ended(a, t, now);
    client_tx_drop(t);
    registration_check_stopped(&a->reg, now);
}

void agent_input_response(struct agent *a, const struct sip_scan *s, const struct sip_origin *o,
                          const struct gb_time *now)
{
    struct client_tx *t = client_tx_match(&a->ua.client_txs, s);

    if (!t || t->ended) {
        ua_dropped(&a->ua, &o->from, "no pending request", now);
        return;
    }
    if (!client_tx_response(t, s->status, now->mono_ms)) {
        if (t->kind == CLIENT_TX_REGISTER)
            registration_provisional(&a->reg);
        return;
    }
    client_tx_take(t);
    if (t->kind == CLIENT_TX_REGISTER && s->status / 100 == 2)
        ua_learn_source(&a->ua, &o->from);
    if (ua_learn_public(&a->ua, s))
        registration_readdress(&a->reg, now);
    agent_client_ended(a, t, s, now);
}

/* ---- requests -------------------------------------------------------------------------- */

static void on_message(struct agent *a, const struct sip_scan *s, const struct sip_origin *o, const struct gb_time *now)
{
    struct router_request req;
    unsigned status = router_accept(&a->router, s, &req, now);

    ua_refuse(&a->ua, s, o, status, now);
    if (status != 200)
        return;
    router_act(&a->router, &req, now);
    router_request_free(&req);
}

static void on_subscribe(struct agent *a, const struct sip_scan *s, const struct sip_origin *o,
                         const struct gb_time *now)
{
    alarm_subscribers_gone(&a->alarms, subscriptions_request(&a->subscriptions, s, o, now), now);
}

static void on_invite(struct agent *a, const struct sip_scan *s, const struct sip_origin *o, const struct gb_time *now)
{
    call_invite(&a->calls, s, o, now);
}

static void on_cancel(struct agent *a, const struct sip_scan *s, const struct sip_origin *o, const struct gb_time *now)
{
    call_cancel(&a->calls, s, o, now);
}

static void on_bye(struct agent *a, const struct sip_scan *s, const struct sip_origin *o, const struct gb_time *now)
{
    call_bye(&a->calls, s, o, now);
}

static void on_info(struct agent *a, const struct sip_scan *s, const struct sip_origin *o, const struct gb_time *now)
{
    call_info(&a->calls, s, o, now);
}

static void on_options(struct agent *a, const struct sip_scan *s, const struct sip_origin *o, const struct gb_time *now)
{
    struct sip_response r = { .status = 200, .allow = UA_ALLOW, .accept = UA_ACCEPT };

    ua_respond(&a->ua, s, o, &r, now);
}

typedef void request_fn(struct agent *a, const struct sip_scan *s, const struct sip_origin *o,
                        const struct gb_time *now);

/* Other methods get 405 if they are defined, otherwise 501. */
static const struct {
    enum sip_method method;
    bool always; /* answered even when not registered */
    request_fn *handle;
} methods[] = {
    { SIP_INVITE, false, on_invite },  { SIP_CANCEL, true, on_cancel },    { SIP_BYE, true, on_bye },
    { SIP_INFO, false, on_info },      { SIP_MESSAGE, false, on_message }, { SIP_SUBSCRIBE, false, on_subscribe },
    { SIP_OPTIONS, true, on_options },
};

/* A malformed BYE is accepted: refusing it would leave a stream that cannot be stopped. */
static bool ends_a_call(const struct agent *a, const struct sip_scan *s)
{
    return s->method == SIP_BYE && call_of_request(&a->calls, s) != NULL;
}

static bool is_call_method(enum sip_method m)
{
    return m == SIP_INVITE || m == SIP_CANCEL || m == SIP_BYE || m == SIP_INFO;
}

static bool refuse_malformed(struct agent *a, const struct sip_scan *s, const struct sip_origin *o,
                             const struct gb_time *now)
{
    struct span require;

    if (ends_a_call(a, s))
        return false;
    if (s->bad_version) {
        ua_refuse(&a->ua, s, o, 505, now);
        return true;
    }
    if (s->bad) {
        log_debug("%s: request-malformed method=%s reason=\"%s\"", a->ua.cfg.name, sip_method_name(s->method), s->bad);
        ua_refuse(&a->ua, s, o, 400, now);
        return true;
    }
    if (s->bad_scheme && s->method != SIP_CANCEL) {
        ua_refuse(&a->ua, s, o, 416, now);
        return true;
    }
    if (s->method != SIP_CANCEL && sip_scan_header(s, "Require", 0, &require) && require.n > 0) {
        struct sip_response r = { .status = 420, .unsupported = require };
        ua_respond(&a->ua, s, o, &r, now);
        return true;
    }
    return false;
}

void agent_input_request(struct agent *a, const struct sip_scan *s, const struct sip_origin *o,
                         const struct gb_time *now)
{
    struct server_tx *t;

    if (s->method == SIP_ACK) {
        if (!server_tx_ack(&a->ua.server_txs, s) && (o->unclear || !call_of_request(&a->calls, s)))
            ua_dropped(&a->ua, &o->from, "no pending INVITE", now);
        if (!o->unclear)
            call_ack(&a->calls, s, now);
        return;
    }
    t = server_tx_find(&a->ua.server_txs, s);
    if (t) {
        if (t->response)
            ua_packet_push(&a->ua, o->link, &o->from, t->response, t->response_len);
        return;
    }
    if (o->unclear && is_call_method(s->method)) {
        ua_refuse(&a->ua, s, o, 481, now);
        return;
    }
    if (refuse_malformed(a, s, o, now))
        return;
    if (!ua_note_ok(&a->ua, s, now)) {
        ua_refuse(&a->ua, s, o, 403, now);
        return;
    }
    for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++) {
        if (methods[i].method != s->method)
            continue;
        if (methods[i].always || registration_accepts(&a->reg, s->method == SIP_INVITE, now)) {
            methods[i].handle(a, s, o, now);
        } else {
            a->ua.refused++;
            ua_refuse(&a->ua, s, o, 403, now);
        }
        return;
    }
    if (!registration_accepts(&a->reg, false, now)) {
        a->ua.refused++;
        ua_refuse(&a->ua, s, o, 403, now);
        return;
    }
    ua_refuse(&a->ua, s, o, s->method == SIP_UNKNOWN ? 501 : 405, now);
}
