/* SPDX-License-Identifier: MIT */
#include "device/device_state.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "device/device_state_priv.h"

#define PRESET "preset."
#define TRACK  "cruise."
#define FIXED  3u /* keys without a number */

static const char *const fixed[FIXED] = { "home", "record", "guard" };

const char *device_state_item(const struct device_state *s, unsigned index)
{
    return index < s->count ? s->item[index]->id : NULL;
}

uint64_t device_state_changed(const struct device_state *s, const char *id)
{
    const struct item_state *it = item_state_find(s, id);
    return it ? it->changed : 0;
}

bool device_state_key(unsigned index, char key[DEVICE_STATE_KEY_MAX])
{
    if (index < FIXED)
        snprintf(key, DEVICE_STATE_KEY_MAX, "%s", fixed[index]);
    else if (index < FIXED + DEVICE_PRESETS_MAX)
        snprintf(key, DEVICE_STATE_KEY_MAX, PRESET "%u", index - FIXED + 1);
    else if (index < FIXED + DEVICE_PRESETS_MAX + 256u)
        snprintf(key, DEVICE_STATE_KEY_MAX, TRACK "%u", index - FIXED - DEVICE_PRESETS_MAX);
    else
        return false;
    return true;
}

/* The number in "preset.12"; -1 for any other key. */
static int key_number(const char *key, const char *prefix)
{
    size_t n = strlen(prefix);
    uint64_t number;

    if (strncmp(key, prefix, n) != 0 || span_u64(span_of(key + n), 255, &number))
        return -1;
    return (int)number;
}

/* Removes the next word from *rest. */
static struct span word(struct span *rest)
{
    size_t n = span_chr(*rest, ' ');
    struct span w = { rest->p, n };

    *rest = span_from(*rest, n < rest->n ? n + 1 : n);
    return w;
}

/* ---- writing ----------------------------------------------------------------------------------------- */

/* "SPEED STAY 1,2,3 NAME" */
static void print_track(const struct device_track *t, struct buf *b)
{
    buf_printf(b, "%u %u ", t->speed, t->stay_s);
    for (unsigned i = 0; i < t->npoints; i++)
        buf_printf(b, "%s%u", i ? "," : "", t->point[i]);
    buf_printf(b, "%s %s", t->npoints ? "" : "-", t->name);
}

static bool print_value(const struct item_state *it, const char *key, struct buf *b)
{
    int preset = key_number(key, PRESET), track = key_number(key, TRACK);

    for (unsigned i = 0; preset > 0 && i < it->npresets; i++)
        if (it->preset[i].number == (unsigned)preset)
            buf_str(b, it->preset[i].name);
    if (track >= 0) {
        const struct device_track *t = item_state_find_track(it, (unsigned)track);
        if (t)
            print_track(t, b);
    } else if (!strcmp(key, "home") && it->has_home) {
        buf_printf(b, "%d %lld %d", it->home.enabled, it->home.has_reset_time ? (long long)it->home.reset_time_s : -1LL,
                   it->home.has_preset ? (int)it->home.preset : -1);
    } else if (!strcmp(key, "record") && it->records) {
        buf_printf(b, "%lu", (unsigned long)it->records);
    } else if (!strcmp(key, "guard") && it->guard != DEVICE_GUARD_UNSET) {
        buf_str(b, it->guard == DEVICE_GUARD_ON ? "on" : "off");
    }
    return b->len > 0;
}

int device_state_get(const struct device_state *s, const char *id, const char *key, char out[DEVICE_STATE_TEXT_MAX])
{
    const struct item_state *it = item_state_find(s, id);
    struct buf b;

    buf_init(&b, out, DEVICE_STATE_TEXT_MAX);
    return it && print_value(it, key, &b) ? 0 : -ENOENT;
}

/* ---- reading ------------------------------------------------------------------------------------------ */

static int read_track(unsigned number, struct span value, struct device_track *t)
{
    uint64_t speed, stay, preset;
    struct span points;

    *t = (struct device_track){ .number = number };
    if (span_u64(word(&value), 4095, &speed) || span_u64(word(&value), 4095, &stay))
        return -EBADMSG;
    t->speed = (unsigned)speed;
    t->stay_s = (unsigned)stay;
    points = word(&value);
    if (span_eq_str(points, "-"))
        points.n = 0;
    while (points.n) {
        size_t n = span_chr(points, ',');
        if (t->npoints == DEVICE_TRACK_POINTS_MAX || span_u64((struct span){ points.p, n }, 255, &preset) || !preset)
            return -EBADMSG;
        t->point[t->npoints++] = (uint8_t)preset;
        points = span_from(points, n + 1);
    }
    if (!value.n)
        return -EBADMSG;
    item_state_name(t->name, value);
    return 0;
}

/* A number, or "-1" for none. */
static int read_optional(struct span text, uint64_t max, bool *has, uint64_t *out)
{
    *has = !span_eq_str(text, "-1");
    *out = 0;
    return *has && span_u64(text, max, out) ? -EBADMSG : 0;
}

static int read_home(struct span value, struct gb_home *h)
{
    uint64_t enabled, reset, preset;

    *h = (struct gb_home){ .enabled = false };
    if (span_u64(word(&value), 1, &enabled) || read_optional(word(&value), UINT32_MAX, &h->has_reset_time, &reset) ||
        read_optional(word(&value), 255, &h->has_preset, &preset) || value.n)
        return -EBADMSG;
    h->enabled = enabled != 0;
    h->reset_time_s = (uint32_t)reset;
    h->preset = (unsigned)preset;
    return 0;
}

static int put_home(struct item_state *it, struct span value)
{
    struct gb_home home;

    if (read_home(value, &home))
        return -EBADMSG;
    it->home = home;
    it->has_home = true;
    return 0;
}

static int put_record(struct item_state *it, struct span value)
{
    uint64_t records;

    if (span_u64(value, UINT32_MAX, &records))
        return -EBADMSG;
    it->records = (uint32_t)records;
    return 0;
}

static int put_guard(struct item_state *it, struct span value)
{
    bool on = span_eq_str(value, "on");

    if (!on && !span_eq_str(value, "off"))
        return -EBADMSG;
    it->guard = on ? DEVICE_GUARD_ON : DEVICE_GUARD_OFF;
    return 0;
}

static int put_track(struct item_state *it, unsigned number, struct span value)
{
    struct device_track in, *t;
    int err = read_track(number, value, &in);

    if (!err)
        err = item_state_get_track(it, number, &t);
    if (!err)
        *t = in;
    return err;
}

static int put_value(struct item_state *it, const char *key, struct span value)
{
    static int (*const put[FIXED])(struct item_state *, struct span) = { put_home, put_record, put_guard };
    int preset = key_number(key, PRESET), track = key_number(key, TRACK);

    if (preset > 0)
        return value.n ? item_state_set_preset(it, (unsigned)preset, value) : -EBADMSG;
    if (track >= 0)
        return put_track(it, (unsigned)track, value);
    for (unsigned i = 0; i < FIXED; i++)
        if (!strcmp(key, fixed[i]))
            return put[i](it, value);
    return -EBADMSG;
}

int device_state_put(struct device_state *s, const char *id, const char *key, const char *value)
{
    struct item_state *it;
    int err = item_state_get(s, id, &it);

    if (!err)
        err = put_value(it, key, span_of(value));
    if (!err)
        item_state_touch(s, it);
    return err;
}
