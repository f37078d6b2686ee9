/* SPDX-License-Identifier: MIT */
/* Requests inside a call: ACK, BYE, CANCEL, INFO. call_match finds it where platforms get tags and branch wrong, too, and the
 * CSeq of what ends it does not matter: a stream that nobody can stop is worse than a forged BYE from a source that is
 * accepted anyway. */
#include "agent/call.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "agent/agent_impl.h"
#include "codec/mansrtsp.h"
#include "util/log.h"

void call_ack(struct agent *a, const struct sip_scan *s, const struct gb_time *now)
{
    struct call *c = call_of_request(a, s);
    struct agent_event ev = { .kind = AGENT_CALL_START };

    if (c && c->parting) {
        parting_ack(c, now);
        return;
    }
    if (!c || c->state != CALL_ANSWERED)
        return;
    c->state = CALL_RUNNING;
    c->resend_ms = UINT64_MAX;
    free(c->answer);
    c->answer = NULL;
    c->answer_len = 0;
    if (c->started)
        return;
    ev.call = c->number;
    ev.u.start.ssrc = c->offer.ssrc;
    ev.u.start.payload_type = c->offer.payload_type;
    if (ua_event_try(&a->ua, &ev) != 0) {
        call_send_bye(c, now);
        call_stop(c, CALL_STOP_LOCAL, "out of memory", now);
        return;
    }
    c->started = true;
}

void call_bye(struct agent *a, const struct sip_scan *s, const struct sip_origin *o, const struct gb_time *now)
{
    struct call *c = call_of_request(a, s);

    ua_refuse(&a->ua, s, o, c ? 200 : 481, now);
    if (c && c->parting)
        parting_drop(c);                /* ours need not go any more */
    else if (c)
        call_stop(c, CALL_STOP_BYE, "BYE", now);
}

void call_cancel(struct agent *a, const struct sip_scan *s, const struct sip_origin *o, const struct gb_time *now)
{
    struct call *c = call_of_request(a, s);
    struct sip_response ok = { .status = 200 };

    if (!c) {
        ua_refuse(&a->ua, s, o, 481, now);
        return;
    }
    ok.to_tag = c->local_tag;
    ua_respond(&a->ua, s, o, &ok, now);
    /* Too late for an INVITE that is answered: BYE will follow. */
    if (c->parting || c->state != CALL_OFFERED)
        return;
    if (c->reoffer) {
        call_refuse_pending(c, 487, now);
        call_send_bye(c, now);
    }
    call_stop(c, CALL_STOP_CANCEL, "CANCEL", now);
}

/* ---- INFO ------------------------------------------------------------------------------ */

static void respond_rtsp(struct agent *a, const struct sip_scan *s, const struct sip_origin *o, unsigned rtsp_status,
                         uint32_t cseq, const struct gb_time *now)
{
    struct sip_response r = { .status = 200, .content_type = "Application/MANSRTSP" };
    char text[256];
    struct buf body;

    buf_init(&body, text, sizeof(text));
    mansrtsp_reply(&body, rtsp_status, cseq);
    r.body = buf_view(&body);
    ua_respond(&a->ua, s, o, &r, now);
}

static void control_free(struct call_control *k)
{
    call_message_free(&k->info);
    memset(k, 0, sizeof(*k));
}

/* rtsp_status 0: the shell never answered. */
void call_control_answer(struct call *c, struct call_control *k, unsigned rtsp_status, const struct gb_time *now)
{
    const struct sip_origin o = { .link = k->link, .from = k->from, .reliable = k->reliable, .data = k->info.data,
                                  .len = k->info.len };
    struct sip_scan s;

    if (sip_scan(&s, k->info.data, k->info.len, k->reliable) == 0) {
        if (rtsp_status != 0)
            respond_rtsp(c->agent, &s, &o, rtsp_status, k->rtsp_cseq, now);
        else
            ua_refuse(&c->agent->ua, &s, &o, 500, now);
    }
    control_free(k);
}

