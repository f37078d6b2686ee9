/* SPDX-License-Identifier: MIT */
#include "agent/alarm_input.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ua/ua.h"

#define NEVER UINT64_MAX

void alarm_inputs_init(struct alarm_inputs *s, struct ua *u)
{
    /* The table is allocated by the first alarm; only configured IDs enter it, so no peer can choose collisions. */
    memset(s, 0, sizeof(*s));
    s->ua = u;
    list_init(&s->open);
    list_init(&s->closed);
    heap_init(&s->due);
}

static void input_free(struct alarm_inputs *s, struct alarm_input *in)
{
    hash_remove(&s->by_id, &in->by_id);
    heap_remove(&s->due, &in->due);
    list_remove(&in->node);
    s->count--;
    free(in);
}

void alarm_inputs_free(struct alarm_inputs *s)
{
    list_each_safe(it, &s->open)
        input_free(s, container_of(it, struct alarm_input, node));
    list_each_safe(jt, &s->closed)
        input_free(s, container_of(jt, struct alarm_input, node));
    hash_free(&s->by_id);
    heap_free(&s->due);
}

struct alarm_input *alarm_inputs_find(const struct alarm_inputs *s, const char *id)
{
    struct hash_node *n = hash_find(&s->by_id, span_of(id));

    return n ? container_of(n, struct alarm_input, by_id) : NULL;
}

int alarm_inputs_get(struct alarm_inputs *s, const char *id, struct alarm_input **out)
{
    struct alarm_input *in = alarm_inputs_find(s, id);
    struct list *oldest = list_first(&s->open);

    *out = in;
    if (in)
        return 0;
    if (s->count >= ALARM_INPUTS_MAX) {
        if (!oldest)
            return -ENOSPC;
        input_free(s, container_of(oldest, struct alarm_input, node));
    }
    in = calloc(1, sizeof(*in));
    if (!in)
        return -ENOMEM;
    snprintf(in->id, sizeof(in->id), "%s", id);
    if (heap_reserve(&s->due, (size_t)s->count + 1) != 0 || hash_insert(&s->by_id, &in->by_id, span_of(in->id)) != 0) {
        free(in);
        return -ENOMEM;
    }
    list_append(&s->open, &in->node);
    s->count++;
    *out = in;
    return 0;
}

/* ---- the latch ------------------------------------------------------------------------------------ */

static void latch_open(struct alarm_inputs *s, struct alarm_input *in)
{
    if (!in->latched_until)
        return;
    in->latched_until = 0;
    heap_remove(&s->due, &in->due);
    list_remove(&in->node);
    list_append(&s->open, &in->node);
    device_set_alarm(s->ua->dev, in->id, false);
}

static void latch_close(struct alarm_inputs *s, struct alarm_input *in, unsigned type, uint64_t now_ms)
{
    uint32_t seconds = s->ua->cfg.alarm_latch_s;

    if (seconds == AGENT_LATCH_OFF)
        return;
    in->latched_until = seconds == AGENT_LATCH_STRICT ? NEVER : now_ms + (uint64_t)seconds * 1000;
    in->latched_type = type;
    (void)heap_set(&s->due, &in->due, in->latched_until); /* reserved by alarm_inputs_get */
    list_remove(&in->node);
    list_append(&s->closed, &in->node);
    device_set_alarm(s->ua->dev, in->id, true);
}

void alarm_inputs_raised(struct alarm_inputs *s, struct alarm_input *in, const struct agent_alarm *alarm,
                         const struct gb_time *now)
{
    in->raised |= 1u << alarm->method;
    in->method_ms[alarm->method] = now->mono_ms;
    if (!in->latched_until) {
        list_remove(&in->node);
        list_append(&s->open, &in->node);
    }
    if (alarm->method == ALARM_DEVICE)
        latch_close(s, in, alarm->type, now->mono_ms);
}

void alarm_inputs_open(struct alarm_inputs *s, const char *id)
{
    struct alarm_input *in = alarm_inputs_find(s, id);

    if (in)
        latch_open(s, in);
}

void alarm_inputs_tick(struct alarm_inputs *s, const struct gb_time *now)
{
    struct heap_node *top;

    while ((top = heap_top(&s->due)) && top->when <= now->mono_ms)
        latch_open(s, container_of(top, struct alarm_input, due));
}

uint64_t alarm_inputs_deadline(const struct alarm_inputs *s)
{
    const struct heap_node *top = heap_top(&s->due);

    return top ? top->when : NEVER;
}

bool alarm_inputs_latched(const struct alarm_inputs *s, const char *id, const struct gb_time *now)
{
    const struct alarm_input *in = alarm_inputs_find(s, id);

    return in && in->latched_until > now->mono_ms;
}

/* Each digit is a method: "2", "12" (2016), "1/2" (2022); 0 means all. */
static bool method_has(const char *method, unsigned which)
{
    return !method[0] || strchr(method, '0') || strchr(method, (int)('0' + which));
}

void alarm_inputs_reset(struct alarm_inputs *s, const char *id, const char *method, unsigned type)
{
    bool all = !strcmp(id, device_config(s->ua->dev)->id);

    if (!method_has(method, ALARM_DEVICE))
        return;
    list_each_safe(it, &s->closed) {
        struct alarm_input *in = container_of(it, struct alarm_input, node);
        if ((all || !strcmp(in->id, id)) && (!type || type == in->latched_type))
            latch_open(s, in);
    }
}
