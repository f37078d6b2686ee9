/* SPDX-License-Identifier: MIT */
#include "agent/call.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/agent_impl.h"
#include "util/log.h"

void call_free(struct call *c)
{
    call_table_remove(c);
    for (size_t i = 0; c->control && i < CALL_CONTROLS_MAX; i++)
        call_message_free(&c->control[i].info);
    free(c->control);
    call_message_free(&c->dialog);
    call_message_free(&c->pending);
    free(c->stop_event);
    free(c->sdp);
    free(c->answer);
    free(c);
}

static void tell_stop(struct call *c, enum agent_stop_reason reason, const char *why)
{
    const struct agent_event ev = { .kind = AGENT_CALL_STOP, .call = c->number, .why = why, .u.stop = reason };

    log_info("%s: call %u of %s stops: %s", c->agent->ua.cfg.name, (unsigned)c->number, c->channel, why);
    ua_event_append(&c->agent->ua, c->stop_event, &ev);
    c->stop_event = NULL;
}

void call_stop(struct call *c, enum agent_stop_reason reason, const char *why, const struct gb_time *now)
{
    if (c->pending.data)
        call_refuse_pending(c, 487, now);
    tell_stop(c, reason, why);
    call_free(c);
}

/* ---- time ------------------------------------------------------------------------------ */

void call_resend(struct call *c, const struct gb_time *now)
{
    ua_packet_push(&c->agent->ua, c->link, &c->peer, c->answer, c->answer_len);
    c->interval_ms = c->interval_ms * 2 < SIP_T2_MS ? c->interval_ms * 2 : SIP_T2_MS;
    c->resend_ms = now->mono_ms + c->interval_ms;
}

void call_tick(struct call *c, const struct gb_time *now)
{
    struct agent *a = c->agent;
    struct sip_response trying = { .status = 100 };
    struct sip_origin o;
    struct sip_scan s;

    call_controls_tick(c, now);
    if (c->state == CALL_RUNNING && now->mono_ms >= c->eof_ms) {
        call_send_bye(c, now);
        call_stop(c, CALL_STOP_LOCAL, "the recording ended", now);
        return;
    }
    if (c->state == CALL_OFFERED && now->mono_ms >= c->trying_ms) {
        c->trying_ms = UINT64_MAX;
        if (call_rescan(c, &c->pending, &s, &o) == 0)
            ua_respond(&a->ua, &s, &o, &trying, now);
    }
    if (c->state == CALL_ANSWERED && now->mono_ms >= c->resend_ms)
        call_resend(c, now);
    if (c->state == CALL_RUNNING || now->mono_ms < c->give_up_ms)
        return;
    if (c->state == CALL_OFFERED) {
        call_refuse_pending(c, 480, now);
        if (c->reoffer)
            call_send_bye(c, now);
        call_stop(c, CALL_STOP_REJECTED, "the offer was not answered", now);
    } else {
        call_send_bye(c, now);
        call_stop(c, CALL_STOP_NO_ACK, "no ACK", now);
    }
}

uint64_t call_deadline(const struct call *c)
{
    uint64_t when = call_controls_deadline(c);

    if (c->state == CALL_RUNNING)
        return c->eof_ms < when ? c->eof_ms : when;
    if (c->give_up_ms < when)
        when = c->give_up_ms;
    if (c->state == CALL_OFFERED && c->trying_ms < when)
        when = c->trying_ms;
    if (c->state == CALL_ANSWERED && c->resend_ms < when)
        when = c->resend_ms;
    return when;
}

/* The platform may be one that forgot us or that only its requests do not reach: it is told. */
static void call_offline(struct call *c, const struct gb_time *now)
{
    if (c->state != CALL_OFFERED || c->reoffer)
        call_send_bye(c, now);
    call_stop(c, CALL_STOP_OFFLINE, "the registration was lost", now);
}

void calls_offline(struct agent *a, const struct gb_time *now)
{
    list_each_safe(it, &a->calls.list)
        call_offline(container_of(it, struct call, node), now);
}

void calls_hold(struct agent *a, const struct gb_time *now)
{
    list_each_safe(it, &a->calls.list) {
        struct call *c = container_of(it, struct call, node);
        if (c->state != CALL_RUNNING)
            call_offline(c, now);
        else
            c->link = 0;
    }
}

