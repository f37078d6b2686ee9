/* SPDX-License-Identifier: MIT */
#include "device/device.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "util/hash.h"
#include "util/list.h"

struct entry {
    struct hash_node node;
    struct device_item item;
};

/* The list of items; a reload replaces it as a whole. */
struct item_set {
    struct entry *entry;
    unsigned count, channels, inputs, faulty;
    unsigned *input; /* indices of the alarm inputs */
    const struct entry *first_channel;
    struct hash by_id;
};

struct device {
    struct device_config cfg;
    struct item_set set;
    struct device_state *state;
    uint64_t serial, layout;
    uint64_t written; /* number of changes so far; the last DEVICE_JOURNAL_MAX are in the journal */
    struct device_change journal[DEVICE_JOURNAL_MAX]; /* must be last: not cleared at start */
};

/* Keys come only from the config, so collisions cannot be forced. */
static const uint64_t no_secret[2];

static void set_free(struct item_set *s)
{
    hash_free(&s->by_id);
    free(s->entry);
    free(s->input);
    memset(s, 0, sizeof(*s));
}

static int set_build(struct item_set *s, const struct device_config *cfg)
{
    int err;

    memset(s, 0, sizeof(*s));
    err = hash_init(&s->by_id, no_secret);
    if (err)
        return err;
    s->entry = calloc(cfg->nitems ? cfg->nitems : 1, sizeof(*s->entry));
    s->input = calloc(cfg->nitems ? cfg->nitems : 1, sizeof(*s->input));
    if (!s->entry || !s->input) {
        set_free(s);
        return -ENOMEM;
    }
    for (unsigned i = 0; i < cfg->nitems; i++) {
        struct entry *e = &s->entry[i];
        e->item.cfg = cfg->item[i];
        e->item.added_unix_s = cfg->loaded_unix_s;
        e->item.input = -1;
        struct span id = span_of(e->item.cfg.id);
        err = hash_find(&s->by_id, id) ? -EEXIST : hash_insert(&s->by_id, &e->node, id);
        if (err) {
            set_free(s);
            return err;
        }
        s->count++;
        s->channels += e->item.cfg.kind == DEVICE_CHANNEL;
        if (e->item.cfg.kind == DEVICE_CHANNEL && !s->first_channel)
            s->first_channel = e;
        if (e->item.cfg.kind == DEVICE_ALARM_INPUT)
            s->input[s->inputs++] = i;
    }
    return 0;
}

static bool is_faulty(const struct device_item *it)
{
    return it->cfg.kind == DEVICE_CHANNEL && it->state != DEVICE_ITEM_ON;
}

static struct device_item *set_find(const struct item_set *s, struct span id)
{
    struct hash_node *n = hash_find(&s->by_id, id);
    return n ? &container_of(n, struct entry, node)->item : NULL;
}

static bool same_info(const struct device_item_config *a, const struct device_item_config *b)
{
    for (unsigned i = 0; i < CATALOG_INFOS; i++)
        if (strcmp(a->info[i], b->info[i]))
            return false;
    return true;
}

static bool same_item(const struct device_item_config *a, const struct device_item_config *b)
{
    return a->kind == b->kind && !strcmp(a->name, b->name) && !strcmp(a->manufacturer, b->manufacturer) &&
           !strcmp(a->model, b->model) && !strcmp(a->owner, b->owner) && !strcmp(a->civil_code, b->civil_code) &&
           !strcmp(a->block, b->block) && !strcmp(a->address, b->address) && !strcmp(a->parent, b->parent) &&
           a->has_position == b->has_position && !(a->longitude < b->longitude) && !(a->longitude > b->longitude) &&
           !(a->latitude < b->latitude) && !(a->latitude > b->latitude) && a->ptz_type == b->ptz_type &&
           a->secret == b->secret && !strcmp(a->ip_address, b->ip_address) && a->port == b->port &&
           a->security == b->security && same_info(a, b);
}

static bool same_device(const struct device_config *a, const struct device_config *b)
{
    return !strcmp(a->id, b->id) && !strcmp(a->name, b->name) && !strcmp(a->manufacturer, b->manufacturer) &&
           !strcmp(a->model, b->model) && !strcmp(a->firmware, b->firmware) && a->catalog_self == b->catalog_self;
}

int device_new(const struct device_config *cfg, struct device **out)
{
    struct device *d = malloc(sizeof(*d));
    int err;

    if (!d)
        return -ENOMEM;
    memset(d, 0, offsetof(struct device, journal));
    err = device_state_new(&d->state);
    if (!err)
        err = set_build(&d->set, cfg);
    if (err) {
        device_state_free(d->state);
        free(d);
        return err;
    }
    d->cfg = *cfg;
    d->cfg.item = NULL;
    d->serial = d->layout = 1;
    *out = d;
    return 0;
}

void device_free(struct device *d)
{
    if (!d)
        return;
    set_free(&d->set);
    device_state_free(d->state);
    free(d);
}

struct device_state *device_state(const struct device *d)
{
    return d->state;
}

static void journal_add(struct device *d, const struct device_change *c)
{
    d->journal[d->written++ % DEVICE_JOURNAL_MAX] = *c;
}

static void journal_item(struct device *d, enum device_change_kind kind, const char *id)
{
    struct device_change c = { .kind = kind };

    snprintf(c.id, sizeof(c.id), "%s", id);
    journal_add(d, &c);
}

uint64_t device_journal_end(const struct device *d)
{
    return d->written;
}

