/* SPDX-License-Identifier: MIT */
#include "agent/alarm_input.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/ua.h"

#define NEVER UINT64_MAX

void alarm_inputs_init(struct alarms *al)
{
    /* The table is made by the first alarm; only IDs of the config get in, so nobody can choose collisions. */
    memset(&al->by_id, 0, sizeof(al->by_id));
    list_init(&al->open);
    list_init(&al->closed);
    heap_init(&al->due);
    al->ninputs = 0;
}

static void input_free(struct alarms *al, struct alarm_input *in)
{
    hash_remove(&al->by_id, &in->by_id);
    heap_remove(&al->due, &in->due);
    list_remove(&in->node);
    al->ninputs--;
    free(in);
}

void alarm_inputs_free(struct alarms *al)
{
    list_each_safe(it, &al->open)
        input_free(al, container_of(it, struct alarm_input, node));
    list_each_safe(jt, &al->closed)
        input_free(al, container_of(jt, struct alarm_input, node));
    hash_free(&al->by_id);
    heap_free(&al->due);
}

struct alarm_input *alarm_input_find(const struct alarms *al, const char *id)
{
    struct hash_node *n = hash_find(&al->by_id, span_of(id));

    return n ? container_of(n, struct alarm_input, by_id) : NULL;
}

struct alarm_input *alarm_input_get(struct alarms *al, const char *id)
{
    struct alarm_input *in = alarm_input_find(al, id);
    struct list *silent = list_first(&al->open);

    if (in)
        return in;
    /* The open one that was silent longest makes room. */
    if (al->ninputs >= ALARM_INPUTS_MAX) {
        if (!silent)
            return NULL;
        input_free(al, container_of(silent, struct alarm_input, node));
    }
    in = calloc(1, sizeof(*in));
    if (!in)
        return NULL;
    snprintf(in->id, sizeof(in->id), "%s", id);
    if (heap_reserve(&al->due, (size_t)al->ninputs + 1) != 0 || hash_insert(&al->by_id, &in->by_id, span_of(in->id)) != 0) {
        free(in);
        return NULL;
    }
    list_append(&al->open, &in->node);
    al->ninputs++;
    return in;
}

void alarm_input_raised(struct alarms *al, struct alarm_input *in, unsigned method, const struct gb_time *now)
{
    in->raised |= 1u << method;
    in->method_ms[method] = now->mono_ms;
    if (in->latched_until)
        return;
    list_remove(&in->node);
    list_append(&al->open, &in->node);
}

void alarm_latch_open(struct alarms *al, struct alarm_input *in)
{
    if (!in || !in->latched_until)
        return;
    in->latched_until = 0;
    heap_remove(&al->due, &in->due);
    list_remove(&in->node);
    list_append(&al->open, &in->node);
    device_set_alarm(al->ua->dev, in->id, false);
}

void alarm_latch_close(struct alarms *al, struct alarm_input *in, const struct agent_alarm *alarm, uint64_t now_ms)
{
    uint32_t seconds = al->ua->cfg.alarm_latch_s;

    if (alarm->method != ALARM_DEVICE || seconds == AGENT_LATCH_OFF)
        return;
    in->latched_until = seconds == AGENT_LATCH_STRICT ? NEVER : now_ms + (uint64_t)seconds * 1000;
    in->latched_type = alarm->type;
    (void)heap_set(&al->due, &in->due, in->latched_until);      /* there is room for every input */
    list_remove(&in->node);
    list_append(&al->closed, &in->node);
    device_set_alarm(al->ua->dev, in->id, true);
}

void alarm_inputs_tick(struct alarms *al, const struct gb_time *now)
{
    struct heap_node *top;

    while ((top = heap_top(&al->due)) && top->when <= now->mono_ms)
        alarm_latch_open(al, container_of(top, struct alarm_input, due));
}

uint64_t alarm_inputs_deadline(const struct alarms *al)
{
    const struct heap_node *top = heap_top(&al->due);

    return top ? top->when : NEVER;
}

bool alarm_latched(const struct alarms *al, const char *id, const struct gb_time *now)
{
    const struct alarm_input *in = alarm_input_find(al, id);

    return in && in->latched_until > now->mono_ms;
}

/* Each digit of AlarmMethod is a method: "2", "12" (2016), "1/2" (2022); 0 is all. */
static bool method_has(const char *method, unsigned which)
{
    return !method[0] || strchr(method, '0') || strchr(method, (int)('0' + which));
}

void alarm_reset(struct alarms *al, const char *id, const char *method, unsigned type)
{
    bool all = !strcmp(id, device_config(al->ua->dev)->id);

    if (!method_has(method, ALARM_DEVICE))
        return;
    list_each_safe(it, &al->closed) {
        struct alarm_input *in = container_of(it, struct alarm_input, node);
        if ((all || !strcmp(in->id, id)) && (!type || type == in->latched_type))
            alarm_latch_open(al, in);
    }
}
