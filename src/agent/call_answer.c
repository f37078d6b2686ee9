/* SPDX-License-Identifier: MIT */
/* Responses to INVITE: 100, the 200 with the SDP answer, refusals; and the owner's decisions about a call. */
#include "agent/call.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/call_priv.h"
#include "util/log.h"

#define SDP_MAX 2048u

int call_message_keep(struct call_message *m, const struct sip_origin *o)
{
    m->data = malloc(o->len);
    if (!m->data)
        return -ENOMEM;
    memcpy(m->data, o->data, o->len);
    m->len = o->len;
    return 0;
}

void call_message_free(struct call_message *m)
{
    free(m->data);
    m->data = NULL;
    m->len = 0;
}

int call_rescan(const struct call *c, const struct call_message *m, struct sip_scan *s, struct sip_origin *o)
{
    *o = (struct sip_origin){
        .link = c->link, .from = c->peer, .reliable = c->reliable, .data = m->data, .len = m->len
    };
    return m->data ? sip_scan(s, m->data, m->len, c->reliable) : -ENOENT;
}

void call_refuse_pending(struct call *c, unsigned status, const struct gb_time *now)
{
    struct sip_response r = { .status = status, .to_tag = c->local_tag };
    struct sip_origin o;
    struct sip_scan s;

    if (call_rescan(c, &c->pending, &s, &o) == 0)
        ua_respond(c->calls->ua, &s, &o, &r, now);
    call_message_free(&c->pending);
}

void call_trying(struct call *c, const struct gb_time *now)
{
    struct sip_response r = { .status = 100 };
    struct sip_origin o;
    struct sip_scan s;

    c->trying_ms = UINT64_MAX;
    if (call_rescan(c, &c->pending, &s, &o) == 0)
        ua_respond(c->calls->ua, &s, &o, &r, now);
}

void call_respond_200(struct call *c, const struct sip_scan *s, const struct sip_origin *o, const struct gb_time *now)
{
    char contact[160];
    struct sip_response r = { .status = 200,
                              .to_tag = c->local_tag,
                              .contact = contact,
                              .content_type = "Application/SDP",
                              .body = { c->sdp, c->sdp_len },
                              .record_route = true };

    ua_contact(c->calls->ua, c->channel, contact);
    ua_respond(c->calls->ua, s, o, &r, now);
}

void call_resend(struct call *c, const struct gb_time *now)
{
    ua_packet_push(c->calls->ua, c->link, &c->peer, c->answer, c->answer_len);
    c->interval_ms = c->interval_ms * 2 < SIP_T2_MS ? c->interval_ms * 2 : SIP_T2_MS;
    c->resend_ms = now->mono_ms + c->interval_ms;
}

int call_answer_pending(struct call *c, const struct gb_time *now)
{
    struct calls *cs = c->calls;
    struct server_tx *t;
    struct sip_origin o;
    struct sip_scan s;

    if (call_rescan(c, &c->pending, &s, &o) != 0)
        return -ENOENT;
    call_respond_200(c, &s, &o, now);
    t = server_tx_find(&cs->ua->server_txs, &s);
    call_message_free(&c->pending);
    free(c->answer);
    c->answer = NULL;
    c->answer_len = 0;
    if (t && t->response && !c->reliable) {
        c->answer = malloc(t->response_len);
        if (c->answer) {
            memcpy(c->answer, t->response, t->response_len);
            c->answer_len = t->response_len;
        }
    }
    c->state = CALL_ANSWERED;
    c->trying_ms = UINT64_MAX;
    c->interval_ms = SIP_T1_MS;
    c->resend_ms = c->answer ? now->mono_ms + SIP_T1_MS : UINT64_MAX;
    c->give_up_ms = now->mono_ms + CALL_ACK_MS;
    return 0;
}

/* Ends a call on the owner's behalf, without an event. */
static void give_up(struct call *c, unsigned status, const struct gb_time *now)
{
    call_refuse_pending(c, status, now);
    call_hang_up(c, now);
    call_remove(c);
}

/* Reduces the offer to the format that will be sent. */
static int choose_format(struct sdp_offer *o, enum sdp_format format)
{
    const uint8_t elementary = format == SDP_FORMAT_H264 ? o->h264 : format == SDP_FORMAT_H265 ? o->h265 : 0;

    if (format == SDP_FORMAT_PS)
        return o->format == SDP_FORMAT_PS ? 0 : -ENOTSUP;
    if (!elementary)
        return -ENOTSUP;
    o->format = format;
    o->payload_type = elementary;
    return 0;
}

/* Sets c->sdp, the SDP answer. */
static int write_sdp(struct call *c, const struct call_answer *answer)
{
    struct sdp_answer sdp = { .offer = &c->offer,
                              .channel = c->channel,
                              .f = answer->f,
                              .local = ua_media_addr(c->calls->ua, &answer->local),
                              .file_size = c->offer.session == SDP_DOWNLOAD ? answer->file_size : 0,
                              .setup = c->offer.tcp ? sdp_setup_answer(c->offer.setup) : SDP_SETUP_NONE };
    char text[SDP_MAX], *copy;
    struct buf out;

    span_copy(span_of(c->offer.ssrc_text), sdp.ssrc_text, sizeof(sdp.ssrc_text));
    buf_init(&out, text, sizeof(text));
    sdp_answer_write(&out, &sdp);
    if (out.overflow)
        return -EMSGSIZE;
    copy = malloc(out.len + 1);
    if (!copy)
        return -ENOMEM;
    memcpy(copy, out.data, out.len + 1);
    free(c->sdp);
    c->sdp = copy;
    c->sdp_len = out.len;
    return 0;
}

int call_accept(struct calls *cs, uint32_t call, const struct call_answer *answer, const struct gb_time *now)
{
    struct call *c = call_find(cs, call);
    int err;

    if (!c || c->state != CALL_OFFERED)
        return -ENOENT;
    if (choose_format(&c->offer, answer->format) != 0)
        return -ENOTSUP;
    err = write_sdp(c, answer);
    if (err == 0)
        err = call_answer_pending(c, now);
    if (err != 0)
        give_up(c, 500, now);
    return err;
}

int call_reject(struct calls *cs, uint32_t call, unsigned status, const struct gb_time *now)
{
    struct call *c = call_find(cs, call);

    if (!c || c->state != CALL_OFFERED)
        return -ENOENT;
    give_up(c, status >= 300 && status < 700 ? status : 480, now);
    return 0;
}

int call_ended(struct calls *cs, uint32_t call, const char *why, const struct gb_time *now)
{
    struct call *c = call_find(cs, call);

    if (!c)
        return -ENOENT;
    log_debug("%s: call-stop call=%u channel=%s reason=\"%s\"", cs->ua->cfg.name, (unsigned)call, c->channel,
              why ? why : "");
    give_up(c, 480, now);
    return 0;
}