int device_journal_next(const struct device *d, uint64_t *cursor, struct device_change *out)
{
    if (*cursor >= d->written)
        return 0;
    if (d->written - *cursor > DEVICE_JOURNAL_MAX) {
        *cursor = d->written;
        return -EOVERFLOW;
    }
    *out = d->journal[(*cursor)++ % DEVICE_JOURNAL_MAX];
    return 1;
}

/* Adds the items that a reload deleted, added or changed. */
static void journal_reload(struct device *d, const struct item_set *set)
{
    for (unsigned i = 0; i < d->set.count; i++) {
        const char *id = d->set.entry[i].item.cfg.id;
        if (!set_find(set, span_of(id)))
            journal_item(d, DEVICE_CHANGE_DEL, id);
    }
    for (unsigned i = 0; i < set->count; i++) {
        const struct device_item_config *c = &set->entry[i].item.cfg;
        const struct device_item *was = set_find(&d->set, span_of(c->id));
        if (!was)
            journal_item(d, DEVICE_CHANGE_ADD, c->id);
        else if (!same_item(&was->cfg, c))
            journal_item(d, DEVICE_CHANGE_UPDATE, c->id);
    }
}

int device_apply(struct device *d, const struct device_config *cfg)
{
    struct item_set set;
    bool changed = !same_device(&d->cfg, cfg) || d->set.count != cfg->nitems;
    int err = set_build(&set, cfg);

    if (err)
        return err;
    for (unsigned i = 0; i < set.count; i++) {
        struct device_item *now = &set.entry[i].item;
        const struct device_item *was = set_find(&d->set, span_of(now->cfg.id));
        bool stayed = was && same_item(&was->cfg, &now->cfg);
        if (was) {
            now->state = was->state;
            now->alarm = was->alarm;
            now->input = was->input;
            now->changed = was->changed;
            now->added_unix_s = was->added_unix_s;
        }
        set.faulty += is_faulty(now);
        if (!stayed)
            now->changed = d->serial + 1;
        /* a different order also changes the pages */
        changed = changed || !stayed || strcmp(d->set.entry[i].item.cfg.id, now->cfg.id);
    }
    journal_reload(d, &set);
    set_free(&d->set);
    d->set = set;
    d->cfg = *cfg;
    d->cfg.item = NULL;
    if (changed) {
        d->serial++;
        d->layout++;
    }
    return 0;
}

const struct device_config *device_config(const struct device *d)
{
    return &d->cfg;
}

unsigned device_item_count(const struct device *d)
{
    return d->set.count;
}

const struct device_item *device_item_at(const struct device *d, unsigned index)
{
    return index < d->set.count ? &d->set.entry[index].item : NULL;
}

unsigned device_faulty_count(const struct device *d)
{
    return d->set.faulty;
}

unsigned device_input_count(const struct device *d)
{
    return d->set.inputs;
}

const struct device_item *device_input_at(const struct device *d, unsigned index)
{
    return index < d->set.inputs ? &d->set.entry[d->set.input[index]].item : NULL;
}

const struct device_item *device_item_find(const struct device *d, struct span id)
{
    return set_find(&d->set, id);
}

const struct device_item *device_channel_for(const struct device *d, struct span id)
{
    const struct device_item *it = set_find(&d->set, id);

    if (it)
        return it->cfg.kind == DEVICE_CHANNEL ? it : NULL;
    if (!span_eq_str(id, d->cfg.id))
        return NULL;
    return d->set.first_channel ? &d->set.first_channel->item : NULL;
}

bool device_position(const struct device *d, const char *id, double *longitude, double *latitude)
{
    const struct device_item *it = set_find(&d->set, span_of(id));

    for (unsigned i = 0; i < d->set.count && !(it && it->cfg.has_position); i++)
        it = &d->set.entry[i].item;
    if (!it || !it->cfg.has_position)
        return false;
    *longitude = it->cfg.longitude;
    *latitude = it->cfg.latitude;
    return true;
}

unsigned device_channel_count(const struct device *d)
{
    return d->set.channels;
}

void device_set_state(struct device *d, const char *id, enum device_item_state state)
{
    struct device_item *it = set_find(&d->set, span_of(id));

    if (!it || it->state == state)
        return;
    struct device_change c = { .kind = DEVICE_CHANGE_STATE, .was = it->state, .now = state };
    memcpy(c.id, it->cfg.id, sizeof(c.id));
    journal_add(d, &c);
    d->set.faulty -= is_faulty(it);
    it->state = state;
    d->set.faulty += is_faulty(it);
    it->changed = ++d->serial;
}

static void set_alarm(struct device *d, struct device_item *it, bool alarm)
{
    if (it->alarm == alarm)
        return;
    it->alarm = alarm;
    it->changed = ++d->serial;
}

void device_set_alarm(struct device *d, const char *id, bool alarm)
{
    struct device_item *it = set_find(&d->set, span_of(id));

    if (it) {
        set_alarm(d, it, alarm);
        return;
    }
    if (id[0] && strcmp(id, d->cfg.id))
        return;
    for (unsigned i = 0; i < d->set.inputs; i++)
        set_alarm(d, &d->set.entry[d->set.input[i]].item, alarm);
}

void device_set_input(struct device *d, const char *id, int input)
{
    struct device_item *it = set_find(&d->set, span_of(id));

    if (it)
        it->input = input;
}

enum device_duty device_duty(const struct device *d, const struct device_item *input)
{
    if (device_state_guard(d->state, input->cfg.id) == DEVICE_GUARD_OFF)
        return DEVICE_DUTY_OFF;
    return input->alarm || input->input > 0 ? DEVICE_DUTY_ALARM : DEVICE_DUTY_ON;
}

uint64_t device_serial(const struct device *d)
{
    return d->serial;
}

uint64_t device_layout(const struct device *d)
{
    return d->layout;
}
