/* SPDX-License-Identifier: MIT */
/*
 * The device as platforms see it: who it is, its channels and alarm inputs, and what changed since somebody last
 * looked. One per device, shared by the agents of all its platforms; what is per platform link lives in the agent.
 */
#ifndef CORE_DEVICE_H
#define CORE_DEVICE_H

#include <stdbool.h>
#include <stdint.h>

#include "codec/gbid.h"
#include "util/span.h"

#define DEVICE_TEXT 128         /* bytes of UTF-8 of a name and the like, NUL included */

enum device_item_kind { DEVICE_CHANNEL, DEVICE_ALARM_INPUT };

enum device_item_state { DEVICE_ITEM_ON, DEVICE_ITEM_VLOST, DEVICE_ITEM_DEFECT, DEVICE_ITEM_OFF };

/* What the config says of a channel or an alarm input. */
struct device_item_config {
    enum device_item_kind kind;
    char id[GBID_SIZE];
    char name[DEVICE_TEXT];
    char manufacturer[64], model[64], owner[64];    /* "" = the device's */
    char civil_code[12];                            /* "" = first six digits of the ID */
    char block[12];
    char address[DEVICE_TEXT];
    char parent[64];                                /* "" = the device ID */
    double longitude, latitude;
    bool has_position;
    unsigned ptz_type;                              /* 0 = none said; 1 dome 2 half-dome 3 fixed 4 remote bullet ... */
};

struct device_config {
    char id[GBID_SIZE];
    char name[DEVICE_TEXT], manufacturer[64], model[64], firmware[64];
    bool catalog_self;                              /* the device's own item in the catalogue */
    const struct device_item_config *item;          /* borrowed for the call; in catalogue order */
    unsigned nitems;
};

struct device_item {
    struct device_item_config cfg;
    enum device_item_state state;
    bool alarm;                 /* an alarm of this input is not yet reset (DutyStatus ALARM) */
    uint64_t changed;           /* device serial at its last change */
};

struct device;

int device_new(const struct device_config *cfg, struct device **out);       /* copies; -ENOMEM, -EEXIST duplicate IDs */
void device_free(struct device *d);
/* Reload: items that stayed keep their state; journal gets what was added, deleted, updated. Same errors, and then
 * nothing has changed. */
int device_apply(struct device *d, const struct device_config *cfg);

const struct device_config *device_config(const struct device *d);          /* item pointer is not valid there */
unsigned device_item_count(const struct device *d);
const struct device_item *device_item_at(const struct device *d, unsigned index);       /* NULL past the end */
const struct device_item *device_item_find(const struct device *d, struct span id);     /* O(1) */
/* The channel an INVITE or a control for `id` means: the channel itself, or channel 1 for the device ID. NULL: none. */
const struct device_item *device_channel_for(const struct device *d, struct span id);
unsigned device_channel_count(const struct device *d);

void device_set_state(struct device *d, const char *id, enum device_item_state state);
void device_set_alarm(struct device *d, const char *id, bool alarm);        /* id "" or the device: every input */
/* Rises with every change; agents compare it with what they saw. */
uint64_t device_serial(const struct device *d);
/* Rises only when the list of items or what the config says of one changed: an answer in pages that is under way no
 * longer adds up. */
uint64_t device_layout(const struct device *d);

#endif
