/* SPDX-License-Identifier: MIT */
#include "agent/subscription_priv.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "util/log.h"

#define NEVER UINT64_MAX

/* ---- lifecycle --------------------------------------------------------------------------------- */

/* Drops its pending NOTIFY, so that repeated subscriptions cannot use up the transactions. */
static void drop_notify(const struct subscription *x)
{
    list_each_safe(it, &x->set->ua->client_txs.list) {
        struct client_tx *t = container_of(it, struct client_tx, node);
        if (x->in_flight && t->kind == CLIENT_TX_NOTIFY && t->ref == x->in_flight)
            client_tx_drop(t);
    }
}

/* Other subscriptions of the same dialog must continue the CSeq. */
static void hand_over_cseq(const struct subscription *x)
{
    for (unsigned i = 0; i < SUBSCRIPTIONS_MAX; i++) {
        struct subscription *other = x->set->slot[i];
        if (other && !strcmp(other->local_tag, x->local_tag) && other->cseq < x->cseq)
            other->cseq = x->cseq;
    }
}

static void release(struct subscription *x)
{
    drop_notify(x);
    hand_over_cseq(x);
    x->set->slot[x->slot] = NULL;
    x->set->count--;
    free(x->change);
    free(x->message);
    free(x);
}

unsigned subscription_drop(struct subscription *x, const char *why)
{
    unsigned gone = 1u << x->slot;

    log_info("%s: subscription-ended command=%s reason=\"%s\"", x->set->ua->cfg.name, subscribe_cmd_type(x->want.kind),
             why);
    release(x);
    return gone;
}

void subscriptions_init(struct subscriptions *set, struct ua *u)
{
    memset(set, 0, sizeof(*set));
    set->ua = u;
}

void subscriptions_free(struct subscriptions *set)
{
    for (unsigned i = 0; i < SUBSCRIPTIONS_MAX; i++)
        if (set->slot[i])
            release(set->slot[i]);
}

void subscriptions_offline(struct subscriptions *set)
{
    /* The alarms are dropped as well and need no notification. */
    subscriptions_free(set);
}

void subscriptions_shutdown(struct subscriptions *set, const struct gb_time *now)
{
    for (unsigned i = 0; i < SUBSCRIPTIONS_MAX; i++) {
        struct subscription *x = set->slot[i];
        if (!x)
            continue;
        subscription_terminate(x, "deactivated", now);
        release(x);
    }
}

/* ---- time -------------------------------------------------------------------------------------- */

static unsigned tick(struct subscription *x, const struct gb_time *now)
{
    if (now->mono_ms >= x->expires_ms) {
        subscription_terminate(x, "timeout", now);
        return subscription_drop(x, "expired");
    }
    if (subscription_is_position(x))
        subscription_ask(x, now);
    subscription_send_due(x, now);
    return 0;
}

unsigned subscriptions_tick(struct subscriptions *set, const struct gb_time *now)
{
    unsigned gone = 0;

    for (unsigned i = 0; set->count && i < SUBSCRIPTIONS_MAX; i++)
        if (set->slot[i])
            gone |= tick(set->slot[i], now);
    return gone;
}

void subscriptions_resume(struct subscriptions *set, unsigned slot, const struct gb_time *now)
{
    if (set->slot[slot])
        subscription_send_due(set->slot[slot], now);
}

static uint64_t min(uint64_t x, uint64_t y)
{
    return x < y ? x : y;
}

static uint64_t deadline(const struct subscription *x)
{
    uint64_t due = NEVER;

    if (subscription_is_position(x))
        due = x->token ? x->token_ms : x->ask_ms;
    else if (!x->in_flight && (x->initial_due || x->next < x->nchanges))
        due = x->resume_ms;
    else if (!x->in_flight && x->batch_ms != NEVER)
        due = x->batch_ms > x->resume_ms ? x->batch_ms : x->resume_ms;
    return min(due, x->expires_ms);
}

uint64_t subscriptions_deadline(const struct subscriptions *set)
{
    uint64_t when = NEVER;

    for (unsigned i = 0; set->count && i < SUBSCRIPTIONS_MAX; i++)
        if (set->slot[i])
            when = min(when, deadline(set->slot[i]));
    return when;
}

