/* SPDX-License-Identifier: MIT */
/*
 * Incoming INVITE, ACK, CANCEL and BYE, and how a request is matched to a call. A call is a dialog, identified by
 * Call-ID and the platform's tag, because some platforms use one Call-ID for several. Others send wrong tags: a request
 * that matches no dialog belongs to the only call with its Call-ID or, if there are several, to the one that its To
 * tag, Request-URI or To names.
 */
#include "agent/call.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/call_priv.h"
#include "sip/dialog.h"

/* ---- matching --------------------------------------------------------------------------- */

/* Each outweighs the sum of the ones after it. */
#define FITS_DIALOG 8u
#define FITS_TAG    4u
#define FITS_TARGET 2u
#define FITS_TO     1u

struct best_match {
    struct call *call;
    unsigned fits, others; /* its score; calls with the same score */
    unsigned candidates;
};

bool call_is_dialog(const struct call *c, const struct sip_scan *s)
{
    return span_eq(c->call_id, s->call_id) && span_eq(c->remote_tag, s->from.tag);
}

bool call_is_named(const struct call *c, const struct sip_scan *s)
{
    return span_eq_str(s->target.user, c->channel) || span_eq_str(s->to.user, c->channel);
}

/* The To tag is one of ours, but of another dialog, which may have ended (a repeated BYE, for instance). */
static bool of_another_dialog(const struct call *c, const struct sip_scan *s)
{
    const char *key = c->calls->ua->key;

    return s->to.tag.n == strlen(c->local_tag) && memcmp(s->to.tag.p, key, UA_KEY_LEN) == 0 &&
           !span_eq_str(s->to.tag, c->local_tag);
}

static unsigned fits(const struct call *c, const struct sip_scan *s)
{
    unsigned n = call_is_dialog(c, s) ? FITS_DIALOG : 0;

    n += s->to.tag.n > 0 && span_eq_str(s->to.tag, c->local_tag) ? FITS_TAG : 0;
    n += span_eq_str(s->target.user, c->channel) ? FITS_TARGET : 0;
    return n + (span_eq_str(s->to.user, c->channel) ? FITS_TO : 0);
}

static void consider(struct best_match *p, struct call *c, const struct sip_scan *s)
{
    unsigned n = fits(c, s);

    if (n < FITS_DIALOG && of_another_dialog(c, s))
        return;
    p->candidates++;
    if (!p->call || n > p->fits)
        *p = (struct best_match){ .call = c, .fits = n, .candidates = p->candidates };
    else if (n == p->fits)
        p->others++;
}

struct call *call_of_request(const struct calls *cs, const struct sip_scan *s)
{
    struct best_match p = { 0 };

    for (struct hash_node *n = hash_find(&cs->ua->common->calls, s->call_id); n; n = hash_find_next(n)) {
        struct call *c = container_of(n, struct call, by_id);
        if (c->calls == cs)
            consider(&p, c, s);
    }
    list_each(it, &cs->leaving) {
        struct call *c = container_of(it, struct call, node);
        if (span_eq(c->call_id, s->call_id))
            consider(&p, c, s);
    }
    if (p.candidates == 1 || p.fits >= FITS_DIALOG || (p.fits > 0 && p.others == 0))
        return call_touch(p.call);
    return NULL;
}

bool call_cseq_old(struct call *c, const struct sip_scan *s)
{
    if (!call_is_dialog(c, s))
        return false;
    if (sip_cseq_old(s->cseq, c->remote_cseq))
        return true;
    c->remote_cseq = s->cseq;
    return false;
}

/* ---- INVITE ---------------------------------------------------------------------------- */

static void set_offered(struct call *c, const struct sdp_offer *offer, const struct gb_time *now)
{
    c->state = CALL_OFFERED;
    c->started = false;
    c->bye_ms = UINT64_MAX;
    c->offer = *offer;
    c->trying_ms = now->mono_ms + CALL_TRYING_MS;
    c->give_up_ms = now->mono_ms + CALL_OFFER_MS;
    c->calls->total++;
}

