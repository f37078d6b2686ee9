/* SPDX-License-Identifier: MIT */
#include "agent/keepalive.h"

#include <string.h>

#include "manscdp/keepalive.h"
#include "util/log.h"

static unsigned interval_ms(const struct keepalive *k)
{
    unsigned s = k->ua->cfg.keepalive_interval_s;

    return (s > 0 ? s : 60u) * 1000u;
}

static bool faulty(const struct device_item *item)
{
    return item->cfg.kind == DEVICE_CHANNEL && item->state != DEVICE_ITEM_ON;
}

unsigned keepalive_within_interval(const struct keepalive *k, unsigned ms)
{
    return interval_ms(k) < ms ? interval_ms(k) : ms;
}

/* Drops all keepalives in flight, including missed ones. */
static void drop_sent(struct keepalive *k)
{
    list_each_safe(it, &k->ua->client_txs.list) {
        struct client_tx *t = container_of(it, struct client_tx, node);
        if (t->kind == CLIENT_TX_MESSAGE && t->purpose == MESSAGE_KEEPALIVE)
            client_tx_drop(t);
    }
    k->nopen = k->missed = 0;
    k->silent = false;
}

void keepalive_init(struct keepalive *k, struct ua *u)
{
    *k = (struct keepalive){ .ua = u };
}

void keepalive_start(struct keepalive *k, const struct gb_time *now)
{
    drop_sent(k);
    k->active = true;
    k->due_ms = now->mono_ms;
}

void keepalive_offline(struct keepalive *k)
{
    drop_sent(k);
    k->active = false;
}

static int send_one(struct keepalive *k, const struct gb_time *now)
{
    const char *id[KEEPALIVE_FAULTY_MAX];
    char text[2048];
    struct buf body;
    unsigned n = 0;

    /* 2011 has no list of faulty channels. */
    unsigned max = k->ua->cfg.edition >= GB_2016 ? KEEPALIVE_FAULTY_MAX : 0;
    if (max > device_faulty_count(k->ua->dev))
        max = device_faulty_count(k->ua->dev);
    for (unsigned i = 0; i < device_item_count(k->ua->dev) && n < max; i++) {
        const struct device_item *item = device_item_at(k->ua->dev, i);
        if (faulty(item))
            id[n++] = item->cfg.id;
    }
    buf_init(&body, text, sizeof(text));
    size_t room = ua_body_room(k->ua);
    if (room >= sizeof(text))
        room = sizeof(text) - 1;
    keepalive_put(&body, k->ua->cfg.charset, ua_next_sn(k->ua), k->ua->device_id, id, n, room);
    k->serial = device_serial(k->ua->dev);
    k->faulty = device_faulty_count(k->ua->dev);
    return ua_send_message(k->ua, MESSAGE_KEEPALIVE, ++k->ref, buf_view(&body), now);
}

static enum keepalive_outcome miss(struct keepalive *k, const char *why)
{
    const uint64_t soon = k->sent_ms + keepalive_within_interval(k, KEEPALIVE_FAST_MS);

    if (k->silent)
        return KEEPALIVE_NOTHING;
    k->misses++;
    k->missed++;
    log_info("%s: keepalive-missed count=%u max=%u reason=\"%s\"", k->ua->cfg.name, k->missed,
             k->ua->cfg.keepalive_count, why);
    if (k->missed >= k->ua->cfg.keepalive_count) {
        k->silent = true;
        return KEEPALIVE_SILENT;
    }
    if (k->due_ms > soon)
        k->due_ms = soon;
    return KEEPALIVE_NOTHING;
}

static bool remove_open(struct keepalive *k, uint32_t ref)
{
    for (unsigned i = 0; i < k->nopen; i++) {
        if (k->open[i].ref == ref) {
            memmove(&k->open[i], &k->open[i + 1], (--k->nopen - i) * sizeof(k->open[0]));
            return true;
        }
    }
    return false;
}

enum keepalive_outcome keepalive_message_done(struct keepalive *k, uint32_t ref, int status)
{
    if (!k->active)
        return KEEPALIVE_NOTHING;
    if (status >= 200 && status < 300) {
        if (k->missed > 0)
            k->due_ms = k->sent_ms + interval_ms(k);
        k->nopen = k->missed = 0;
        k->silent = false;
        return KEEPALIVE_ANSWERED;
    }
    if (status >= 400 && status < 500) {
        k->misses++;
        return KEEPALIVE_REFUSED;
    }
    return remove_open(k, ref) ? miss(k, status == 0 ? "no answer" : "refused") : KEEPALIVE_NOTHING;
}

/* After a miss, the next one does not wait for the previous one. */
static bool may_send(const struct keepalive *k)
{
    return k->nopen == 0 || (k->missed > 0 && k->nopen < KEEPALIVE_OPEN_MAX);
}

enum keepalive_outcome keepalive_tick(struct keepalive *k, const struct gb_time *now)
{
    if (!k->active || k->silent)
        return KEEPALIVE_NOTHING;
    while (k->nopen > 0 && now->mono_ms >= k->open[0].miss_ms) {
        remove_open(k, k->open[0].ref);
        if (miss(k, "no answer") == KEEPALIVE_SILENT)
            return KEEPALIVE_SILENT;
    }
    if (!may_send(k) || now->mono_ms < k->due_ms)
        return KEEPALIVE_NOTHING;
    if (send_one(k, now) != 0) {
        k->due_ms = now->mono_ms + KEEPALIVE_RETRY_MS;
        return KEEPALIVE_NOTHING;
    }
    k->sent++;
    k->sent_ms = now->mono_ms;
    k->open[k->nopen++] = (struct keepalive_open){
        k->ref,
        now->mono_ms + keepalive_within_interval(k, KEEPALIVE_TIMEOUT_MS),
    };
    k->due_ms = now->mono_ms + (k->missed > 0 ? keepalive_within_interval(k, KEEPALIVE_FAST_MS) : interval_ms(k));
    return KEEPALIVE_NOTHING;
}

uint64_t keepalive_deadline(const struct keepalive *k)
{
    uint64_t when = UINT64_MAX;

    if (!k->active || k->silent)
        return when;
    if (k->nopen > 0)
        when = k->open[0].miss_ms;
    return may_send(k) && k->due_ms < when ? k->due_ms : when;
}

void keepalive_now(struct keepalive *k, const struct gb_time *now)
{
    if (k->active)
        k->due_ms = now->mono_ms;
}

void keepalive_interval_changed(struct keepalive *k, const struct gb_time *now)
{
    const uint64_t latest = now->mono_ms + interval_ms(k);

    /* The platform already expects keepalives at the new interval. */
    if (k->active && k->due_ms > latest)
        k->due_ms = latest;
}

void keepalive_device_changed(struct keepalive *k, const struct gb_time *now)
{
    unsigned n;

    if (!k->active || device_serial(k->ua->dev) == k->serial)
        return;
    n = device_faulty_count(k->ua->dev);
    if (n > k->faulty)
        k->due_ms = now->mono_ms;
    k->faulty = n;
    k->serial = device_serial(k->ua->dev);
}
