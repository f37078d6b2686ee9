/* SPDX-License-Identifier: MIT */
#include "agent/alarm.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/subscription.h"
#include "manscdp/alarm.h"
#include "ua/ua.h"
#include "util/log.h"

#define BODY_MAX     2048u
#define PRIORITY_MAX 4u
#define NEVER        UINT64_MAX

struct alarm_entry {
    struct alarm_entry *next;
    uint32_t ref, sn;
    unsigned tries;
    bool in_flight;
    uint64_t due_ms;       /* when not in flight */
    unsigned subscribers;  /* bit mask of slots still to be notified, before the MESSAGE */
    bool message;          /* still to be sent by MESSAGE */
    bool delivered;        /* to at least one subscriber */
    int slot;              /* in flight: the subscriber's, -1 for a MESSAGE */
    struct agent_alarm al; /* normalised */
    char time[WALLTIME_TEXT];
};

void alarm_init(struct alarms *al, struct ua *u, struct alarm_inputs *inputs, struct subscriptions *subscriptions)
{
    memset(al, 0, sizeof(*al));
    al->ua = u;
    al->inputs = inputs;
    al->subscriptions = subscriptions;
    al->next_ref = 1;
}

void alarm_free(struct alarms *al)
{
    while (al->head) {
        struct alarm_entry *e = al->head;
        al->head = e->next;
        free(e);
    }
    al->tail = NULL;
    al->count = al->in_flight = 0;
}

/* ---- queue ------------------------------------------------------------------------------------ */

static void entry_remove(struct alarms *al, struct alarm_entry *gone)
{
    struct alarm_entry *before = NULL;

    for (struct alarm_entry *e = al->head; e && e != gone; e = e->next)
        before = e;
    if (before)
        before->next = gone->next;
    else
        al->head = gone->next;
    if (al->tail == gone)
        al->tail = before;
    al->count--;
    free(gone);
}

/* Opens the latch if the alarm was not delivered: a platform that does not know of it will not reset it. */
static void give_up(struct alarms *al, struct alarm_entry *e, const char *why)
{
    log_warn("%s: alarm-not-delivered channel=%s alarm_method=%u sn=%u reason=\"%s\"", al->ua->cfg.name, e->al.id,
             e->al.method, (unsigned)e->sn, why);
    if (e->al.method == ALARM_DEVICE && !e->delivered)
        alarm_inputs_open(al->inputs, e->al.id);
    entry_remove(al, e);
}

/* After the last try with one subscriber. An alarm that no subscriber accepted is sent by MESSAGE. false: e was
 * freed. */
static bool next_recipient(struct alarms *al, struct alarm_entry *e)
{
    e->tries = 0;
    if (!e->subscribers && !e->message && !e->delivered)
        e->message = true;
    if (e->subscribers || e->message)
        return true;
    entry_remove(al, e);
    return false;
}

static int lowest_bit(unsigned bits)
{
    int n = 0;

    while (!(bits & 1u)) {
        bits >>= 1;
        n++;
    }
    return n;
}

static int send_body(struct alarms *al, struct alarm_entry *e, struct span body, const struct gb_time *now)
{
    e->slot = -1;
    if (!e->subscribers)
        return ua_send_message(al->ua, MESSAGE_ALARM, e->ref, body, now);
    e->slot = lowest_bit(e->subscribers);
    return subscriptions_notify_alarm(al->subscriptions, (unsigned)e->slot, e->ref, body, now);
}

static int send_entry(struct alarms *al, struct alarm_entry *e, const struct gb_time *now)
{
    const struct agent_config *cfg = &al->ua->cfg;
    const struct device_item *item = device_item_find(al->ua->dev, span_of(e->al.id));
    char utf8_mem[BODY_MAX], body_mem[BODY_MAX];
    struct buf utf8, body;
    struct alarm_notify n = {
        .sn = e->sn,
        .device_id = e->al.id,
        .priority = e->al.priority,
        .method = e->al.method,
        .type = e->al.type,
        .event_type = e->al.event_type,
        .description = e->al.description,
        .has_position = item && item->cfg.has_position,
        .longitude = item ? item->cfg.longitude : 0,
        .latitude = item ? item->cfg.latitude : 0,
    };
    int err;

    memcpy(n.time, e->time, sizeof(n.time));
    buf_init(&utf8, utf8_mem, sizeof(utf8_mem));
    buf_init(&body, body_mem, sizeof(body_mem));
    alarm_notify_put(&utf8, cfg->charset, cfg->edition, &n);
    err = manscdp_convert(cfg->charset, &utf8, &body);
    return err ? err : send_body(al, e, buf_view(&body), now);
}