static int queue_offer(struct call *c)
{
    const struct agent_event ev = {
        .kind = AGENT_CALL_OFFER, .call = c->number, .channel = c->channel, .u.offer = &c->offer
    };

    return ua_event_try(c->calls->ua, &ev);
}

static void set_origin(struct call *c, const struct sip_scan *s, const struct sip_origin *o)
{
    c->link = o->link;
    c->peer = o->from;
    c->reliable = o->reliable;
    c->invite_cseq = s->cseq;
}

static struct call *call_new(struct calls *cs, const struct sip_scan *s, const struct sip_origin *o,
                             const char *channel, const char *source)
{
    struct call *c = calloc(1, sizeof(*c));

    if (!c)
        return NULL;
    c->calls = cs;
    c->stop_event = malloc(sizeof(*c->stop_event));
    if (!c->stop_event || call_message_keep(&c->dialog, o) != 0 || call_message_keep(&c->pending, o) != 0)
        goto fail;
    c->call_id = (struct span){ c->dialog.data + (s->call_id.p - o->data), s->call_id.n };
    if (s->from.tag.n > 0)
        c->remote_tag = (struct span){ c->dialog.data + (s->from.tag.p - o->data), s->from.tag.n };
    c->remote_cseq = s->cseq;
    snprintf(c->channel, sizeof(c->channel), "%s", channel);
    snprintf(c->source, sizeof(c->source), "%s", source);
    ua_new_tag(cs->ua, c->local_tag);
    set_origin(c, s, o);
    if (call_add(c) != 0)
        goto fail;
    return c;
fail:
    call_message_free(&c->dialog);
    call_message_free(&c->pending);
    free(c->stop_event);
    free(c);
    return NULL;
}

static void invite_new(struct calls *cs, const struct sip_scan *s, const struct sip_origin *o,
                       const struct gb_time *now)
{
    char channel[GBID_SIZE], source[CALL_SOURCE_SIZE];
    struct sdp_offer offer;
    unsigned refuse = call_check_offer(cs, s, o, &offer, channel, now);
    struct call *c;

    if (refuse != 0) {
        ua_refuse(cs->ua, s, o, refuse, now);
        return;
    }
    call_subject_source(s, source);
    call_replace(cs, &offer, channel, source, now);
    if (cs->count >= CALLS_MAX) {
        ua_refuse(cs->ua, s, o, 486, now);
        return;
    }
    c = call_new(cs, s, o, channel, source);
    if (!c) {
        ua_refuse(cs->ua, s, o, 500, now);
        return;
    }
    c->any_ssrc = !call_names_ssrc(&offer);
    call_fill_ssrc(cs, &offer);
    set_offered(c, &offer, now);
    server_tx_add(&cs->ua->server_txs, s, now->mono_ms);
    if (queue_offer(c) != 0) {
        call_refuse_pending(c, 500, now);
        call_remove(c);
    }
}

static bool same_media(const struct sdp_offer *x, const struct sdp_offer *y)
{
    return addr_same(&x->media, &y->media) && x->tcp == y->tcp && x->setup == y->setup && x->ssrc == y->ssrc &&
           x->payload_type == y->payload_type && x->stream == y->stream && x->session == y->session &&
           x->start == y->start && x->stop == y->stop;
}

/* Changed media is a new session in the same dialog: CALL_STOP for the old media, then CALL_OFFER with a new number. */
static void reoffer(struct call *c, const struct sdp_offer *offer, const struct sip_scan *s, const struct sip_origin *o,
                    const struct gb_time *now)
{
    struct event_node *next_stop = malloc(sizeof(*next_stop));

    if (!next_stop || call_message_keep(&c->pending, o) != 0) {
        free(next_stop);
        ua_refuse(c->calls->ua, s, o, 500, now);
        return;
    }
    call_queue_stop(c, CALL_STOP_REPLACED, "media changed by re-INVITE");
    c->stop_event = next_stop;
    c->reoffer = true;
    set_origin(c, s, o);
    call_renumber(c);
    set_offered(c, offer, now);
    server_tx_add(&c->calls->ua->server_txs, s, now->mono_ms);
    if (queue_offer(c) != 0) {
        call_refuse_pending(c, 500, now);
        call_hang_up(c, now);
        call_remove(c);
    }
}

