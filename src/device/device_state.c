/* SPDX-License-Identifier: MIT */
#include "device/device_state.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "device/device_state_priv.h"
#include "util/list.h"

/* Keys come only from the config, so collisions cannot be forced. */
static const uint64_t no_secret[2];

int device_state_new(struct device_state **out)
{
    struct device_state *s = calloc(1, sizeof(*s));
    int err;

    if (!s)
        return -ENOMEM;
    err = hash_init(&s->by_id, no_secret);
    if (err) {
        free(s);
        return err;
    }
    s->serial = 1;
    *out = s;
    return 0;
}

void device_state_free(struct device_state *s)
{
    if (!s)
        return;
    for (unsigned i = 0; i < s->count; i++) {
        free(s->item[i]->preset);
        free(s->item[i]->track);
        free(s->item[i]);
    }
    hash_free(&s->by_id);
    free(s->item);
    free(s);
}

uint64_t device_state_serial(const struct device_state *s)
{
    return s->serial;
}

/* ---- items ------------------------------------------------------------------------------------- */

struct item_state *item_state_find(const struct device_state *s, const char *id)
{
    struct hash_node *n = hash_find(&s->by_id, span_of(id));
    return n ? container_of(n, struct item_state, node) : NULL;
}

int item_state_get(struct device_state *s, const char *id, struct item_state **out)
{
    struct item_state *it = item_state_find(s, id);
    int err;

    *out = it;
    if (it)
        return 0;
    if (s->count >= DEVICE_STATE_ITEMS_MAX)
        return -ENOSPC;
    if (s->count == s->cap) {
        unsigned cap = s->cap ? s->cap * 2 : 8;
        struct item_state **more = realloc(s->item, cap * sizeof(struct item_state *));
        if (!more)
            return -ENOMEM;
        s->item = more;
        s->cap = cap;
    }
    it = calloc(1, sizeof(*it));
    if (!it)
        return -ENOMEM;
    if (!span_copy(span_of(id), it->id, sizeof(it->id))) {
        free(it);
        return -ERANGE;
    }
    err = hash_insert(&s->by_id, &it->node, span_of(it->id));
    if (err) {
        free(it);
        return err;
    }
    s->item[s->count++] = it;
    *out = it;
    return 0;
}

void item_state_touch(struct device_state *s, struct item_state *it)
{
    it->changed = ++s->serial;
}

void item_state_name(char out[GB_NAME_SIZE], struct span name)
{
    size_t n = name.n < GB_NAME_SIZE - 1 ? name.n : GB_NAME_SIZE - 1;

    /* Truncates before a partial character, which has at most three continuation bytes; longer runs are not UTF-8. */
    for (size_t cut = n; n < name.n && cut > n - 4; cut--) {
        if (((unsigned char)name.p[cut] & 0xC0u) != 0x80u) {
            n = cut;
            break;
        }
    }
    for (size_t i = 0; i < n; i++)
        out[i] = (unsigned char)name.p[i] < ' ' ? ' ' : name.p[i];
    out[n] = '\0';
}

/* ---- presets ------------------------------------------------------------------------------------- */

int item_state_set_preset(struct item_state *it, unsigned number, struct span name)
{
    unsigned i = 0;

    if (number < 1 || number > DEVICE_PRESETS_MAX)
        return -ERANGE;
    while (i < it->npresets && it->preset[i].number < number)
        i++;
    if (i == it->npresets || it->preset[i].number != number) {
        struct device_preset *more = realloc(it->preset, (it->npresets + 1) * sizeof(*more));
        if (!more)
            return -ENOMEM;
        it->preset = more;
        memmove(&more[i + 1], &more[i], (it->npresets++ - i) * sizeof(*more));
        more[i] = (struct device_preset){ .number = number };
        snprintf(more[i].name, sizeof(more[i].name), "preset %u", number);
    }
    /* without a name, the old one is kept */
    if (name.n)
        item_state_name(it->preset[i].name, name);
    return 0;
}

static void drop_preset(struct item_state *it, unsigned number)
{
    for (unsigned i = 0; i < it->npresets; i++) {
        if (it->preset[i].number != number)
            continue;
        memmove(&it->preset[i], &it->preset[i + 1], (--it->npresets - i) * sizeof(it->preset[0]));
        return;
    }
}

