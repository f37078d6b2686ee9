/* SPDX-License-Identifier: MIT */
#include "core/alarm.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/agent_priv.h"
#include "manscdp/alarm.h"
#include "util/log.h"

#define BODY_MAX 2048u
#define METHOD_MAX 7u
#define PRIORITY_MAX 4u
#define INPUTS_STEP 8u
#define NEVER UINT64_MAX

struct alarm_entry {
    struct alarm_entry *next;
    uint32_t ref, sn;
    unsigned tries;
    bool in_flight;
    uint64_t due_ms;                    /* when not in flight */
    struct agent_alarm al;              /* id filled in */
    char time[WALLTIME_TEXT];
};

/* What is remembered of an input between two alarms. */
struct alarm_input {
    char id[GBID_SIZE];
    uint64_t last_ms;
    bool raised;                        /* last_ms counts */
    uint64_t latched_until;             /* mono ms; 0 open, NEVER until ResetAlarm */
    unsigned latched_type;
};

void alarm_init(struct alarms *al, struct agent *a)
{
    memset(al, 0, sizeof(*al));
    al->agent = a;
    al->next_ref = 1;
}

static void drop_all(struct alarms *al)
{
    while (al->head) {
        struct alarm_entry *e = al->head;
        al->head = e->next;
        free(e);
    }
    al->tail = NULL;
    al->count = al->in_flight = 0;
}

void alarm_free(struct alarms *al)
{
    drop_all(al);
    free(al->input);
    al->input = NULL;
    al->ninputs = al->input_room = 0;
}

/* ---- inputs ----------------------------------------------------------------------------------- */

static struct alarm_input *input_find(const struct alarms *al, const char *id)
{
    for (unsigned i = 0; i < al->ninputs; i++) {
        if (!strcmp(al->input[i].id, id))
            return &al->input[i];
    }
    return NULL;
}

/* The unlatched one that was silent longest makes room. */
static struct alarm_input *input_evict(struct alarms *al)
{
    struct alarm_input *oldest = NULL;

    for (unsigned i = 0; i < al->ninputs; i++) {
        struct alarm_input *in = &al->input[i];
        if (!in->latched_until && (!oldest || in->last_ms < oldest->last_ms))
            oldest = in;
    }
    return oldest;
}

static struct alarm_input *input_get(struct alarms *al, const char *id)
{
    struct alarm_input *in = input_find(al, id);

    if (in)
        return in;
    if (al->ninputs == al->input_room && al->input_room < ALARM_INPUTS_MAX) {
        struct alarm_input *more = realloc(al->input, (al->input_room + INPUTS_STEP) * sizeof(*more));
        if (!more)
            return NULL;
        al->input = more;
        al->input_room += INPUTS_STEP;
    }
    in = al->ninputs < al->input_room ? &al->input[al->ninputs++] : input_evict(al);
    if (!in)
        return NULL;
    memset(in, 0, sizeof(*in));
    snprintf(in->id, sizeof(in->id), "%s", id);
    return in;
}

static void latch_open(struct alarms *al, struct alarm_input *in)
{
    if (!in || !in->latched_until)
        return;
    in->latched_until = 0;
    device_set_alarm(agent_device(al->agent), in->id, false);
}

static void latch_close(struct alarms *al, struct alarm_input *in, const struct agent_alarm *alarm, uint64_t now_ms)
{
    uint32_t seconds = agent_get_config(al->agent)->alarm_latch_s;

    if (alarm->method != ALARM_DEVICE || seconds == AGENT_LATCH_OFF)
        return;
    in->latched_until = seconds == AGENT_LATCH_STRICT ? NEVER : now_ms + (uint64_t)seconds * 1000;
    in->latched_type = alarm->type;
    device_set_alarm(agent_device(al->agent), in->id, true);
}

bool alarm_latched(const struct alarms *al, const char *id, const struct gb_time *now)
{
    const struct alarm_input *in = input_find(al, id);

    return in && in->latched_until > now->mono_ms;
}

/* Each digit of AlarmMethod is a method: "2", "12" (2016), "1/2" (2022); 0 is all. */
static bool method_has(const char *method, unsigned which)
{
    return !method[0] || strchr(method, '0') || strchr(method, (int)('0' + which));
}

