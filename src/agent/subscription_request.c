/* SPDX-License-Identifier: MIT */
/* SUBSCRIBE: new, refreshed, cancelled, replaced. */
#include "agent/subscription_priv.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "util/log.h"

#define BODY_MAX 512u

/* A SUBSCRIBE as it was read. */
struct asked {
    const struct sip_scan *s;
    const struct sip_origin *o;
    struct subscribe_request want;
    bool typed;                         /* want.kind is known */
    bool told;                          /* and a body says all of it */
    struct span event;                  /* empty when there was none */
    uint32_t expires_s;                 /* granted; 0 = cancel */
};

/* ---- reading ------------------------------------------------------------------------------------- */

/* The SIP status that refuses it, or 0. */
static unsigned read_expires(struct asked *q)
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
    /* May be shortened, never lengthened (RFC 6665 4.2.1.1). */
    if (n > 0 && n < SUBSCRIPTION_EXPIRES_MIN_S)
        return 423;
    q->expires_s = (uint32_t)(n < SUBSCRIPTION_EXPIRES_MAX_S ? n : SUBSCRIPTION_EXPIRES_MAX_S);
    return 0;
}

static unsigned read_body(struct subscriptions *set, struct asked *q, const struct gb_time *now)
{
    int err = subscribe_decode(&q->want, q->s->body, set->ua->cfg.charset);

    q->typed = q->told = err == 0;
    /* A filter that cannot be read would let through all or nothing; to cancel none is needed. */
    if (!err && q->want.bad_time.element && q->expires_s) {
        log_warn_gated(&set->ua->refusals, now->mono_ms, "%s: SUBSCRIBE refused: %s is no time: \"%s\"", set->ua->cfg.name,
                       q->want.bad_time.element, q->want.bad_time.text);
        return 400;
    }
    return err == -ENOMEM ? 500 : err == -ENOTSUP ? 489 : err ? 400 : 0;
}

static unsigned read_request(struct subscriptions *set, const struct sip_scan *s, const struct sip_origin *o, struct asked *q,
                             const struct gb_time *now)
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
        q->typed = true;
    (void)span_copy(span_of(set->ua->device_id), q->want.device_id, sizeof(q->want.device_id));
    return refuse;
}

/* ---- finding ------------------------------------------------------------------------------------- */

/* Some platforms keep one dialog for several: how well x fits what is asked inside it, 0 not at all. The type decides, then the
 * target, then the Event; of all these a refresh may say something new. */
static unsigned fits(const struct subscription *x, const struct asked *q)
{
    bool event = q->event.n && span_eq_str(q->event, x->event);
    bool target = q->told && !strcmp(q->want.device_id, x->want.device_id);

    return q->typed && q->want.kind != x->want.kind ? 0 : 1u + (target ? 2u : 0) + (event ? 1u : 0);
}

/* The one that a request inside its dialog means. Tags hold a random number of ours, so the Call-ID, which some platforms send
 * anew, is not needed. */
static struct subscription *find_inside(const struct subscriptions *set, const struct asked *q, bool *known)
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

/* The same thing of the same target: what a new subscription replaces. */
static struct subscription *find_same(const struct subscriptions *set, const struct asked *q)
{
    for (unsigned i = 0; i < SUBSCRIPTIONS_MAX; i++) {
        struct subscription *x = set->slot[i];
        if (x && x->want.kind == q->want.kind && !strcmp(x->want.device_id, q->want.device_id))
            return x;
    }
    return NULL;
}

static bool same_call_id(const struct subscription *x, const struct asked *q)
{
    struct sip_scan s;

    return sip_scan(&s, x->message, x->len, x->reliable) == 0 && span_eq(s.call_id, q->s->call_id);
}

/* It came later than one that was sent after it in the same dialog: it must not undo that. */
static bool came_late(const struct subscriptions *set, const struct asked *q)
{
    struct sip_scan s;

    for (unsigned i = 0; q->expires_s > 0 && i < SUBSCRIPTIONS_MAX; i++) {
        const struct subscription *x = set->slot[i];
        if (x && span_eq_str(q->s->to.tag, x->local_tag) && sip_scan(&s, x->message, x->len, x->reliable) == 0 &&
            span_eq(s.call_id, q->s->call_id) && span_eq(s.from.tag, q->s->from.tag) && sip_cseq_old(q->s->cseq, s.cseq))
            return true;
    }
    return false;
}

/* What a cancel without a dialog means. With a body it says so itself; else the Call-ID tells, then the Event with its
 * id, then the package when there is one of it alone. */
static struct subscription *find_cancelled(const struct subscriptions *set, const struct asked *q)
{
    struct subscription *by_event = NULL, *by_kind = NULL;
    unsigned events = 0, kinds = 0;