void subscriptions_device_changed(struct subscriptions *set, const struct gb_time *now)
{
    uint64_t end = device_journal_end(set->ua->dev);

    for (unsigned i = 0; i < SUBSCRIPTIONS_MAX; i++) {
        struct subscription *x = set->slot[i];
        if (!x || x->want.kind != SUBSCRIBE_CATALOG || x->cursor == end || x->batch_ms != NEVER)
            continue;
        x->batch_ms = now->mono_ms + (uint64_t)set->ua->cfg.notify_batch_s * 1000;
        subscription_send_due(x, now);
    }
}

/* ---- outcome of NOTIFYs -------------------------------------------------------------------------- */

/* Refused, but may be accepted later. */
static bool is_busy(unsigned status)
{
    return status == 486 || status == 503;
}

/* Statuses that end the dialog or the subscription (RFC 5057 5.1, RFC 6665 4.2.2). */
static bool is_lost(unsigned status)
{
    static const unsigned short lost[] = { 404, 405, 408, 410, 416, 480, 481, 482, 483, 484, 485, 489, 501, 502, 604 };

    for (size_t i = 0; i < sizeof(lost) / sizeof(lost[0]); i++)
        if (status == lost[i])
            return true;
    return status == 0;
}

static struct subscription *find_in_flight(struct subscriptions *set, uint32_t number)
{
    for (unsigned i = 0; number && i < SUBSCRIPTIONS_MAX; i++) {
        struct subscription *x = set->slot[i];
        if (x && x->in_flight == number)
            return x;
    }
    return NULL;
}

bool subscriptions_notify_done(struct subscriptions *set, uint32_t number, unsigned status, struct notify_end *end,
                               const struct gb_time *now)
{
    struct subscription *x = find_in_flight(set, number);

    if (!x)
        return false; /* the last NOTIFY, or the subscription has ended meanwhile */
    *end = (struct notify_end){ .slot = x->slot, .alarm = x->alarm };
    x->in_flight = x->alarm = 0;
    if (is_lost(status)) {
        end->alarm = 0;
        end->gone = subscription_drop(x, status ? "unknown to the platform" : "NOTIFY not answered");
        return true;
    }
    if (is_busy(status)) {
        x->initial_due |= x->initial_in_flight;
        x->resume_ms = now->mono_ms + SUBSCRIPTION_RETRY_MS;
    } else {
        if (status / 100 != 2)
            log_info("%s: subscription-notify-refused command=%s status=%u", set->ua->cfg.name,
                     subscribe_cmd_type(x->want.kind), status);
        x->next += x->sent;
    }
    x->sent = 0;
    return true;
}

/* ---- alarms ---------------------------------------------------------------------------------------- */

bool subscription_covers(const struct subscription *x, const char *id)
{
    return !x->one_item || !strcmp(x->want.device_id, id);
}

unsigned subscriptions_wanting_alarm(const struct subscriptions *set, const struct agent_alarm *al,
                                     const struct gb_time *now)
{
    unsigned found = 0;

    for (unsigned i = 0; i < SUBSCRIPTIONS_MAX; i++) {
        const struct subscription *x = set->slot[i];
        if (x && x->want.kind == SUBSCRIBE_ALARM && subscription_covers(x, al->id) &&
            subscribe_wants_alarm(&x->want, al->priority, al->method, al->type, now->unix_ms, now->utc_offset_s))
            found |= 1u << i;
    }
    return found;
}

int subscriptions_notify_alarm(struct subscriptions *set, unsigned slot, uint32_t ref, struct span body,
                               const struct gb_time *now)
{
    struct subscription *x = slot < SUBSCRIPTIONS_MAX ? set->slot[slot] : NULL;
    int err;

    if (!x || x->want.kind != SUBSCRIBE_ALARM)
        return -ENOENT;
    if (x->in_flight || now->mono_ms < x->resume_ms)
        return -EBUSY;
    err = subscription_notify(x, body, now);
    if (!err)
        x->alarm = ref;
    return err;
}
