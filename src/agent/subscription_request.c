/* SPDX-License-Identifier: MIT */
/* SUBSCRIBE: creates, refreshes, cancels and replaces subscriptions. */
#include "agent/subscription_priv.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "util/log.h"

#define BODY_MAX 512u

/* A parsed SUBSCRIBE. */
struct subscribe {
    const struct sip_scan *s;
    const struct sip_origin *o;
    struct subscribe_request want;
    bool has_kind;      /* want.kind is set */
    bool has_body;      /* and all of want, from a body */
    struct span event;  /* empty: none */
    uint32_t expires_s; /* granted; 0 = cancel */
};

/* ---- reading ------------------------------------------------------------------------------------- */

/* The SIP status that refuses it, or 0. */
static unsigned read_expires(struct subscribe *q)
{
    struct span value;
    uint64_t n = SUBSCRIPTION_EXPIRES_S;

    if (sip_scan_header(q->s, "Expires", 0, &value)) {
        int err = span_u64(span_trim(value), UINT64_MAX, &n);
        if (err == -ERANGE)
            n = SUBSCRIPTION_EXPIRES_MAX_S;
        else if (err)
            return 400;
    }
    /* The server may shorten the time, but not extend it (RFC 6665 4.2.1.1). */
    if (n > 0 && n < SUBSCRIPTION_EXPIRES_MIN_S)
        return 423;
    q->expires_s = (uint32_t)(n < SUBSCRIPTION_EXPIRES_MAX_S ? n : SUBSCRIPTION_EXPIRES_MAX_S);
    return 0;
}

static unsigned read_body(struct subscriptions *set, struct subscribe *q, const struct gb_time *now)
{
    int err = subscribe_decode(&q->want, q->s->body, set->ua->cfg.charset);
    char value[LOG_QUOTED_SIZE];

    q->has_kind = q->has_body = err == 0;
    /* An invalid time would filter all or nothing; a cancellation needs no filter. */
    if (!err && q->want.bad_time.element && q->expires_s) {
        log_warn_gated(&set->ua->refusals, now->mono_ms,
                       "%s: subscribe-refused status=400 element=%s value=%s reason=\"invalid time\"",
                       set->ua->cfg.name, q->want.bad_time.element,
                       log_quoted(value, sizeof(value), span_of(q->want.bad_time.text)));
        return 400;
    }
    return err == -ENOMEM ? 500 : err == -ENOTSUP ? 489 : err ? 400 : 0;
}

static unsigned read_request(struct subscriptions *set, const struct sip_scan *s, const struct sip_origin *o,
                             struct subscribe *q, const struct gb_time *now)
{
    unsigned refuse;

    memset(q, 0, sizeof(*q));
    q->s = s;
    q->o = o;
    q->want.interval_s = SUBSCRIBE_INTERVAL_S;
    if (sip_scan_header(s, "Event", 0, &q->event) && q->event.n >= SUBSCRIPTION_EVENT_SIZE)
        return 400;
    refuse = read_expires(q);
    if (!refuse && span_trim(s->body).n > 0)
        return read_body(set, q, now);
    if (!refuse && subscribe_kind_of_event(q->event, &q->want.kind) == 0)
        q->has_kind = true;
    (void)span_copy(span_of(set->ua->device_id), q->want.device_id, sizeof(q->want.device_id));
    return refuse;
}

/* ---- finding ------------------------------------------------------------------------------------- */

/* How well x matches a request within its dialog; 0: not at all. Some platforms use one dialog for several
 * subscriptions. The kind must match if given; the target counts more than the Event, and a refresh may change both. */
static unsigned fits(const struct subscription *x, const struct subscribe *q)
{
    bool event = q->event.n && span_eq_str(q->event, x->event);
    bool target = q->has_body && !strcmp(q->want.device_id, x->want.device_id);

    return q->has_kind && q->want.kind != x->want.kind ? 0 : 1u + (target ? 2u : 0) + (event ? 1u : 0);
}

/* The subscription of a request within a dialog. Our random tag is sufficient; some platforms change the Call-ID. */
static struct subscription *find_in_dialog(const struct subscriptions *set, const struct subscribe *q, bool *known)
{
    struct subscription *best = NULL;
    unsigned most = 0;

    *known = false;
    for (unsigned i = 0; i < SUBSCRIPTIONS_MAX; i++) {
        struct subscription *x = set->slot[i];
        if (!x || !span_eq_str(q->s->to.tag, x->local_tag))
            continue;
        *known = true;
        if (fits(x, q) > most) {
            most = fits(x, q);
            best = x;
        }
    }
    return best;
}

/* The subscription of the same kind and target, which a new one replaces. */
static struct subscription *find_same(const struct subscriptions *set, const struct subscribe *q)
{
    for (unsigned i = 0; i < SUBSCRIPTIONS_MAX; i++) {
        struct subscription *x = set->slot[i];
        if (x && x->want.kind == q->want.kind && !strcmp(x->want.device_id, q->want.device_id))
            return x;
    }
    return NULL;
}

