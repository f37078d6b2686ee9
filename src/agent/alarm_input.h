/* SPDX-License-Identifier: MIT */
/* Between alarm.c and alarm_input.c: what is remembered of each input, and the latch of A.2.5. */
#ifndef AGENT_ALARM_INPUT_H
#define AGENT_ALARM_INPUT_H

#include "agent/agent.h"
#include "agent/alarm.h"

/* What is remembered of an input between two alarms. */
struct alarm_input {
    struct hash_node by_id;
    struct list node;                   /* of open or closed */
    struct heap_node due;               /* when its latch opens by itself */
    char id[GBID_SIZE];
    uint64_t method_ms[ALARM_METHOD_MAX + 1];   /* by AlarmMethod, where it was `raised` */
    unsigned raised;                    /* a bit a method */
    uint64_t latched_until;             /* mono ms; 0 open, NEVER until ResetAlarm */
    unsigned latched_type;
};

void alarm_inputs_init(struct alarms *al);
void alarm_inputs_free(struct alarms *al);
/* Latches whose time has come. */
void alarm_inputs_tick(struct alarms *al, const struct gb_time *now);
uint64_t alarm_inputs_deadline(const struct alarms *al);
struct alarm_input *alarm_input_find(const struct alarms *al, const char *id);
/* NULL: no memory, or ALARM_INPUTS_MAX inputs whose latch is closed. */
struct alarm_input *alarm_input_get(struct alarms *al, const char *id);
/* An alarm of it went out now. */
void alarm_input_raised(struct alarms *al, struct alarm_input *in, unsigned method, const struct gb_time *now);
void alarm_latch_open(struct alarms *al, struct alarm_input *in);       /* in may be NULL */
/* After an alarm went out, as the config says. */
void alarm_latch_close(struct alarms *al, struct alarm_input *in, const struct agent_alarm *alarm, uint64_t now_ms);

#endif