    if (q->told)
        return find_same(set, q);
    for (unsigned i = 0; i < SUBSCRIPTIONS_MAX; i++) {
        struct subscription *x = set->slot[i];
        bool event = x && q->event.n && span_eq_str(q->event, x->event);
        bool kind = x && q->typed && q->want.kind == x->want.kind;
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

/* ---- making -------------------------------------------------------------------------------------- */

static int keep_message(struct subscription *x, const struct asked *q)
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

/* Another Event value or body than before; without one what was said stays. */
static int take_over(struct subscription *x, const struct asked *q)
{
    bool moved = q->told && strcmp(q->want.device_id, x->want.device_id) != 0;

    if (q->event.n)
        span_copy(q->event, x->event, sizeof(x->event));
    if (q->told)
        set_want(x, &q->want);
    if (!moved)
        return 0;
    x->token = 0;                       /* the board's answer would be of the other item */
    x->head_known = false;
    if (x->want.kind != SUBSCRIBE_CATALOG)
        return 0;
    x->cursor = device_journal_end(x->set->ua->dev);
    x->batch_ms = UINT64_MAX;
    return subscription_catalog_first(x);
}

static void begin(struct subscription *x, const struct asked *q, const struct gb_time *now)
{
    set_want(x, &q->want);
    x->ask_ms = now->mono_ms;
    x->hello = true;
    x->cursor = device_journal_end(x->set->ua->dev);
    x->batch_ms = UINT64_MAX;
    if (q->event.n)
        span_copy(q->event, x->event, sizeof(x->event));
    else
        span_copy(span_of(q->want.kind == SUBSCRIBE_CATALOG ? "Catalog" : "presence"), x->event, sizeof(x->event));
    if (q->s->to.tag.n == 0 || !span_copy(q->s->to.tag, x->local_tag, sizeof(x->local_tag)))
        ua_new_tag(x->set->ua, x->local_tag);
}

/* NULL: no room (*status 486) or no memory (500). */
static struct subscription *make(struct subscriptions *set, const struct asked *q, const struct gb_time *now, unsigned *status)
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
    if (q->want.kind == SUBSCRIBE_CATALOG && subscription_catalog_first(x) != 0) {
        free(x->message);
        free(x);
        return NULL;
    }
    set->slot[slot] = x;
    set->count++;
    return x;
}

/* ---- answering ----------------------------------------------------------------------------------- */

static void answer(struct subscriptions *set, const struct asked *q, const char *tag, const struct gb_time *now)
{
    char contact[160], utf8_mem[BODY_MAX], body_mem[BODY_MAX];
    struct sip_response r = { .status = 200, .to_tag = tag, .contact = contact, .record_route = true,
                              .has_expires = true, .expires = q->expires_s, .event = true,
                              .content_type = MANSCDP_CONTENT_TYPE };
    struct buf utf8, body;

    ua_contact(set->ua, set->ua->device_id, contact);
    buf_init(&utf8, utf8_mem, sizeof(utf8_mem));
    buf_init(&body, body_mem, sizeof(body_mem));
    if (set->ua->cfg.subscribe_body && q->typed) {
        subscribe_response_put(&utf8, set->ua->cfg.charset, &q->want);
        if (manscdp_convert(set->ua->cfg.charset, &utf8, &body) == 0)
            r.body = buf_view(&body);
    }
    ua_respond(set->ua, q->s, q->o, &r, now);
}

static void too_brief(struct subscriptions *set, const struct asked *q, const struct gb_time *now)
{
    struct sip_response r = { .status = 423, .min_expires = SUBSCRIPTION_EXPIRES_MIN_S };

    log_info_gated(&set->ua->refusals, now->mono_ms, "%s: SUBSCRIBE for less than %u s", set->ua->cfg.name, SUBSCRIPTION_EXPIRES_MIN_S);
    ua_respond(set->ua, q->s, q->o, &r, now);
}

static unsigned cancel(struct subscriptions *set, struct subscription *x, const struct asked *q, const struct gb_time *now)
{
    answer(set, q, x ? x->local_tag : NULL, now);
    if (!x)
        return 0;
    subscription_terminate(x, "timeout", now);
    return subscription_drop(x, "cancelled");
}

static void refresh(struct subscriptions *set, struct subscription *x, const struct asked *q, const struct gb_time *now)
{
    if (keep_message(x, q) != 0) {
        ua_refuse(set->ua, q->s, q->o, 500, now);
        return;
    }
    if (take_over(x, q) != 0)
        log_warn("%s: no memory for what is offline there", set->ua->cfg.name);
    x->expires_ms = now->mono_ms + (uint64_t)q->expires_s * 1000;
    /* A NOTIFY follows at once, as it did the first time (RFC 6665 4.2.1.2). */
    x->hello = true;
    x->ask_ms = now->mono_ms;
    answer(set, q, x->local_tag, now);
    subscription_ask(x, now);
    subscription_pump(x, now);
}

static unsigned subscribe(struct subscriptions *set, const struct asked *q, const struct gb_time *now)
{
    struct subscription *old = find_same(set, q), *x;
    unsigned status, gone = old ? subscription_drop(old, "replaced") : 0;

    x = make(set, q, now, &status);
    if (!x) {
        log_warn_gated(&set->ua->refusals, now->mono_ms, "%s: SUBSCRIBE refused: %s", set->ua->cfg.name,
                       status == 486 ? "too many" : "no memory");
        ua_refuse(set->ua, q->s, q->o, status, now);
        return gone;
    }
    x->expires_ms = now->mono_ms + (uint64_t)q->expires_s * 1000;
    log_info("%s: %s subscription for %u s", set->ua->cfg.name, subscribe_cmd_type(x->want.kind), (unsigned)q->expires_s);
    answer(set, q, x->local_tag, now);
    subscription_ask(x, now);
    subscription_pump(x, now);
    return gone;
}

unsigned subscriptions_request(struct subscriptions *set, const struct sip_scan *s, const struct sip_origin *o,
                               const struct gb_time *now)
{
    struct subscription *x = NULL;
    bool inside = false;
    struct asked q;
    unsigned refuse = read_request(set, s, o, &q, now);

    if (refuse == 489)
        log_info_gated(&set->ua->refusals, now->mono_ms, "%s: SUBSCRIBE to what is not known here", set->ua->cfg.name);
    if (!refuse && s->to.tag.n > 0) {
        x = find_inside(set, &q, &inside);
        refuse = !inside ? 481 : came_late(set, &q) ? 500 : 0;
    }
    if (!refuse && !x && q.expires_s == 0)
        x = find_cancelled(set, &q);
    if (!refuse && !x && !q.typed)
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