static bool same_call_id(const struct subscription *x, const struct subscribe *q)
{
    struct sip_scan s;

    return sip_scan(&s, x->message, x->len, x->reliable) == 0 && span_eq(s.call_id, q->s->call_id);
}

/* Out of order: it must not undo a later request of the same dialog. */
static bool is_stale(const struct subscriptions *set, const struct subscribe *q)
{
    struct sip_scan s;

    for (unsigned i = 0; q->expires_s > 0 && i < SUBSCRIPTIONS_MAX; i++) {
        const struct subscription *x = set->slot[i];
        if (x && span_eq_str(q->s->to.tag, x->local_tag) && sip_scan(&s, x->message, x->len, x->reliable) == 0 &&
            span_eq(s.call_id, q->s->call_id) && span_eq(s.from.tag, q->s->from.tag) &&
            sip_cseq_old(q->s->cseq, s.cseq))
            return true;
    }
    return false;
}

/* The subscription of a cancellation outside of a dialog: by its body, else by Call-ID, then by the Event with its id,
 * then by the package if there is only one. */
static struct subscription *find_cancelled(const struct subscriptions *set, const struct subscribe *q)
{
    struct subscription *by_event = NULL, *by_kind = NULL;
    unsigned events = 0, kinds = 0;

    if (q->has_body)
        return find_same(set, q);
    for (unsigned i = 0; i < SUBSCRIPTIONS_MAX; i++) {
        struct subscription *x = set->slot[i];
        bool event = x && q->event.n && span_eq_str(q->event, x->event);
        bool kind = x && q->has_kind && q->want.kind == x->want.kind;
        if (!x || (q->event.n && !event && !kind))
            continue;
        if (same_call_id(x, q))
            return x;
        if (event && ++events == 1)
            by_event = x;
        if (kind && ++kinds == 1)
            by_kind = x;
    }
    return events == 1 ? by_event : kinds == 1 ? by_kind : NULL;
}

/* ---- creating ------------------------------------------------------------------------------------ */

static int keep_message(struct subscription *x, const struct subscribe *q)
{
    char *copy = malloc(q->o->len);

    if (!copy)
        return -ENOMEM;
    memcpy(copy, q->o->data, q->o->len);
    free(x->message);
    x->message = copy;
    x->len = q->o->len;
    x->peer = q->o->from;
    x->reliable = q->o->reliable;
    return 0;
}

static void set_want(struct subscription *x, const struct subscribe_request *want)
{
    x->want = *want;
    x->one_item = device_item_find(x->set->ua->dev, span_of(want->device_id)) != NULL;
}

/* Applies a new Event value or body; a missing one leaves the old unchanged. */
static int update(struct subscription *x, const struct subscribe *q)
{
    bool moved = q->has_body && strcmp(q->want.device_id, x->want.device_id) != 0;

    if (q->event.n)
        span_copy(q->event, x->event, sizeof(x->event));
    if (q->has_body)
        set_want(x, &q->want);
    if (!moved)
        return 0;
    x->token = 0; /* the reply would be for the old target */
    x->head_known = false;
    if (x->want.kind != SUBSCRIBE_CATALOG)
        return 0;
    x->cursor = device_journal_end(x->set->ua->dev);
    x->batch_ms = UINT64_MAX;
    return subscription_catalog_initial(x);
}

static void begin(struct subscription *x, const struct subscribe *q, const struct gb_time *now)
{
    set_want(x, &q->want);
    x->ask_ms = now->mono_ms;
    x->initial_due = true;
    x->cursor = device_journal_end(x->set->ua->dev);
    x->batch_ms = UINT64_MAX;
    if (q->event.n)
        span_copy(q->event, x->event, sizeof(x->event));
    else
        span_copy(span_of(q->want.kind == SUBSCRIBE_CATALOG ? "Catalog" : "presence"), x->event, sizeof(x->event));
    if (q->s->to.tag.n == 0 || !span_copy(q->s->to.tag, x->local_tag, sizeof(x->local_tag)))
        ua_new_tag(x->set->ua, x->local_tag);
}

/* NULL: too many (*status 486) or no memory (500). */
static struct subscription *make(struct subscriptions *set, const struct subscribe *q, const struct gb_time *now,
                                 unsigned *status)
{
    struct subscription *x;
    unsigned slot = 0;

    while (slot < SUBSCRIPTIONS_MAX && set->slot[slot])
        slot++;
    *status = 486;
    if (slot == SUBSCRIPTIONS_MAX)
        return NULL;
    *status = 500;
    x = calloc(1, sizeof(*x));
    if (!x || keep_message(x, q) != 0) {
        free(x);
        return NULL;
    }
    x->set = set;
    x->slot = slot;
    begin(x, q, now);
    if (q->want.kind == SUBSCRIBE_CATALOG && subscription_catalog_initial(x) != 0) {
        free(x->message);
        free(x);
        return NULL;
    }
    set->slot[slot] = x;
    set->count++;
    return x;
}

/* ---- answering ----------------------------------------------------------------------------------- */