void call_controls_tick(struct call *c, const struct gb_time *now)
{
    for (size_t i = 0; c->control && i < CALL_CONTROLS_MAX; i++) {
        if (c->control[i].token != 0 && now->mono_ms >= c->control[i].deadline_ms)
            call_control_answer(c, &c->control[i], 0, now);
    }
}

uint64_t call_controls_deadline(const struct call *c)
{
    uint64_t when = UINT64_MAX;

    for (size_t i = 0; c->control && i < CALL_CONTROLS_MAX; i++) {
        if (c->control[i].token != 0 && c->control[i].deadline_ms < when)
            when = c->control[i].deadline_ms;
    }
    return when;
}

static struct call_control *control_new(struct call *c, const struct sip_origin *o, const struct gb_time *now)
{
    struct ua_common *m = c->agent->ua.common;

    if (!c->control)
        c->control = calloc(CALL_CONTROLS_MAX, sizeof(*c->control));
    for (size_t i = 0; c->control && i < CALL_CONTROLS_MAX; i++) {
        struct call_control *k = &c->control[i];
        if (k->token != 0)
            continue;
        if (call_message_keep(&k->info, o) != 0)
            return NULL;
        m->next_token = m->next_token + 1 != 0 ? m->next_token + 1 : 1;
        k->token = m->next_token;
        k->deadline_ms = now->mono_ms + CALL_CONTROL_MS;
        k->link = o->link;
        k->from = o->from;
        k->reliable = o->reliable;
        return k;
    }
    return NULL;
}

static void control(struct call *c, const struct mansrtsp *rtsp, const struct sip_scan *s, const struct sip_origin *o,
                    const struct gb_time *now)
{
    struct agent *a = c->agent;
    struct call_control *k = control_new(c, o, now);
    struct agent_event ev = { .kind = AGENT_CALL_CONTROL, .call = c->number };

    if (!k) {
        ua_refuse(&a->ua, s, o, 500, now);
        return;
    }
    k->rtsp_cseq = rtsp->cseq;
    ev.token = k->token;
    ev.u.rtsp = *rtsp;
    /* Without a response yet, so that the same INFO again is not a second control. */
    server_tx_add(&a->ua.served, s, now->mono_ms);
    if (ua_event_try(&a->ua, &ev) != 0) {
        control_free(k);
        ua_refuse(&a->ua, s, o, 500, now);
    }
}

/* The media stops now. The platform's BYE follows, or else ours. */
static void teardown(struct call *c, const struct gb_time *now)
{
    bool established = c->state != CALL_OFFERED || c->reoffer;

    if (established && parting_new(c, now->mono_ms + CALL_TEARDOWN_MS) != 0)
        call_send_bye(c, now);
    call_stop(c, CALL_STOP_TEARDOWN, "TEARDOWN", now);
}

void call_info(struct agent *a, const struct sip_scan *s, const struct sip_origin *o, const struct gb_time *now)
{
    struct call *c = call_of_request(a, s);
    struct mansrtsp rtsp;
    int rc;

    if (!c || c->parting) {
        ua_refuse(&a->ua, s, o, 481, now);
        return;
    }
    if (call_cseq_old(c, s)) {
        ua_refuse(&a->ua, s, o, 500, now);
        return;
    }
    if (!span_case_eq_str(s->content_type, "application/mansrtsp")) {
        ua_refuse(&a->ua, s, o, 415, now);
        return;
    }
    rc = mansrtsp_parse(&rtsp, s->body);
    if (rc != 0) {
        ua_refuse(&a->ua, s, o, rc == -ENOTSUP ? 488 : 400, now);
    } else if (rtsp.verb == MANSRTSP_TEARDOWN) {
        respond_rtsp(a, s, o, 200, rtsp.cseq, now);
        teardown(c, now);
    } else {
        control(c, &rtsp, s, o, now);
    }
}