void calls_reconnect(struct agent *a)
{
    list_each(it, &a->calls.list) {
        struct call *c = container_of(it, struct call, node);
        if (c->link == 0)
            c->link = a->ua.link;
    }
}

void calls_doubt(struct agent *a)
{
    a->calls.kept_age = a->ua.common->next_call;
    a->calls.kept_until_ms = UINT64_MAX;
}

void calls_sure(struct agent *a)
{
    a->calls.kept_until_ms = 0;
}

void calls_kept(struct agent *a, const struct gb_time *now)
{
    a->calls.kept_until_ms = now->mono_ms + CALL_KEPT_MS;
}

void calls_shutdown(struct agent *a, const struct gb_time *now)
{
    list_each_safe(it, &a->calls.list) {
        struct call *c = container_of(it, struct call, node);
        if (c->state != CALL_OFFERED || c->reoffer)
            call_send_bye(c, now);
        call_stop(c, CALL_STOP_SHUTDOWN, "leaving", now);
    }
    partings_shutdown(a, now);
}

/* ---- INVITE ---------------------------------------------------------------------------- */

static void set_offered(struct call *c, const struct sdp_offer *offer, const struct gb_time *now)
{
    c->state = CALL_OFFERED;
    c->started = false;
    c->eof_ms = UINT64_MAX;
    c->offer = *offer;
    c->trying_ms = now->mono_ms + CALL_TRYING_MS;
    c->give_up_ms = now->mono_ms + CALL_OFFER_MS;
    c->agent->calls.total++;
}

static int tell_offer(struct call *c)
{
    const struct agent_event ev = { .kind = AGENT_CALL_OFFER, .call = c->number, .channel = c->channel,
                                    .u.offer = &c->offer };

    return ua_event_try(&c->agent->ua, &ev);
}

static void set_origin(struct call *c, const struct sip_scan *s, const struct sip_origin *o)
{
    c->link = o->link;
    c->peer = o->from;
    c->reliable = o->reliable;
    c->invite_cseq = s->cseq;
}

static struct call *call_new(struct agent *a, const struct sip_scan *s, const struct sip_origin *o, const char *channel,
                             const char *source)
{
    struct call *c = calloc(1, sizeof(*c));

    if (!c)
        return NULL;
    c->agent = a;
    c->stop_event = malloc(sizeof(*c->stop_event));
    if (!c->stop_event || call_message_keep(&c->dialog, o) != 0 || call_message_keep(&c->pending, o) != 0)
        goto fail;
    c->call_id = (struct span){ c->dialog.data + (s->call_id.p - o->data), s->call_id.n };
    if (s->from.tag.n > 0)
        c->remote_tag = (struct span){ c->dialog.data + (s->from.tag.p - o->data), s->from.tag.n };
    c->remote_cseq = s->cseq;
    snprintf(c->channel, sizeof(c->channel), "%s", channel);
    snprintf(c->source, sizeof(c->source), "%s", source);
    ua_new_tag(&a->ua, c->local_tag);
    set_origin(c, s, o);
    if (call_table_add(c) != 0)
        goto fail;
    return c;
fail:
    call_message_free(&c->dialog);
    call_message_free(&c->pending);
    free(c->stop_event);
    free(c);
    return NULL;
}

static void invite_new(struct agent *a, const struct sip_scan *s, const struct sip_origin *o, const struct gb_time *now)
{
    char channel[GBID_SIZE], source[CALL_SOURCE_SIZE];
    struct sdp_offer offer;
    unsigned refuse = call_judge(a, s, o, &offer, channel, now);
    struct call *c;

    if (refuse != 0) {
        ua_refuse(&a->ua, s, o, refuse, now);
        return;
    }
    call_subject_source(s, source);
    call_replace(a, &offer, channel, source, now);
    if (a->calls.count >= CALLS_MAX) {
        ua_refuse(&a->ua, s, o, 486, now);
        return;
    }
    c = call_new(a, s, o, channel, source);
    if (!c) {
        ua_refuse(&a->ua, s, o, 500, now);
        return;
    }
    c->any_ssrc = !call_names_ssrc(&offer);
    call_fill_ssrc(a, &offer);
    set_offered(c, &offer, now);
    server_tx_add(&a->ua.served, s, now->mono_ms);
    if (tell_offer(c) != 0) {
        call_refuse_pending(c, 500, now);
        call_free(c);
    }
}

