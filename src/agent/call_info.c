/* SPDX-License-Identifier: MIT */
/* INFO: MANSRTSP requests of a running call, answered by the owner. */
#include "agent/call.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "agent/call_priv.h"
#include "codec/mansrtsp.h"

static void respond_rtsp(struct ua *u, const struct sip_scan *s, const struct sip_origin *o, unsigned rtsp_status,
                         uint32_t cseq, const struct gb_time *now)
{
    struct sip_response r = { .status = 200, .content_type = "Application/MANSRTSP" };
    char text[256];
    struct buf body;

    buf_init(&body, text, sizeof(text));
    mansrtsp_reply(&body, rtsp_status, cseq);
    r.body = buf_view(&body);
    ua_respond(u, s, o, &r, now);
}

static void control_free(struct call_control *k)
{
    call_message_free(&k->info);
    memset(k, 0, sizeof(*k));
}

/* rtsp_status 0: the owner did not answer in time. */
static void control_answer(struct call *c, struct call_control *k, unsigned rtsp_status, const struct gb_time *now)
{
    const struct sip_origin o = {
        .link = k->link, .from = k->from, .reliable = k->reliable, .data = k->info.data, .len = k->info.len
    };
    struct sip_scan s;

    if (sip_scan(&s, k->info.data, k->info.len, k->reliable) == 0) {
        if (rtsp_status != 0)
            respond_rtsp(c->calls->ua, &s, &o, rtsp_status, k->rtsp_cseq, now);
        else
            ua_refuse(c->calls->ua, &s, &o, 500, now);
    }
    control_free(k);
}

int call_control_done(struct calls *cs, uint32_t call, uint32_t token, unsigned rtsp_status, const struct gb_time *now)
{
    struct call *c = call_find(cs, call);

    for (size_t i = 0; c && c->control && token != 0 && i < CALL_CONTROLS_MAX; i++) {
        if (c->control[i].token == token) {
            control_answer(c, &c->control[i], rtsp_status, now);
            return 0;
        }
    }
    return -ENOENT;
}

void call_controls_tick(struct call *c, const struct gb_time *now)
{
    for (size_t i = 0; c->control && i < CALL_CONTROLS_MAX; i++)
        if (c->control[i].token != 0 && now->mono_ms >= c->control[i].deadline_ms)
            control_answer(c, &c->control[i], 0, now);
}

uint64_t call_controls_deadline(const struct call *c)
{
    uint64_t when = UINT64_MAX;

    for (size_t i = 0; c->control && i < CALL_CONTROLS_MAX; i++)
        if (c->control[i].token != 0 && c->control[i].deadline_ms < when)
            when = c->control[i].deadline_ms;
    return when;
}

void call_controls_free(struct call *c)
{
    for (size_t i = 0; c->control && i < CALL_CONTROLS_MAX; i++)
        call_message_free(&c->control[i].info);
    free(c->control);
    c->control = NULL;
}

static struct call_control *control_new(struct call *c, const struct sip_origin *o, const struct gb_time *now)
{
    struct ua_common *m = c->calls->ua->common;

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
    struct ua *u = c->calls->ua;
    struct call_control *k = control_new(c, o, now);
    struct agent_event ev = { .kind = AGENT_CALL_CONTROL, .call = c->number };

    if (!k) {
        ua_refuse(u, s, o, 500, now);
        return;
    }
    k->rtsp_cseq = rtsp->cseq;
    ev.token = k->token;
    ev.u.rtsp = *rtsp;
    /* Otherwise a retransmitted INFO would be a second request. */
    server_tx_add(&u->server_txs, s, now->mono_ms);
    if (ua_event_try(u, &ev) != 0) {
        control_free(k);
        ua_refuse(u, s, o, 500, now);
    }
}

/* Stops the media. If the platform sends no BYE, we will. */
static void teardown(struct call *c, const struct gb_time *now)
{
    if (call_hang_up_later(c, now->mono_ms + CALL_TEARDOWN_MS) != 0)
        call_hang_up(c, now);
    call_stop(c, CALL_STOP_TEARDOWN, "TEARDOWN", now);
}

void call_info(struct calls *cs, const struct sip_scan *s, const struct sip_origin *o, const struct gb_time *now)
{
    struct call *c = call_of_request(cs, s);
    struct mansrtsp rtsp;
    int err;

    if (!c || c->state == CALL_LEAVING) {
        ua_refuse(cs->ua, s, o, 481, now);
        return;
    }
    if (call_cseq_old(c, s)) {
        ua_refuse(cs->ua, s, o, 500, now);
        return;
    }
    if (!span_case_eq_str(s->content_type, "application/mansrtsp")) {
        ua_refuse(cs->ua, s, o, 415, now);
        return;
    }
    err = mansrtsp_parse(&rtsp, s->body);
    if (err != 0) {
        ua_refuse(cs->ua, s, o, err == -ENOTSUP ? 488 : 400, now);
    } else if (rtsp.verb == MANSRTSP_TEARDOWN) {
        respond_rtsp(cs->ua, s, o, 200, rtsp.cseq, now);
        teardown(c, now);
    } else {
        control(c, &rtsp, s, o, now);
    }
}