static void send_failed(struct alarms *al, struct alarm_entry *e, int err, const struct gb_time *now)
{
    e->due_ms = now->mono_ms + ALARM_RETRY_MS;
    if (err == -EBUSY) {
        e->tries--; /* another NOTIFY to this subscriber is in flight */
        e->due_ms = now->mono_ms + ALARM_BUSY_MS;
    } else if (e->slot >= 0 && (err == -ENOENT || e->tries >= ALARM_TRIES_MAX)) {
        e->subscribers &= e->subscribers - 1;
        (void)next_recipient(al, e);
    } else if (e->tries >= ALARM_TRIES_MAX) {
        give_up(al, e, strerror(-err));
    }
}

/* Sends due alarms in order, up to ALARM_IN_FLIGHT_MAX. */
static void send_due(struct alarms *al, const struct gb_time *now)
{
    struct alarm_entry *next;

    for (struct alarm_entry *e = al->head; e && al->in_flight < ALARM_IN_FLIGHT_MAX; e = next) {
        next = e->next;
        if (e->in_flight || e->due_ms > now->mono_ms || !ua_online(al->ua))
            continue;
        e->tries++;
        int err = send_entry(al, e, now);
        if (!err) {
            e->in_flight = true;
            al->in_flight++;
        } else {
            send_failed(al, e, err, now);
        }
    }
}

static int entry_add(struct alarms *al, const struct agent_alarm *alarm, const struct gb_time *now)
{
    struct alarm_entry *e = calloc(1, sizeof(*e));

    if (!e)
        return -ENOMEM;
    e->ref = al->next_ref++;
    al->next_ref += !al->next_ref;
    e->sn = ua_next_sn(al->ua);
    e->al = *alarm;
    walltime_print(now->unix_ms, now->utc_offset_s, e->time);
    const enum agent_alarm_notify how = al->ua->cfg.alarm_notify;
    if (how != ALARM_NOTIFY_MESSAGE)
        e->subscribers = subscriptions_wanting_alarm(al->subscriptions, alarm, now);
    e->message = how != ALARM_NOTIFY_AUTO || !e->subscribers;
    if (al->tail)
        al->tail->next = e;
    else
        al->head = e;
    al->tail = e;
    al->count++;
    return 0;
}

/* Fills in defaults: the device itself, a device alarm, the lowest priority. */
static int normalise(const struct alarms *al, const struct agent_alarm *in, struct agent_alarm *out)
{
    const struct device *d = al->ua->dev;

    *out = *in;
    if (!out->id[0])
        snprintf(out->id, sizeof(out->id), "%s", device_config(d)->id);
    if (strcmp(out->id, device_config(d)->id) && !device_item_find(d, span_of(out->id)))
        return -ENOENT;
    out->method = out->method ? out->method : ALARM_DEVICE;
    out->priority = out->priority ? out->priority : PRIORITY_MAX;
    return out->priority > PRIORITY_MAX || !alarm_known(GB_2022, out->method, out->type, out->event_type) ? -EINVAL : 0;
}

/* 0 or an error of agent_alarm. *out: the normalised alarm. */
static int admit(const struct alarms *al, const struct agent_alarm *raised, struct agent_alarm *out,
                 const struct gb_time *now)
{
    const struct agent_config *cfg = &al->ua->cfg;
    const struct alarm_input *in;
    enum device_guard guard;
    int err = normalise(al, raised, out);

    if (err)
        return err;
    if (!ua_online(al->ua))
        return -ENETDOWN;
    guard = device_state_guard(device_state(al->ua->dev), out->id);
    /* ResetGuard suppresses device and video alarms, but not faults. */
    if ((guard == DEVICE_GUARD_OFF && (out->method == ALARM_DEVICE || out->method == ALARM_VIDEO)) ||
        (guard != DEVICE_GUARD_ON && cfg->alarm_requires_guard))
        return -EPERM;
    in = alarm_inputs_find(al->inputs, out->id);
    if (in && out->method == ALARM_DEVICE && in->latched_until > now->mono_ms)
        return -EAGAIN;
    /* Per method, so that a fault does not suppress an intrusion. */
    if (in && in->raised >> out->method & 1u &&
        now->mono_ms - in->method_ms[out->method] < cfg->alarm_interval_s * 1000ull)
        return -EAGAIN;
    return al->count >= ALARM_QUEUE_MAX ? -ENOSPC : 0;
}

