/* SPDX-License-Identifier: MIT */
/* Shared by device_state.c (state and commands) and device_state_text.c (text form) only. */
#ifndef DEVICE_DEVICE_STATE_PRIV_H
#define DEVICE_DEVICE_STATE_PRIV_H

#include "device/device_state.h"
#include "util/hash.h"

struct item_state {
    struct hash_node node;
    char id[GBID_SIZE];
    uint64_t changed;
    struct device_preset *preset; /* sorted by number */
    struct device_track *track;   /* sorted by number */
    unsigned npresets, ntracks;
    struct gb_home home;
    bool has_home;
    uint32_t records;
    enum device_guard guard;
    const void *mover;
};

struct device_state {
    struct hash by_id;
    struct item_state **item;
    unsigned count, cap;
    uint64_t serial;
};

struct item_state *item_state_find(const struct device_state *s, const char *id);    /* NULL: none */
int item_state_get(struct device_state *s, const char *id, struct item_state **out); /* created if there is none */
void item_state_touch(struct device_state *s, struct item_state *it);
int item_state_set_preset(struct item_state *it, unsigned number, struct span name);
struct device_track *item_state_find_track(const struct item_state *it, unsigned number);
int item_state_get_track(struct item_state *it, unsigned number, struct device_track **out);
/* Truncates at a whole UTF-8 character and replaces control bytes by blanks. */
void item_state_name(char out[GB_NAME_SIZE], struct span name);

#endif
