/* SPDX-License-Identifier: MIT */
#include "core/keepalive.h"

#include <string.h>

#include "core/agent_impl.h"
#include "manscdp/keepalive.h"
#include "util/log.h"

static unsigned interval_ms(const struct agent *a)
{
    unsigned s = a->cfg.keepalive_interval_s;

    return (s > 0 ? s : 60u) * 1000u;
}

static bool faulty(const struct device_item *item)
{
    return item->cfg.kind == DEVICE_CHANNEL && item->state != DEVICE_ITEM_ON;
}

void keepalive_start(struct agent *a, const struct gb_time *now)
{
    struct keepalive *k = &a->keepalive;

    k->active = true;
    if (!k->in_flight)
        k->due_ms = now->mono_ms;
}

void keepalive_stop(struct agent *a)
{
    struct keepalive *k = &a->keepalive;

    k->active = false;
    k->in_flight = false;
    k->missed = 0;
}

static int send_one(struct agent *a, const struct gb_time *now)
{
    struct keepalive *k = &a->keepalive;
    const char *id[KEEPALIVE_FAULTY_MAX];
    char text[2048];
    struct buf body;
    unsigned n = 0;

    /* 2011 has no list of what does not work. */
    unsigned most = a->cfg.edition >= GB_2016 ? KEEPALIVE_FAULTY_MAX : 0;
    if (most > device_faulty_count(a->dev))
        most = device_faulty_count(a->dev);
    for (unsigned i = 0; i < device_item_count(a->dev) && n < most; i++) {
        const struct device_item *item = device_item_at(a->dev, i);
        if (faulty(item))
            id[n++] = item->cfg.id;
    }
    buf_init(&body, text, sizeof(text));
    size_t room = agent_body_room(a);
    if (room >= sizeof(text))
        room = sizeof(text) - 1;
    keepalive_put(&body, a->cfg.charset, agent_next_sn(a), a->device_id, id, n, room);
    k->serial = device_serial(a->dev);
    k->faulty = device_faulty_count(a->dev);
    return agent_send_message(a, MESSAGE_KEEPALIVE, ++k->ref, buf_view(&body), now);
}

static void miss(struct agent *a, const char *why, const struct gb_time *now)
{
    struct keepalive *k = &a->keepalive;

    k->misses++;
    k->missed++;
    log_info("%s: keepalive %u of %u missed: %s", a->cfg.name, k->missed, a->cfg.keepalive_count, why);
    if (k->missed >= (a->cfg.keepalive_count > 0 ? a->cfg.keepalive_count : 1))
        registration_lost(a, "keepalives are not answered", now);
}

void keepalive_done(struct agent *a, uint32_t ref, int status, const struct gb_time *now)
{
    struct keepalive *k = &a->keepalive;

    if (!k->in_flight || ref != k->ref)
        return;
    k->in_flight = false;
    if (status >= 200 && status < 300) {
        k->missed = 0;
        registration_keepalive_ok(a);
    } else if (status >= 400 && status < 500) {
        char why[48];
        struct buf b;
        k->misses++;
        buf_init(&b, why, sizeof(why));
        buf_printf(&b, "the platform refused a keepalive: %d", status);
        registration_lost(a, why, now);
    } else {
        miss(a, status == 0 ? "no answer" : "refused", now);
    }
}

static void drop_in_flight(struct agent *a)
{
    list_each_safe(it, &a->client.list) {
        struct client_tx *t = container_of(it, struct client_tx, node);
        if (t->kind == CLIENT_TX_MESSAGE && t->purpose == MESSAGE_KEEPALIVE)
            client_tx_drop(t);
    }
    a->keepalive.in_flight = false;
}

void keepalive_tick(struct agent *a, const struct gb_time *now)
{
    struct keepalive *k = &a->keepalive;

    if (!k->active)
        return;
    if (k->in_flight && now->mono_ms >= k->timeout_ms) {
        drop_in_flight(a);
        miss(a, "no answer", now);
        if (!k->active)
            return;
    }
    if (k->in_flight || now->mono_ms < k->due_ms)
        return;
    if (send_one(a, now) != 0) {
        k->due_ms = now->mono_ms + KEEPALIVE_RETRY_MS;
        return;
    }
    unsigned interval = interval_ms(a);
    k->sent++;
    k->in_flight = true;
    k->timeout_ms = now->mono_ms + (interval < KEEPALIVE_TIMEOUT_MS ? interval : KEEPALIVE_TIMEOUT_MS);
    k->due_ms = now->mono_ms + interval;
}

uint64_t keepalive_deadline(const struct agent *a)
{
    const struct keepalive *k = &a->keepalive;

    if (!k->active)
        return UINT64_MAX;
    return k->in_flight ? k->timeout_ms : k->due_ms;
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

    if (!k->active || device_serial(a->dev) == k->serial)
        return;
    n = device_faulty_count(a->dev);
    if (n > k->faulty)
        k->due_ms = now->mono_ms;
    k->faulty = n;
    k->serial = device_serial(a->dev);
}
