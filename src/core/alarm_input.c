/* SPDX-License-Identifier: MIT */
#include "core/alarm_input.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/agent_priv.h"

#define INPUTS_STEP 8u
#define NEVER UINT64_MAX

struct alarm_input *alarm_input_find(const struct alarms *al, const char *id)
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

struct alarm_input *alarm_input_get(struct alarms *al, const char *id)
{
    struct alarm_input *in = alarm_input_find(al, id);

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

void alarm_latch_open(struct alarms *al, struct alarm_input *in)
{
    if (!in || !in->latched_until)
        return;
    in->latched_until = 0;
    device_set_alarm(agent_device(al->agent), in->id, false);
}

void alarm_latch_close(struct alarms *al, struct alarm_input *in, const struct agent_alarm *alarm, uint64_t now_ms)
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
    bool all = !strcmp(id, device_config(agent_device(al->agent))->id);

    if (!method_has(method, ALARM_DEVICE))
        return;
    for (unsigned i = 0; i < al->ninputs; i++) {
        struct alarm_input *in = &al->input[i];
        if ((all || !strcmp(in->id, id)) && (!type || type == in->latched_type))
            alarm_latch_open(al, in);
    }
}
