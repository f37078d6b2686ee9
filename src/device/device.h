/* SPDX-License-Identifier: MIT */
/*
 * The device as platforms see it: who it is, its channels and alarm inputs, and what changed since somebody last
 * looked. One per device, shared by the agents of all its platforms; what is per platform link lives in the agent.
 */
#ifndef DEVICE_DEVICE_H
#define DEVICE_DEVICE_H

#include <stdbool.h>
#include <stdint.h>

#include "codec/gbid.h"
#include "device/device_state.h"
#include "manscdp/catalog.h"
#include "util/span.h"

#define DEVICE_TEXT 128         /* bytes of UTF-8 of a name and the like, NUL included */

enum device_item_kind { DEVICE_CHANNEL, DEVICE_ALARM_INPUT, DEVICE_AUDIO_OUTPUT };

enum device_item_state { DEVICE_ITEM_ON, DEVICE_ITEM_VLOST, DEVICE_ITEM_DEFECT, DEVICE_ITEM_OFF };

enum device_duty { DEVICE_DUTY_ON, DEVICE_DUTY_OFF, DEVICE_DUTY_ALARM };

enum device_security { DEVICE_SECURITY_NONE, DEVICE_SECURITY_A, DEVICE_SECURITY_B, DEVICE_SECURITY_C };

/* What the config says of a channel, an alarm input or an audio output. */
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
    bool secret;
    char ip_address[46];
    unsigned port;                                  /* 0 = not said */
    enum device_security security;                  /* GB 35114 */
    char info[CATALOG_INFOS][CATALOG_INFO_SIZE];    /* what the catalogue says besides; "" = nothing */
};

struct device_config {
    char id[GBID_SIZE];
    char name[DEVICE_TEXT], manufacturer[64], model[64], firmware[64];
    bool catalog_self;                              /* the device's own item in the catalogue */
    bool has_geo;                                   /* it can tell where it is (PositionCapability) */
    int64_t loaded_unix_s;                          /* when the config was read; 0 = not known */
    const struct device_item_config *item;          /* borrowed for the call; in catalogue order */
    unsigned nitems;
};

struct device_item {
    struct device_item_config cfg;
    enum device_item_state state;
    bool alarm;                 /* an alarm of this input is not yet reset (DutyStatus ALARM) */
    int input;                  /* what its contact says: 1 on (it alarms), 0 off, negative: not known */
    uint64_t changed;           /* device serial at its last change */
    int64_t added_unix_s;       /* when the config that first had it was read; 0 = not known */
};

/* One change of the list or of an item's state. `was`, `now`: STATE only. */
enum device_change_kind { DEVICE_CHANGE_STATE, DEVICE_CHANGE_ADD, DEVICE_CHANGE_DEL, DEVICE_CHANGE_UPDATE };

struct device_change {
    enum device_change_kind kind;
    enum device_item_state was, now;
    char id[GBID_SIZE];         /* of a deleted item, too */
};

#define DEVICE_JOURNAL_MAX 512u /* changes that are kept for slow readers */

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
/* Where the config says an item is; "" or an ID that has no place: the first channel that has one. false: nowhere. */
bool device_position(const struct device *d, const char *id, double *longitude, double *latitude);
unsigned device_faulty_count(const struct device *d);                                      /* channels that are not ON */
unsigned device_input_count(const struct device *d);                                       /* alarm inputs, in that order */
const struct device_item *device_input_at(const struct device *d, unsigned index);
unsigned device_channel_count(const struct device *d);

void device_set_state(struct device *d, const char *id, enum device_item_state state);
/* The contact of an alarm input, as in struct device_item. Nobody is told: who asks gets DeviceStatus. */
void device_set_input(struct device *d, const char *id, int input);
/* DutyStatus of an alarm input, as far as the device knows: off guard; else in alarm while its contact is on or its
 * alarm is not reset. */
enum device_duty device_duty(const struct device *d, const struct device_item *input);
void device_set_alarm(struct device *d, const char *id, bool alarm);        /* id "" or the device: every input */
/* What platforms have told it; lives as long as the device, whatever a reload changes. */
struct device_state *device_state(const struct device *d);
/* Rises with every change; agents compare it with what they saw. */
uint64_t device_serial(const struct device *d);
/* Rises only when the list of items or what the config says of one changed: an answer in pages that is under way no
 * longer adds up. */
uint64_t device_layout(const struct device *d);
/* The journal: each reader keeps a cursor of its own, which begins at device_journal_end. */
uint64_t device_journal_end(const struct device *d);
/* The change at *cursor, which then moves on. 1: *out is one; 0: none; -EOVERFLOW: changes were lost, *cursor is at the
 * end now and the reader has to look at every item. */
int device_journal_next(const struct device *d, uint64_t *cursor, struct device_change *out);

#endif