static void invite_again(struct call *c, const struct sip_scan *s, const struct sip_origin *o,
                         const struct gb_time *now)
{
    struct calls *cs = c->calls;
    char channel[GBID_SIZE];
    struct sdp_offer offer;
    unsigned refuse;

    if (c->pending.data || !c->sdp) {
        ua_refuse(cs->ua, s, o, 491, now);
        return;
    }
    if (s->body.n > 0) {
        refuse = call_check_offer(cs, s, o, &offer, channel, now);
        if (refuse != 0) {
            ua_refuse(cs->ua, s, o, refuse, now);
            return;
        }
        if (offer.stream < 0)
            offer.stream = c->offer.stream;
        /* Without y=, the SSRC stays the same. */
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
        ua_refuse(cs->ua, s, o, 500, now);
        return;
    }
    set_origin(c, s, o);
    server_tx_add(&cs->ua->server_txs, s, now->mono_ms);
    call_answer_pending(c, now);
}

/* A retransmission with another branch, as some platforms send it. */
static void invite_same(struct call *c, const struct sip_scan *s, const struct sip_origin *o, const struct gb_time *now)
{
    if (!c->sdp || c->pending.data)
        ua_refuse(c->calls->ua, s, o, 482, now);
    else
        call_respond_200(c, s, o, now);
}

void call_invite(struct calls *cs, const struct sip_scan *s, const struct sip_origin *o, const struct gb_time *now)
{
    struct call *c = call_of_request(cs, s);
    bool in_dialog = s->to.tag.n > 0;

    if (c && (c->state == CALL_LEAVING || (!in_dialog && !call_is_dialog(c, s))))
        c = NULL;
    if (c && in_dialog && call_cseq_old(c, s)) {
        ua_refuse(cs->ua, s, o, 500, now);
    } else if (c && in_dialog) {
        invite_again(c, s, o, now);
    } else if (c && s->cseq == c->invite_cseq) {
        invite_same(c, s, o, now);
    } else if (in_dialog) {
        ua_refuse(cs->ua, s, o, 481, now);
    } else {
        if (c)
            call_stop(c, CALL_STOP_REPLACED, "new INVITE with the same Call-ID", now);
        invite_new(cs, s, o, now);
    }
}

/* ---- ACK, BYE, CANCEL ------------------------------------------------------------------- */

/* Wrong tags and branches are tolerated, as is any CSeq in BYE and CANCEL: a stream that cannot be stopped is worse
 * than a forged BYE from an accepted source. */

void call_ack(struct calls *cs, const struct sip_scan *s, const struct gb_time *now)
{
    struct call *c = call_of_request(cs, s);
    struct agent_event ev = { .kind = AGENT_CALL_START };

    if (c && c->state == CALL_LEAVING) {
        call_leaving_acked(c, now);
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
    if (ua_event_try(cs->ua, &ev) != 0) {
        call_hang_up(c, now);
        call_stop(c, CALL_STOP_LOCAL, "out of memory", now);
        return;
    }
    c->started = true;
}

void call_bye(struct calls *cs, const struct sip_scan *s, const struct sip_origin *o, const struct gb_time *now)
{
    struct call *c = call_of_request(cs, s);

    ua_refuse(cs->ua, s, o, c ? 200 : 481, now);
    if (c && c->state == CALL_LEAVING)
        call_forget(c); /* our own BYE is no longer needed */
    else if (c)
        call_stop(c, CALL_STOP_BYE, "BYE", now);
}

void call_cancel(struct calls *cs, const struct sip_scan *s, const struct sip_origin *o, const struct gb_time *now)
{
    struct call *c = call_of_request(cs, s);
    struct sip_response ok = { .status = 200 };

    if (!c) {
        ua_refuse(cs->ua, s, o, 481, now);
        return;
    }
    ok.to_tag = c->local_tag;
    ua_respond(cs->ua, s, o, &ok, now);
    /* Too late for an answered INVITE: a BYE will follow. */
    if (c->state != CALL_OFFERED)
        return;
    call_refuse_pending(c, 487, now);
    call_hang_up(c, now);
    call_stop(c, CALL_STOP_CANCEL, "CANCEL", now);
}