void alarm_reset(struct alarms *al, const char *id, const char *method, unsigned type)
{
    bool all = !strcmp(id, device_config(agent_device(al->agent))->id);

    if (!method_has(method, ALARM_DEVICE))
        return;
    for (unsigned i = 0; i < al->ninputs; i++) {
        struct alarm_input *in = &al->input[i];
        if ((all || !strcmp(in->id, id)) && (!type || type == in->latched_type))
            latch_open(al, in);
    }
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

/* An alarm the platform never took must not hold back the next one until a reset that nobody sends. */
static void give_up(struct alarms *al, struct alarm_entry *e, const char *why)
{
    log_warn("%s: alarm SN %u of %s given up: %s", agent_get_config(al->agent)->name, (unsigned)e->sn, e->al.id, why);
    if (e->al.method == ALARM_DEVICE)
        latch_open(al, input_find(al, e->al.id));
    entry_remove(al, e);
}

static int send_entry(struct alarms *al, struct alarm_entry *e, const struct gb_time *now)
{
    const struct agent_config *cfg = agent_get_config(al->agent);
    const struct device_item *item = device_item_find(agent_device(al->agent), span_of(e->al.id));
    char utf8_mem[BODY_MAX], body_mem[BODY_MAX];
    struct buf utf8, body;
    struct alarm_notify n = {
        .sn = e->sn, .device_id = e->al.id, .priority = e->al.priority, .method = e->al.method, .type = e->al.type,
        .event_type = e->al.event_type, .description = e->al.description,
        .has_position = item && item->cfg.has_position, .longitude = item ? item->cfg.longitude : 0,
        .latitude = item ? item->cfg.latitude : 0,
    };
    int ret;

    memcpy(n.time, e->time, sizeof(n.time));
    buf_init(&utf8, utf8_mem, sizeof(utf8_mem));
    buf_init(&body, body_mem, sizeof(body_mem));
    alarm_notify_put(&utf8, cfg->charset, cfg->edition, &n);
    ret = manscdp_convert(cfg->charset, &utf8, &body);
    return ret ? ret : agent_send_message(al->agent, MESSAGE_ALARM, e->ref, buf_view(&body), now);
}

/* Sends what is due, in order, a few at one time. */
static void pump(struct alarms *al, const struct gb_time *now)
{
    struct alarm_entry *next;

    for (struct alarm_entry *e = al->head; e && al->in_flight < ALARM_IN_FLIGHT_MAX; e = next) {
        next = e->next;
        if (e->in_flight || e->due_ms > now->mono_ms || !agent_online(al->agent))
            continue;
        e->tries++;
        int ret = send_entry(al, e, now);
        if (!ret) {
            e->in_flight = true;
            al->in_flight++;
        } else if (e->tries >= ALARM_TRIES_MAX) {
            give_up(al, e, strerror(-ret));
        } else {
            e->due_ms = now->mono_ms + ALARM_RETRY_MS;
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
    e->sn = agent_next_sn(al->agent);
    e->al = *alarm;
    walltime_print(now->unix_ms, now->utc_offset_s, e->time);
    if (al->tail)
        al->tail->next = e;
    else
        al->head = e;
    al->tail = e;
    al->count++;
    return 0;
}

/* What the caller left open is filled in: the device itself, a device alarm, the lowest priority. */
static int normalise(const struct alarms *al, const struct agent_alarm *in, struct agent_alarm *out)
{
    const struct device *d = agent_device(al->agent);

    *out = *in;
    if (!out->id[0])
        snprintf(out->id, sizeof(out->id), "%s", device_config(d)->id);
    if (strcmp(out->id, device_config(d)->id) && !device_item_find(d, span_of(out->id)))
        return -ENOENT;
    out->method = out->method ? out->method : ALARM_DEVICE;
    out->priority = out->priority ? out->priority : PRIORITY_MAX;
    return out->method > METHOD_MAX || out->priority > PRIORITY_MAX ? -EINVAL : 0;
}

int agent_alarm(struct agent *a, const struct agent_alarm *raised, const struct gb_time *now)
{
    struct alarms *al = agent_alarms(a);
    const uint64_t interval = (uint64_t)agent_get_config(a)->alarm_interval_s * 1000;
    struct agent_alarm alarm;
    struct alarm_input *in;
    int ret = normalise(al, raised, &alarm);

    if (ret)
        return ret;
    if (!agent_online(a))
        return -ENETDOWN;
    in = input_get(al, alarm.id);
    if (!in)
        return al->ninputs >= ALARM_INPUTS_MAX ? -ENOSPC : -ENOMEM;
    if (alarm.method == ALARM_DEVICE && in->latched_until > now->mono_ms)
        return -EAGAIN;
    if (in->raised && now->mono_ms - in->last_ms < interval)
        return -EAGAIN;
    if (al->count >= ALARM_QUEUE_MAX)
        return -ENOSPC;
    ret = entry_add(al, &alarm, now);
    if (ret)
        return ret;
    in->raised = true;
    in->last_ms = now->mono_ms;
    latch_close(al, in, &alarm, now->mono_ms);
    pump(al, now);
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
        give_up(al, e, "the link is gone");
    else if (status && status != 408 && status < 500)
        give_up(al, e, "refused");      /* some platforms answer every alarm so; the link is fine */
    else if (e->tries >= ALARM_TRIES_MAX)
        give_up(al, e, "no answer");
    else
        e->due_ms = now->mono_ms + ALARM_RETRY_MS;
    pump(al, now);
}

void alarm_offline(struct alarms *al)
{
    while (al->head)
        give_up(al, al->head, "the link is gone");
    al->in_flight = 0;
}

void alarm_tick(struct alarms *al, const struct gb_time *now)
{
    for (unsigned i = 0; i < al->ninputs; i++) {
        if (al->input[i].latched_until && al->input[i].latched_until <= now->mono_ms)
            latch_open(al, &al->input[i]);
    }
    pump(al, now);
}

uint64_t alarm_deadline(const struct alarms *al)
{
    uint64_t next = NEVER;
    const bool may_send = agent_online(al->agent) && al->in_flight < ALARM_IN_FLIGHT_MAX;

    for (const struct alarm_entry *e = al->head; e && may_send; e = e->next) {
        if (!e->in_flight && e->due_ms < next)
            next = e->due_ms;
    }
    for (unsigned i = 0; i < al->ninputs; i++) {
        if (al->input[i].latched_until && al->input[i].latched_until < next)
            next = al->input[i].latched_until;
    }
    return next;
}
