/* SPDX-License-Identifier: MIT */
/* What one link remembers of each alarm input between two alarms: when it last raised one, and the latch of A.2.5. */
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

#define ALARM_INPUTS_MAX 256u           /* of one link; the open one that was silent longest is forgotten */
#define ALARM_METHOD_MAX 7u
#define ALARM_DEVICE 2u                 /* AlarmMethod 2, the one that A.2.5 latches */

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

struct alarm_inputs {
    struct ua *ua;
    struct hash by_id;                  /* struct alarm_input, ALARM_INPUTS_MAX at most */
    struct list open, closed;           /* the same, by their latch; the open ones that were silent longest first */
    struct heap due;
    unsigned count;
};

void alarm_inputs_init(struct alarm_inputs *s, struct ua *u);
void alarm_inputs_free(struct alarm_inputs *s);
/* Latches whose time has come. */
void alarm_inputs_tick(struct alarm_inputs *s, const struct gb_time *now);
uint64_t alarm_inputs_deadline(const struct alarm_inputs *s);

struct alarm_input *alarm_inputs_find(const struct alarm_inputs *s, const char *id);
/* -ENOMEM; -ENOSPC: ALARM_INPUTS_MAX inputs whose latch is closed. */
int alarm_inputs_get(struct alarm_inputs *s, const char *id, struct alarm_input **out);
/* An alarm of it went out now: its interval begins, and its latch closes as the config says. */
void alarm_inputs_raised(struct alarm_inputs *s, struct alarm_input *in, const struct agent_alarm *alarm,
                         const struct gb_time *now);
void alarm_inputs_open(struct alarm_inputs *s, const char *id);         /* its latch; one that is not known is fine */

/* AlarmCmd ResetAlarm. id: the device's or an input's; method: AlarmMethod as sent ("" all, "2", "12", "1/2");
 * type: 0 = all. */
void alarm_inputs_reset(struct alarm_inputs *s, const char *id, const char *method, unsigned type);
/* An alarm of this input went out and the latch holds back the next one. */
bool alarm_inputs_latched(const struct alarm_inputs *s, const char *id, const struct gb_time *now);

#endif