/* ---- cruise tracks ------------------------------------------------------------------------------- */

struct device_track *item_state_find_track(const struct item_state *it, unsigned number)
{
    for (unsigned i = 0; i < it->ntracks; i++)
        if (it->track[i].number == number)
            return &it->track[i];
    return NULL;
}

int item_state_get_track(struct item_state *it, unsigned number, struct device_track **out)
{
    unsigned i = 0;

    *out = item_state_find_track(it, number);
    if (*out)
        return 0;
    if (number > 255)
        return -ERANGE;
    if (it->ntracks >= DEVICE_TRACKS_MAX)
        return -ENOSPC;
    struct device_track *more = realloc(it->track, (it->ntracks + 1) * sizeof(*more));
    if (!more)
        return -ENOMEM;
    it->track = more;
    while (i < it->ntracks && more[i].number < number)
        i++;
    memmove(&more[i + 1], &more[i], (it->ntracks++ - i) * sizeof(*more));
    more[i] = (struct device_track){ .number = number };
    snprintf(more[i].name, sizeof(more[i].name), "cruise %u", number);
    *out = &more[i];
    return 0;
}

static void drop_track(struct item_state *it, unsigned number)
{
    struct device_track *t = item_state_find_track(it, number);

    if (!t)
        return;
    unsigned i = (unsigned)(t - it->track);
    memmove(t, t + 1, (--it->ntracks - i) * sizeof(*t));
}

static void drop_points(struct device_track *t, unsigned preset)
{
    unsigned kept = 0;

    for (unsigned i = 0; i < t->npoints; i++)
        if (t->point[i] != preset)
            t->point[kept++] = t->point[i];
    t->npoints = kept;
}

static int apply_cruise(struct item_state *it, const struct ptz_cmd *cmd, struct span name)
{
    struct device_track *t = item_state_find_track(it, cmd->number);
    int err = 0;

    if (cmd->kind == PTZ_CRUISE_DELETE) {
        if (t && cmd->value)
            drop_points(t, cmd->value);
        if (t && (!cmd->value || !t->npoints))
            drop_track(it, cmd->number);
        return 0;
    }
    if (cmd->kind == PTZ_CRUISE_ADD && t && t->npoints >= DEVICE_TRACK_POINTS_MAX)
        return -ENOSPC;
    err = item_state_get_track(it, cmd->number, &t);
    if (err)
        return err;
    if (cmd->kind == PTZ_CRUISE_ADD)
        t->point[t->npoints++] = (uint8_t)cmd->value;
    else if (cmd->kind == PTZ_CRUISE_SPEED)
        t->speed = cmd->value;
    else
        t->stay_s = cmd->value;
    if (name.n)
        item_state_name(t->name, name);
    return 0;
}

/* ---- control commands -------------------------------------------------------------------------------------- */

static bool changes_state(enum ptz_kind kind)
{
    return kind == PTZ_PRESET_SET || kind == PTZ_PRESET_DELETE || kind == PTZ_CRUISE_ADD || kind == PTZ_CRUISE_DELETE ||
           kind == PTZ_CRUISE_SPEED || kind == PTZ_CRUISE_STAY;
}

static int apply_ptz(struct device_state *s, struct item_state *it, const struct gb_control *c)
{
    const struct ptz_cmd *cmd = &c->u.ptz.cmd;

    (void)s;
    if (cmd->kind == PTZ_PRESET_SET)
        return item_state_set_preset(it, cmd->number, span_of(c->u.ptz.preset_name));
    if (cmd->kind != PTZ_PRESET_DELETE)
        return apply_cruise(it, cmd, span_of(c->u.ptz.cruise_name));
    drop_preset(it, cmd->number);
    /* cruises must no longer refer to it */
    for (unsigned i = it->ntracks; i-- > 0;) {
        drop_points(&it->track[i], cmd->number);
        if (!it->track[i].npoints)
            drop_track(it, it->track[i].number);
    }
    return 0;
}