int alarm_admits(const struct alarms *al, const struct agent_alarm *raised, const struct gb_time *now)
{
    struct agent_alarm alarm;

    return admit(al, raised, &alarm, now);
}

int alarm_raise(struct alarms *al, const struct agent_alarm *raised, const struct gb_time *now)
{
    struct agent_alarm alarm;
    struct alarm_input *in;
    int err = admit(al, raised, &alarm, now);

    if (err)
        return err;
    err = alarm_inputs_get(al->inputs, alarm.id, &in);
    if (!err)
        err = entry_add(al, &alarm, now);
    if (err)
        return err;
    alarm_inputs_raised(al->inputs, in, &alarm, now);
    send_due(al, now);
    return 0;
}

void alarm_message_done(struct alarms *al, uint32_t ref, int status, const struct gb_time *now)
{
    struct alarm_entry *e = al->head;

    while (e && !(e->ref == ref && e->in_flight))
        e = e->next;
    if (!e)
        return;
    e->in_flight = false;
    al->in_flight--;
    if (status >= 200 && status < 300)
        entry_remove(al, e);
    else if (status < 0)
        give_up(al, e, "link lost");
    else if (status && status != 408 && status < 500)
        give_up(al, e, "refused"); /* some platforms refuse every alarm */
    else if (e->tries >= ALARM_TRIES_MAX)
        give_up(al, e, "no answer");
    else
        e->due_ms = now->mono_ms + ALARM_RETRY_MS;
    send_due(al, now);
}

void alarm_notify_done(struct alarms *al, unsigned slot, uint32_t ref, int status, const struct gb_time *now)
{
    struct alarm_entry *next;
    bool busy = status == 486 || status == 503;

    for (struct alarm_entry *e = al->head; e; e = next) {
        next = e->next;
        if (!(e->subscribers & (1u << slot)))
            continue;
        if (!e->in_flight)
            e->due_ms = now->mono_ms; /* the subscriber may be free for it now */
        if (!e->in_flight || e->ref != ref)
            continue;
        e->in_flight = false;
        al->in_flight--;
        if (busy && e->tries < ALARM_TRIES_MAX) {
            e->due_ms = now->mono_ms + ALARM_BUSY_MS;
            continue;
        }
        e->subscribers &= ~(1u << slot);
        e->delivered = e->delivered || status / 100 == 2;
        (void)next_recipient(al, e);
    }
    send_due(al, now);
}

void alarm_subscribers_gone(struct alarms *al, unsigned slots, const struct gb_time *now)
{
    struct alarm_entry *next;

    for (struct alarm_entry *e = al->head; e && slots; e = next) {
        next = e->next;
        if (!(e->subscribers & slots))
            continue;
        if (e->in_flight && e->slot >= 0 && slots & (1u << e->slot)) {
            e->in_flight = false;
            al->in_flight--;
        }
        e->subscribers &= ~slots;
        (void)next_recipient(al, e);
    }
    if (slots)
        send_due(al, now);
}

void alarm_offline(struct alarms *al)
{
    while (al->head)
        give_up(al, al->head, "offline");
    al->in_flight = 0;
}

void alarm_tick(struct alarms *al, const struct gb_time *now)
{
    send_due(al, now);
}

uint64_t alarm_deadline(const struct alarms *al)
{
    uint64_t next = NEVER;
    const bool may_send = ua_online(al->ua) && al->in_flight < ALARM_IN_FLIGHT_MAX;

    for (const struct alarm_entry *e = al->head; e && may_send; e = e->next)
        if (!e->in_flight && e->due_ms < next)
            next = e->due_ms;
    return next;
}
