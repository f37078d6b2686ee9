/* SPDX-License-Identifier: MIT */
/* The state of each alarm input for one platform: time of its last alarm, and the latch that ResetAlarm opens
 * (A.2.5). */
#ifndef AGENT_ALARM_INPUT_H
#define AGENT_ALARM_INPUT_H

#include <stdbool.h>
#include <stdint.h>

#include "codec/gbid.h"
#include "util/hash.h"
#include "util/heap.h"
#include "util/list.h"
#include "util/walltime.h"

struct ua;
struct agent_alarm;

#define ALARM_INPUTS_MAX 256u /* per platform; replaces the least recently raised one with an open latch */
#define ALARM_METHOD_MAX 7u
#define ALARM_DEVICE     2u /* AlarmMethod 2, which A.2.5 latches */

struct alarm_input {
    struct hash_node by_id;
    struct list node;     /* of open or closed */
    struct heap_node due; /* when its latch opens */
    char id[GBID_SIZE];
    uint64_t method_ms[ALARM_METHOD_MAX + 1]; /* last alarm, by AlarmMethod; valid if in `raised` */
    unsigned raised;                          /* bit mask by AlarmMethod */
    uint64_t latched_until;                   /* mono ms; 0: open; UINT64_MAX: until ResetAlarm */
    unsigned latched_type;
};

struct alarm_inputs {
    struct ua *ua;
    struct hash by_id;        /* struct alarm_input, ALARM_INPUTS_MAX at most */
    struct list open, closed; /* the same inputs, by state of the latch; open: least recently raised first */
    struct heap due;
    unsigned count;
};

void alarm_inputs_init(struct alarm_inputs *s, struct ua *u);
void alarm_inputs_free(struct alarm_inputs *s);
/* Opens expired latches. */
void alarm_inputs_tick(struct alarm_inputs *s, const struct gb_time *now);
uint64_t alarm_inputs_deadline(const struct alarm_inputs *s);

struct alarm_input *alarm_inputs_find(const struct alarm_inputs *s, const char *id);
/* Finds or adds it. -ENOMEM; -ENOSPC: ALARM_INPUTS_MAX inputs with a closed latch. */
int alarm_inputs_get(struct alarm_inputs *s, const char *id, struct alarm_input **out);
/* The input raised an alarm: starts its interval, and closes its latch if so configured. */
void alarm_inputs_raised(struct alarm_inputs *s, struct alarm_input *in, const struct agent_alarm *alarm,
                         const struct gb_time *now);
void alarm_inputs_open(struct alarm_inputs *s, const char *id); /* opens its latch; unknown IDs are ignored */

/* AlarmCmd ResetAlarm. id: the device's or an input's; method: AlarmMethod as sent ("" all, "2", "12", "1/2");
 * type: 0 = all. */
void alarm_inputs_reset(struct alarm_inputs *s, const char *id, const char *method, unsigned type);
/* Does the latch of this input suppress alarms now? */
bool alarm_inputs_latched(const struct alarm_inputs *s, const char *id, const struct gb_time *now);

#endif
