/* SPDX-License-Identifier: MIT */
/*
 * State set by platforms that they can query: presets and cruise tracks with their names, home positions, recording,
 * guard. One per device, shared by all platforms; the positions of presets are in the board. Everything is keyed by
 * item ID, "" for the device itself; the caller checks whether such an item exists.
 *
 * The daemon stores it as text: device_state_key, _get and _put.
 */
#ifndef DEVICE_DEVICE_STATE_H
#define DEVICE_DEVICE_STATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "codec/gbid.h"
#include "gbagent/control.h"
#include "util/buf.h"

#define DEVICE_STATE_ITEMS_MAX  8192u /* IDs with state */
#define DEVICE_PRESETS_MAX      255u  /* of a channel, numbered 1 to 255 */
#define DEVICE_TRACKS_MAX       64u   /* of a channel, numbered 0 to 255 */
#define DEVICE_TRACK_POINTS_MAX 64u
#define DEVICE_STREAMS_MAX      32u  /* of a channel, that may be recording */
#define DEVICE_STATE_KEY_MAX    16u  /* bytes of a key, including NUL */
#define DEVICE_STATE_TEXT_MAX   512u /* bytes of a value, including NUL */

struct device_preset {
    unsigned number;         /* 1 to 255 */
    char name[GB_NAME_SIZE]; /* not empty */
};

struct device_track {
    unsigned number;        /* cruise group, 0 to 255 */
    unsigned speed, stay_s; /* 0 to 4095 as sent; 0 = not set */
    unsigned npoints;
    uint8_t point[DEVICE_TRACK_POINTS_MAX]; /* presets, in order */
    char name[GB_NAME_SIZE];
};

enum device_guard { DEVICE_GUARD_UNSET, DEVICE_GUARD_ON, DEVICE_GUARD_OFF };

struct device_state;

int device_state_new(struct device_state **out);            /* 0, -ENOMEM */
void device_state_free(struct device_state *s);             /* NULL is allowed */
uint64_t device_state_serial(const struct device_state *s); /* incremented by every change */

/* Stores the effect of a command that was carried out: PTZ (presets and cruises), HOME, RECORD, GUARD; others have
 * none. Guarding the device overrides the guard of its items. 0; -ENOSPC: over a limit above; -ERANGE; -ENOMEM. */
int device_state_apply(struct device_state *s, const char *id, const struct gb_control *c);

/* Presets and tracks of an item, sorted by number; NULL past the end. Borrowed until the next change. */
unsigned device_state_presets(const struct device_state *s, const char *id);
const struct device_preset *device_state_preset(const struct device_state *s, const char *id, unsigned index);
unsigned device_state_tracks(const struct device_state *s, const char *id);
const struct device_track *device_state_track(const struct device_state *s, const char *id, unsigned index);
const struct device_track *device_state_track_find(const struct device_state *s, const char *id, unsigned number);
const struct gb_home *device_state_home(const struct device_state *s, const char *id); /* NULL: never set */
uint32_t device_state_records(const struct device_state *s, const char *id);           /* bit n: stream n */
/* The item's own guard, otherwise the device's. */
enum device_guard device_state_guard(const struct device_state *s, const char *id);

/* Who is moving a channel's head (compared only, not dereferenced); NULL: nobody. Not stored. */
void device_state_set_mover(struct device_state *s, const char *id, const void *who);
bool device_state_is_mover(const struct device_state *s, const char *id, const void *who);
/* The first channel that `who` is moving; NULL: none. Borrowed until the next change. */
const char *device_state_moved_by(const struct device_state *s, const void *who);

/* ---- as text ---- */

/* IDs of the items with state, by index; NULL past the end. */
const char *device_state_item(const struct device_state *s, unsigned index);
uint64_t device_state_changed(const struct device_state *s, const char *id); /* serial of its last change; 0 =
                                                                                 * never */
/* All possible keys, the same for every item; false past the end. */
bool device_state_key(unsigned index, char key[DEVICE_STATE_KEY_MAX]);
/* The value of a key. 0, -ENOENT: none. */
int device_state_get(const struct device_state *s, const char *id, const char *key, char out[DEVICE_STATE_TEXT_MAX]);
/* Restores a stored value. 0; -EBADMSG: invalid key or value, nothing changed; -ENOSPC; -ENOMEM. */
int device_state_put(struct device_state *s, const char *id, const char *key, const char *value);

#endif