static int apply_record(struct device_state *s, struct item_state *it, const struct gb_control *c)
{
    (void)s;
    if (c->u.record.stream >= DEVICE_STREAMS_MAX)
        return -ERANGE;
    uint32_t bit = 1u << c->u.record.stream;
    it->records = c->u.record.on ? it->records | bit : it->records & ~bit;
    return 0;
}

static int apply_guard(struct device_state *s, struct item_state *it, const struct gb_control *c)
{
    if (!it->id[0]) {
        for (unsigned i = 0; i < s->count; i++) {
            if (s->item[i]->guard == DEVICE_GUARD_UNSET)
                continue;
            s->item[i]->guard = DEVICE_GUARD_UNSET;
            item_state_touch(s, s->item[i]);
        }
    }
    it->guard = c->u.guard.on ? DEVICE_GUARD_ON : DEVICE_GUARD_OFF;
    return 0;
}

static int apply_home(struct device_state *s, struct item_state *it, const struct gb_control *c)
{
    (void)s;
    it->home = c->u.home;
    it->has_home = true;
    return 0;
}

int device_state_apply(struct device_state *s, const char *id, const struct gb_control *c)
{
    static int (*const apply[GB_CONTROL_KINDS])(struct device_state *, struct item_state *,
                                                const struct gb_control *) = {
        [GB_CONTROL_PTZ] = apply_ptz,
        [GB_CONTROL_RECORD] = apply_record,
        [GB_CONTROL_GUARD] = apply_guard,
        [GB_CONTROL_HOME] = apply_home,
    };
    struct item_state *it;
    int err;

    if (!apply[c->kind] || (c->kind == GB_CONTROL_PTZ && !changes_state(c->u.ptz.cmd.kind)))
        return 0;
    err = item_state_get(s, id, &it);
    if (!err)
        err = apply[c->kind](s, it, c);
    if (!err)
        item_state_touch(s, it);
    return err;
}

/* ---- queries ------------------------------------------------------------------------------------- */

unsigned device_state_presets(const struct device_state *s, const char *id)
{
    const struct item_state *it = item_state_find(s, id);
    return it ? it->npresets : 0;
}

const struct device_preset *device_state_preset(const struct device_state *s, const char *id, unsigned index)
{
    const struct item_state *it = item_state_find(s, id);
    return it && index < it->npresets ? &it->preset[index] : NULL;
}

unsigned device_state_tracks(const struct device_state *s, const char *id)
{
    const struct item_state *it = item_state_find(s, id);
    return it ? it->ntracks : 0;
}

const struct device_track *device_state_track(const struct device_state *s, const char *id, unsigned index)
{
    const struct item_state *it = item_state_find(s, id);
    return it && index < it->ntracks ? &it->track[index] : NULL;
}

const struct device_track *device_state_track_find(const struct device_state *s, const char *id, unsigned number)
{
    const struct item_state *it = item_state_find(s, id);
    return it ? item_state_find_track(it, number) : NULL;
}

const struct gb_home *device_state_home(const struct device_state *s, const char *id)
{
    const struct item_state *it = item_state_find(s, id);
    return it && it->has_home ? &it->home : NULL;
}

uint32_t device_state_records(const struct device_state *s, const char *id)
{
    const struct item_state *it = item_state_find(s, id);
    return it ? it->records : 0;
}

enum device_guard device_state_guard(const struct device_state *s, const char *id)
{
    const struct item_state *it = item_state_find(s, id);

    if (!it || it->guard == DEVICE_GUARD_UNSET)
        it = item_state_find(s, "");
    return it ? it->guard : DEVICE_GUARD_UNSET;
}

void device_state_set_mover(struct device_state *s, const char *id, const void *who)
{
    struct item_state *it = item_state_find(s, id);

    if (!it && (!who || item_state_get(s, id, &it)))
        return;
    it->mover = who;
}

bool device_state_is_mover(const struct device_state *s, const char *id, const void *who)
{
    const struct item_state *it = item_state_find(s, id);

    return it && it->mover == who;
}

const char *device_state_moved_by(const struct device_state *s, const void *who)
{
    for (unsigned i = 0; i < s->count; i++)
        if (s->item[i]->mover == who)
            return s->item[i]->id;
    return NULL;
}
