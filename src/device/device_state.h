/* SPDX-License-Identifier: MIT */
/*
 * What platforms have told the device and may ask back: presets and cruise tracks with their names, home positions,
 * which channels record, what is on guard. One per device, shared by every platform; the head's real positions are
 * the board's. Everything is by item ID, "" is the device itself; whether there is such an item is the caller's matter.
 *
 * The daemon keeps it over restarts as text: device_state_key, _get and _put.
 */
#ifndef DEVICE_DEVICE_STATE_H
#define DEVICE_DEVICE_STATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "codec/gbid.h"
#include "gbagent/control.h"
#include "util/buf.h"

#define DEVICE_STATE_ITEMS_MAX 8192u    /* IDs with a state of their own */
#define DEVICE_PRESETS_MAX 255u         /* 1..255 of a channel */
#define DEVICE_TRACKS_MAX 64u           /* of a channel, numbered 0..255 */
#define DEVICE_TRACK_POINTS_MAX 64u
#define DEVICE_STREAMS_MAX 32u          /* streams whose recording is remembered */
#define DEVICE_STATE_KEY_MAX 16u        /* bytes of a key, NUL included */
#define DEVICE_STATE_TEXT_MAX 512u      /* of a value */

struct device_preset {
    unsigned number;                    /* 1..255 */
    char name[GB_NAME_SIZE];            /* never "" */
};

struct device_track {
    unsigned number;                    /* cruise group, 0..255 */
    unsigned speed, stay_s;             /* 0..4095 as sent; 0 = never said */
    unsigned npoints;
    uint8_t point[DEVICE_TRACK_POINTS_MAX];     /* presets, in order */
    char name[GB_NAME_SIZE];
};

enum device_guard { DEVICE_GUARD_UNSET, DEVICE_GUARD_ON, DEVICE_GUARD_OFF };

struct device_state;

int device_state_new(struct device_state **out);        /* -ENOMEM */
void device_state_free(struct device_state *s);         /* NULL is fine */
uint64_t device_state_serial(const struct device_state *s);     /* rises with every change */

/* A control that was carried out: PTZ (presets and cruises), HOME, RECORD, GUARD; others change nothing. SetGuard and
 * ResetGuard of the device overrule those of its items. 0, -ENOSPC a limit above, -ERANGE, -ENOMEM. */
int device_state_apply(struct device_state *s, const char *id, const struct gb_control *c);

/* index 0.., by number; NULL past the last. Borrowed until the next change. */
unsigned device_state_presets(const struct device_state *s, const char *id);
const struct device_preset *device_state_preset(const struct device_state *s, const char *id, unsigned index);
unsigned device_state_tracks(const struct device_state *s, const char *id);
const struct device_track *device_state_track(const struct device_state *s, const char *id, unsigned index);
const struct device_track *device_state_track_find(const struct device_state *s, const char *id, unsigned number);
const struct gb_home *device_state_home(const struct device_state *s, const char *id);     /* NULL: never set */
uint32_t device_state_records(const struct device_state *s, const char *id);    /* a bit a stream */
/* Its own, else the device's. */
enum device_guard device_state_guard(const struct device_state *s, const char *id);

/* Who moves a channel's head just now (compared only, never followed); NULL: nobody. Not kept over restarts. */
void device_state_set_mover(struct device_state *s, const char *id, const void *who);
bool device_state_is_mover(const struct device_state *s, const char *id, const void *who);
/* The first channel that `who` moves; NULL: none. Borrowed until the next change. */
const char *device_state_moved_by(const struct device_state *s, const void *who);

/* ---- as text ---- */

/* The items that have a state, by index; NULL past the last. */
const char *device_state_item(const struct device_state *s, unsigned index);
uint64_t device_state_changed(const struct device_state *s, const char *id);    /* serial of its last change, 0 never */
/* Every key there can be, the same for all items; false past the last. */
bool device_state_key(unsigned index, char key[DEVICE_STATE_KEY_MAX]);
/* The value of a key; -ENOENT: it has none. */
int device_state_get(const struct device_state *s, const char *id, const char *key, char out[DEVICE_STATE_TEXT_MAX]);
/* Takes over a value that was kept. -EBADMSG: it is none of ours (nothing has changed); -ENOSPC, -ENOMEM. */
int device_state_put(struct device_state *s, const char *id, const char *key, const char *value);

#endif