static void answer(struct subscriptions *set, const struct subscribe *q, const char *tag, const struct gb_time *now)
{
    char contact[160], utf8_mem[BODY_MAX], body_mem[BODY_MAX];
    struct sip_response r = { .status = 200,
                              .to_tag = tag,
                              .contact = contact,
                              .record_route = true,
                              .has_expires = true,
                              .expires = q->expires_s,
                              .event = true,
                              .content_type = MANSCDP_CONTENT_TYPE };
    struct buf utf8, body;

    ua_contact(set->ua, set->ua->device_id, contact);
    buf_init(&utf8, utf8_mem, sizeof(utf8_mem));
    buf_init(&body, body_mem, sizeof(body_mem));
    if (set->ua->cfg.subscribe_body && q->has_kind) {
        subscribe_response_put(&utf8, set->ua->cfg.charset, &q->want);
        if (manscdp_convert(set->ua->cfg.charset, &utf8, &body) == 0)
            r.body = buf_view(&body);
    }
    ua_respond(set->ua, q->s, q->o, &r, now);
}

static void too_brief(struct subscriptions *set, const struct subscribe *q, const struct gb_time *now)
{
    struct sip_response r = { .status = 423, .min_expires = SUBSCRIPTION_EXPIRES_MIN_S };

    log_warn_gated(&set->ua->refusals, now->mono_ms, "%s: subscribe-refused status=423 reason=\"Expires below %u s\"",
                   set->ua->cfg.name, SUBSCRIPTION_EXPIRES_MIN_S);
    ua_respond(set->ua, q->s, q->o, &r, now);
}

static unsigned cancel(struct subscriptions *set, struct subscription *x, const struct subscribe *q,
                       const struct gb_time *now)
{
    answer(set, q, x ? x->local_tag : NULL, now);
    if (!x)
        return 0;
    subscription_terminate(x, "timeout", now);
    return subscription_drop(x, "cancelled");
}

static void refresh(struct subscriptions *set, struct subscription *x, const struct subscribe *q,
                    const struct gb_time *now)
{
    if (keep_message(x, q) != 0) {
        ua_refuse(set->ua, q->s, q->o, 500, now);
        return;
    }
    if (update(x, q) != 0)
        log_warn("%s: subscription-incomplete command=%s reason=\"out of memory\"", set->ua->cfg.name,
                 subscribe_cmd_type(x->want.kind));
    x->expires_ms = now->mono_ms + (uint64_t)q->expires_s * 1000;
    /* An immediate NOTIFY, as after the first SUBSCRIBE (RFC 6665 4.2.1.2). */
    x->initial_due = true;
    x->ask_ms = now->mono_ms;
    answer(set, q, x->local_tag, now);
    subscription_ask(x, now);
    subscription_send_due(x, now);
}

static unsigned subscribe(struct subscriptions *set, const struct subscribe *q, const struct gb_time *now)
{
    struct subscription *old = find_same(set, q), *x;
    unsigned status, gone = old ? subscription_drop(old, "replaced") : 0;

    x = make(set, q, now, &status);
    if (!x) {
        log_warn_gated(&set->ua->refusals, now->mono_ms, "%s: subscribe-refused status=%u reason=\"%s\"",
                       set->ua->cfg.name, status, status == 486 ? "too many subscriptions" : "out of memory");
        ua_refuse(set->ua, q->s, q->o, status, now);
        return gone;
    }
    x->expires_ms = now->mono_ms + (uint64_t)q->expires_s * 1000;
    log_info("%s: subscribed command=%s expires_s=%u", set->ua->cfg.name, subscribe_cmd_type(x->want.kind),
             (unsigned)q->expires_s);
    answer(set, q, x->local_tag, now);
    subscription_ask(x, now);
    subscription_send_due(x, now);
    return gone;
}

unsigned subscriptions_request(struct subscriptions *set, const struct sip_scan *s, const struct sip_origin *o,
                               const struct gb_time *now)
{
    struct subscription *x = NULL;
    bool in_dialog = false;
    struct subscribe q;
    unsigned refuse = read_request(set, s, o, &q, now);

    if (refuse == 489)
        log_warn_gated(&set->ua->refusals, now->mono_ms, "%s: subscribe-refused status=489 reason=\"unknown CmdType\"",
                       set->ua->cfg.name);
    if (!refuse && s->to.tag.n > 0) {
        x = find_in_dialog(set, &q, &in_dialog);
        refuse = !in_dialog ? 481 : is_stale(set, &q) ? 500 : 0;
    }
    if (!refuse && !x && q.expires_s == 0)
        x = find_cancelled(set, &q);
    if (!refuse && !x && !q.has_kind)
        refuse = 489;
    if (refuse == 423)
        too_brief(set, &q, now);
    else if (refuse)
        ua_refuse(set->ua, s, o, refuse, now);
    else if (q.expires_s == 0)
        return cancel(set, x, &q, now);
    else if (x)
        refresh(set, x, &q, now);
    else
        return subscribe(set, &q, now);
    return 0;
}
