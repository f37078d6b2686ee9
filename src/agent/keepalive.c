/* SPDX-License-Identifier: MIT */
#include "agent/keepalive.h"

#include <stdio.h>
#include <string.h>

#include "agent/agent_impl.h"
#include "manscdp/keepalive.h"
#include "util/log.h"

static unsigned interval_ms(const struct agent *a)
{
    unsigned s = a->ua.cfg.keepalive_interval_s;

    return (s > 0 ? s : 60u) * 1000u;
}

static bool faulty(const struct device_item *item)
{
    return item->cfg.kind == DEVICE_CHANNEL && item->state != DEVICE_ITEM_ON;
}

static unsigned within_interval(const struct agent *a, unsigned ms)
{
    return interval_ms(a) < ms ? interval_ms(a) : ms;
}

/* Those that are on their way still, missed ones included: their answers mean nothing any more. */
static void forget_sent(struct agent *a)
{
    list_each_safe(it, &a->ua.client.list) {
        struct client_tx *t = container_of(it, struct client_tx, node);
        if (t->kind == CLIENT_TX_MESSAGE && t->purpose == MESSAGE_KEEPALIVE)
            client_tx_drop(t);
    }
    a->keepalive.nopen = a->keepalive.missed = 0;
}

void keepalive_start(struct agent *a, const struct gb_time *now)
{
    forget_sent(a);
    a->keepalive.active = true;
    a->keepalive.due_ms = now->mono_ms;
}

void keepalive_stop(struct agent *a)
{
    forget_sent(a);
    a->keepalive.active = false;
}

static int send_one(struct agent *a, const struct gb_time *now)
{
    struct keepalive *k = &a->keepalive;
    const char *id[KEEPALIVE_FAULTY_MAX];
    char text[2048];
    struct buf body;
    unsigned n = 0;

    /* 2011 has no list of what does not work. */
    unsigned most = a->ua.cfg.edition >= GB_2016 ? KEEPALIVE_FAULTY_MAX : 0;
    if (most > device_faulty_count(a->ua.dev))
        most = device_faulty_count(a->ua.dev);
    for (unsigned i = 0; i < device_item_count(a->ua.dev) && n < most; i++) {
        const struct device_item *item = device_item_at(a->ua.dev, i);
        if (faulty(item))
            id[n++] = item->cfg.id;
    }
    buf_init(&body, text, sizeof(text));
    size_t room = ua_body_room(&a->ua);
    if (room >= sizeof(text))
        room = sizeof(text) - 1;
    keepalive_put(&body, a->ua.cfg.charset, ua_next_sn(&a->ua), a->ua.device_id, id, n, room);
    k->serial = device_serial(a->ua.dev);
    k->faulty = device_faulty_count(a->ua.dev);
    return ua_send_message(&a->ua, MESSAGE_KEEPALIVE, ++k->ref, buf_view(&body), now);
}

static void miss(struct agent *a, const char *why, const struct gb_time *now)
{
    struct keepalive *k = &a->keepalive;
    const uint64_t soon = k->sent_ms + within_interval(a, KEEPALIVE_HASTE_MS);

    if (registration_doubted(a))
        return;                         /* the answer to REGISTER will tell */
    k->misses++;
    k->missed++;
    log_info("%s: keepalive %u of %u missed: %s", a->ua.cfg.name, k->missed, a->ua.cfg.keepalive_count, why);
    if (k->missed >= a->ua.cfg.keepalive_count)
        registration_doubt(a, "keepalives are not answered", within_interval(a, REG_DOUBT_MS), now);
    else if (k->due_ms > soon)
        k->due_ms = soon;
}

static bool take_open(struct keepalive *k, uint32_t ref)
{
    for (unsigned i = 0; i < k->nopen; i++) {
        if (k->open[i].ref == ref) {
            memmove(&k->open[i], &k->open[i + 1], (--k->nopen - i) * sizeof(k->open[0]));
            return true;
        }
    }
    return false;
}

void keepalive_done(struct agent *a, uint32_t ref, int status, const struct gb_time *now)
{
    struct keepalive *k = &a->keepalive;
    char why[48];

    if (!k->active)
        return;
    if (status >= 200 && status < 300) {
        if (k->missed > 0)
            k->due_ms = k->sent_ms + interval_ms(a);
        k->nopen = k->missed = 0;
        registration_keepalive_ok(a);
    } else if (status >= 400 && status < 500) {
        k->misses++;
        snprintf(why, sizeof(why), "the platform refused a keepalive: %d", status);
        registration_lost(a, why, now);
    } else if (take_open(k, ref)) {
        miss(a, status == 0 ? "no answer" : "refused", now);
    }
}

/* After a miss they go without waiting for the one before. */
static bool may_send(const struct keepalive *k)
{
    return k->nopen == 0 || (k->missed > 0 && k->nopen < KEEPALIVE_OPEN_MAX);
}

void keepalive_tick(struct agent *a, const struct gb_time *now)
{
    struct keepalive *k = &a->keepalive;

    while (k->active && !registration_doubted(a) && k->nopen > 0 && now->mono_ms >= k->open[0].miss_ms) {
        take_open(k, k->open[0].ref);
        miss(a, "no answer", now);
    }
    if (!k->active || registration_doubted(a) || !may_send(k) || now->mono_ms < k->due_ms)
        return;
    if (send_one(a, now) != 0) {
        k->due_ms = now->mono_ms + KEEPALIVE_RETRY_MS;
        return;
    }
    k->sent++;
    k->sent_ms = now->mono_ms;
    k->open[k->nopen++] = (struct keepalive_open){ k->ref, now->mono_ms + within_interval(a, KEEPALIVE_TIMEOUT_MS) };
    k->due_ms = now->mono_ms + (k->missed > 0 ? within_interval(a, KEEPALIVE_HASTE_MS) : interval_ms(a));
}

uint64_t keepalive_deadline(const struct agent *a)
{
    const struct keepalive *k = &a->keepalive;
    uint64_t when = UINT64_MAX;

    if (!k->active || registration_doubted(a))
        return when;
    if (k->nopen > 0)
        when = k->open[0].miss_ms;
    return may_send(k) && k->due_ms < when ? k->due_ms : when;
}

void keepalive_now(struct agent *a, const struct gb_time *now)
{
    if (a->keepalive.active)
        a->keepalive.due_ms = now->mono_ms;
}

void keepalive_interval_changed(struct agent *a, const struct gb_time *now)
{
    const uint64_t latest = now->mono_ms + interval_ms(a);

    /* The platform counts by the new interval already. */
    if (a->keepalive.active && a->keepalive.due_ms > latest)
        a->keepalive.due_ms = latest;
}

void keepalive_device_changed(struct agent *a, const struct gb_time *now)
{
    struct keepalive *k = &a->keepalive;
    unsigned n;

    if (!k->active || device_serial(a->ua.dev) == k->serial)
        return;
    n = device_faulty_count(a->ua.dev);
    if (n > k->faulty)
        k->due_ms = now->mono_ms;
    k->faulty = n;
    k->serial = device_serial(a->ua.dev);
}