static bool same_media(const struct sdp_offer *x, const struct sdp_offer *y)
{
    return addr_same(&x->media, &y->media) && x->tcp == y->tcp && x->setup == y->setup && x->ssrc == y->ssrc &&
           x->payload_type == y->payload_type && x->stream == y->stream && x->session == y->session &&
           x->start == y->start && x->stop == y->stop;
}

/* A changed destination is a new session inside the same dialog: the old media stops, the shell is asked again. */
static void reoffer(struct call *c, const struct sdp_offer *offer, const struct sip_scan *s, const struct sip_origin *o,
                    const struct gb_time *now)
{
    struct event_node *next_stop = malloc(sizeof(*next_stop));

    if (!next_stop || call_message_keep(&c->pending, o) != 0) {
        free(next_stop);
        ua_refuse(&c->agent->ua, s, o, 500, now);
        return;
    }
    tell_stop(c, CALL_STOP_REPLACED, "the platform moved its media");
    c->stop_event = next_stop;
    c->reoffer = true;
    set_origin(c, s, o);
    call_renumber(c);
    set_offered(c, offer, now);
    server_tx_add(&c->agent->ua.served, s, now->mono_ms);
    if (tell_offer(c) != 0) {
        call_refuse_pending(c, 500, now);
        call_send_bye(c, now);
        call_free(c);
    }
}

static void invite_again(struct call *c, const struct sip_scan *s, const struct sip_origin *o,
                         const struct gb_time *now)
{
    struct agent *a = c->agent;
    char channel[GBID_SIZE];
    struct sdp_offer offer;
    unsigned refuse;

    if (c->pending.data || !c->sdp) {
        ua_refuse(&a->ua, s, o, 491, now);
        return;
    }
    if (s->body.n > 0) {
        refuse = call_judge(a, s, o, &offer, channel, now);
        if (refuse != 0) {
            ua_refuse(&a->ua, s, o, refuse, now);
            return;
        }
        if (offer.stream < 0)
            offer.stream = c->offer.stream;
        /* No y= is no change of it. */
        if (call_names_ssrc(&offer)) {
            c->any_ssrc = false;
        } else {
            memcpy(offer.ssrc_text, c->offer.ssrc_text, sizeof(offer.ssrc_text));
            offer.ssrc = c->offer.ssrc;
            offer.has_ssrc = true;
        }
        if (!same_media(&offer, &c->offer)) {
            reoffer(c, &offer, s, o, now);
            return;
        }
    }
    if (call_message_keep(&c->pending, o) != 0) {
        ua_refuse(&a->ua, s, o, 500, now);
        return;
    }
    set_origin(c, s, o);
    server_tx_add(&a->ua.served, s, now->mono_ms);
    call_answer_pending(c, now);
}

/* The INVITE that made the call once more under another branch: some peers change it when they send again. */
static void invite_same(struct call *c, const struct sip_scan *s, const struct sip_origin *o, const struct gb_time *now)
{
    char contact[160];
    struct sip_response r = { .status = 200, .to_tag = c->local_tag, .contact = contact,
                              .content_type = "Application/SDP", .body = { c->sdp, c->sdp_len },
                              .record_route = true };

    if (!c->sdp || c->pending.data) {
        ua_refuse(&c->agent->ua, s, o, 482, now);
        return;
    }
    ua_contact(&c->agent->ua, c->channel, contact);
    ua_respond(&c->agent->ua, s, o, &r, now);
}

void call_invite(struct agent *a, const struct sip_scan *s, const struct sip_origin *o, const struct gb_time *now)
{
    struct call *c = call_of_request(a, s);
    bool inside = s->to.tag.n > 0;

    if (c && (c->parting || (!inside && !call_is_dialog(c, s))))
        c = NULL;
    if (c && inside && call_cseq_old(c, s)) {
        ua_refuse(&a->ua, s, o, 500, now);
    } else if (c && inside) {
        invite_again(c, s, o, now);
    } else if (c && s->cseq == c->invite_cseq) {
        invite_same(c, s, o, now);
    } else if (inside) {
        ua_refuse(&a->ua, s, o, 481, now);
    } else {
        if (c)
            call_stop(c, CALL_STOP_REPLACED, "the platform called anew with the same Call-ID", now);
        invite_new(a, s, o, now);
    }
}
