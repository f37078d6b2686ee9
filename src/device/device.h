/* SPDX-License-Identifier: MIT */
/*
 * The device as platforms see it: identity, items (channels, alarm inputs, audio outputs), their states, and a journal
 * of changes. One per device, shared by the agents of all its platforms; state per platform is in the agent.
 */
#ifndef DEVICE_DEVICE_H
#define DEVICE_DEVICE_H

#include <stdbool.h>
#include <stdint.h>

#include "codec/gbid.h"
#include "device/device_state.h"
#include "manscdp/catalog.h"
#include "util/span.h"

#define DEVICE_TEXT 128 /* bytes of names and addresses in UTF-8, including NUL */

enum device_item_kind { DEVICE_CHANNEL, DEVICE_ALARM_INPUT, DEVICE_AUDIO_OUTPUT };

enum device_item_state { DEVICE_ITEM_ON, DEVICE_ITEM_VLOST, DEVICE_ITEM_DEFECT, DEVICE_ITEM_OFF };

enum device_duty { DEVICE_DUTY_ON, DEVICE_DUTY_OFF, DEVICE_DUTY_ALARM };

enum device_security { DEVICE_SECURITY_NONE, DEVICE_SECURITY_A, DEVICE_SECURITY_B, DEVICE_SECURITY_C };

/* The configuration of an item. */
struct device_item_config {
    enum device_item_kind kind;
    char id[GBID_SIZE];
    char name[DEVICE_TEXT];
    char manufacturer[64], model[64], owner[64]; /* "" = the device's */
    char civil_code[12];                         /* "" = the first six digits of the ID */
    char block[12];
    char address[DEVICE_TEXT];
    char parent[64]; /* "" = the device ID */
    double longitude, latitude;
    bool has_position;
    unsigned ptz_type; /* PTZType; 0 = none, 1 dome, 2 half-dome, 3 fixed bullet, 4 remote
                                                     * bullet ... */
    bool secret;
    char ip_address[46];
    unsigned port;                               /* 0 = none */
    enum device_security security;               /* GB 35114 */
    char info[CATALOG_INFOS][CATALOG_INFO_SIZE]; /* Info of the catalog; "" = none */
};

struct device_config {
    char id[GBID_SIZE];
    char name[DEVICE_TEXT], manufacturer[64], model[64], firmware[64];
    bool catalog_self;                     /* the catalog lists the device itself, too */
    bool has_geo;                          /* a board can report its position (PositionCapability) */
    int64_t loaded_unix_s;                 /* when the config was read; 0 = unknown */
    const struct device_item_config *item; /* in catalog order; borrowed for the call */
    unsigned nitems;
};

struct device_item {
    struct device_item_config cfg;
    enum device_item_state state;
    bool alarm;           /* alarm input: its last alarm is not reset yet */
    int input;            /* alarm input, its contact: 1 active, 0 inactive, negative: unknown */
    uint64_t changed;     /* device_serial() of its last change */
    int64_t added_unix_s; /* when it first appeared in the config; 0 = unknown */
};

/* A change of an item: its state, or its configuration. `was` and `now` are for STATE only. */
enum device_change_kind { DEVICE_CHANGE_STATE, DEVICE_CHANGE_ADD, DEVICE_CHANGE_DEL, DEVICE_CHANGE_UPDATE };

struct device_change {
    enum device_change_kind kind;
    enum device_item_state was, now;
    char id[GBID_SIZE]; /* also of a deleted item */
};

#define DEVICE_JOURNAL_MAX 512u /* changes kept for slow readers */

struct device;

/* Copies cfg. 0, -ENOMEM, -EEXIST: duplicate IDs. */
int device_new(const struct device_config *cfg, struct device **out);
void device_free(struct device *d);
/* A new config: items that remain keep their state; the journal gets those added, deleted and updated. Errors as above,
 * with nothing changed. */
int device_apply(struct device *d, const struct device_config *cfg);

const struct device_config *device_config(const struct device *d); /* its `item` is NULL */
unsigned device_item_count(const struct device *d);
const struct device_item *device_item_at(const struct device *d, unsigned index);   /* NULL past the end */
const struct device_item *device_item_find(const struct device *d, struct span id); /* O(1) */
/* The channel that a request for `id` means: the channel itself, or the first channel for the device ID. NULL: none. */
const struct device_item *device_channel_for(const struct device *d, struct span id);
/* The configured position of an item or, if it has none or id is "", the first configured one. false: none. */
bool device_position(const struct device *d, const char *id, double *longitude, double *latitude);
unsigned device_faulty_count(const struct device *d); /* channels that are not ON */
unsigned device_input_count(const struct device *d);  /* alarm inputs */
const struct device_item *device_input_at(const struct device *d, unsigned index);
unsigned device_channel_count(const struct device *d);

void device_set_state(struct device *d, const char *id, enum device_item_state state);
/* The contact of an alarm input, as in struct device_item. Not journalled, only reported in DeviceStatus. */
void device_set_input(struct device *d, const char *id, int input);
/* DutyStatus of an alarm input: OFF while off guard, otherwise ALARM while its contact is active or its alarm is not
 * reset. */
enum device_duty device_duty(const struct device *d, const struct device_item *input);
void device_set_alarm(struct device *d, const char *id, bool alarm); /* id "" or the device ID: all inputs */
/* The state set by platforms; valid as long as the device, across reloads. */
struct device_state *device_state(const struct device *d);
/* Incremented by every change. */
uint64_t device_serial(const struct device *d);
/* Incremented only when the list of items or the configuration of one changed: the pages of a long answer in progress
 * are then inconsistent. */
uint64_t device_layout(const struct device *d);
/* The journal: each reader has its own cursor, which starts at device_journal_end(). */
uint64_t device_journal_end(const struct device *d);
/* Reads the change at *cursor and advances it. 1: *out is filled in; 0: no change; -EOVERFLOW: changes were lost,
 * *cursor is now at the end, and the reader must compare every item. */
int device_journal_next(const struct device *d, uint64_t *cursor, struct device_change *out);

#endif
