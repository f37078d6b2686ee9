/* SPDX-License-Identifier: MIT */
#include "app/config_store.h"

#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "http/http.h"
#include "manscdp/config.h"
#include "util/log.h"

#define SCOPE_SIZE  (SETTINGS_SCOPE_MAX + 1u)
#define KEY_SIZE    (SETTINGS_KEY_MAX + 1u)
#define NUMBER_SIZE 12

/* ---- transactions -------------------------------------------------------------------------------- */

#define CHANGES_MAX 8u /* BasicParam: a name and three timers, each with the config's value */

/* Changes of the settings with their old values: after OK all of them are on disk, after ERROR none is in effect. */
struct changes {
    struct settings *settings;
    struct {
        char scope[SCOPE_SIZE], key[KEY_SIZE], *old;
    } one[CHANGES_MAX];
    unsigned n;
};

static int change(struct changes *ch, const char *scope, const char *key, const char *value)
{
    const char *old = settings_get(ch->settings, scope, key);
    char *copy = old ? strdup(old) : NULL;
    int err = ch->n == CHANGES_MAX ? -ENOSPC : old && !copy ? -ENOMEM : settings_put(ch->settings, scope, key, value);

    if (err) {
        free(copy);
        return err;
    }
    snprintf(ch->one[ch->n].scope, SCOPE_SIZE, "%s", scope);
    snprintf(ch->one[ch->n].key, KEY_SIZE, "%s", key);
    ch->one[ch->n++].old = copy;
    return 0;
}

/* Ends a transaction: rolls back if err, and returns err. */
static int changes_end(struct changes *ch, int err)
{
    while (ch->n-- > 0) {
        char *old = ch->one[ch->n].old;
        int undo_err = err ? settings_put(ch->settings, ch->one[ch->n].scope, ch->one[ch->n].key, old) : 0;

        if (undo_err)
            log_error("settings: rollback-failed scope=%s key=%s reason=\"%s\"", ch->one[ch->n].scope,
                      ch->one[ch->n].key, strerror(-undo_err));
        free(old);
    }
    ch->n = 0;
    return err;
}

/* ---- overrides of config values ----------------------------------------------------------------- */

static void original_key(const char *key, char out[KEY_SIZE])
{
    snprintf(out, KEY_SIZE, "%s.config", key);
}

/* The value set by a platform, or NULL: `config` is in effect. */
static const char * override(struct settings *s, const char *scope, const char *key, const char *config)
{
    const char *value = settings_get(s, scope, key), *base;
    char name[KEY_SIZE];

    if (!value)
        return NULL;
    original_key(key, name);
    base = settings_get(s, scope, name);
    if (base && strcmp(base, config) == 0)
        return value;
    log_info("settings: override-dropped scope=%s key=%s", scope, key);
    (void)settings_put(s, scope, key, NULL);
    (void)settings_put(s, scope, name, NULL);
    return NULL;
}

/* `config`: the present value in conf, possibly an earlier override. */
static int put_override(struct changes *ch, const char *scope, const char *key, const char *value, const char *config)
{
    char name[KEY_SIZE];
    int err = 0;

    original_key(key, name);
    if (!settings_get(ch->settings, scope, key) || !settings_get(ch->settings, scope, name))
        err = change(ch, scope, name, config);
    return err ? err : change(ch, scope, key, value);
}

static const struct timer {
    const char *key;
    size_t offset;
    uint32_t min, max;
} timers[] = {
    { "expires", offsetof(struct agent_config, expires_s), 60, 31536000 },
    { "keepalive_interval", offsetof(struct agent_config, keepalive_interval_s), 5, 3600 },
    { "keepalive_count", offsetof(struct agent_config, keepalive_count), 1, 100 },
};

static uint32_t *timer_of(struct agent_config *cfg, const struct timer *t)
{
    return (uint32_t *)(void *)((char *)cfg + t->offset);
}

static void platform_scope(const char *platform, char out[SCOPE_SIZE])
{
    snprintf(out, SCOPE_SIZE, "platform:%.50s", platform);
}

static void overlay_platform(struct settings *s, struct agent_config *cfg)
{
    char scope[SCOPE_SIZE], number[NUMBER_SIZE];
    const char *value;
    uint64_t v;

    platform_scope(cfg->name, scope);
    for (size_t i = 0; i < sizeof(timers) / sizeof(timers[0]); i++) {
        snprintf(number, sizeof(number), "%u", (unsigned)*timer_of(cfg, &timers[i]));
        value = override(s, scope, timers[i].key, number);
        if (value && !span_u64(span_of(value), timers[i].max, &v) && v >= timers[i].min)
            *timer_of(cfg, &timers[i]) = (uint32_t)v;
    }
}

static void overlay_name(struct settings *s, const char *scope, char name[DEVICE_TEXT])
{
    const char *value = override(s, scope, "name", name);

    if (value && strlen(value) < DEVICE_TEXT)
        span_copy(span_of(value), name, DEVICE_TEXT);
}

void config_store_overlay(struct settings *s, struct conf *conf)
{
    overlay_name(s, "device", conf->device.name);
    for (unsigned i = 0; i < conf->device.nitems; i++)
        overlay_name(s, conf->item[i].id, conf->item[i].name);
    for (unsigned i = 0; i < conf->nplatforms; i++)
        overlay_platform(s, &conf->platform[i].agent);
    (void)settings_flush(s); /* on failure the overrides are dropped again at the next start */
}

/* ---- BasicParam --------------------------------------------------------------------------------- */

static char *name_of(struct conf *conf, const char *channel)
{
    if (!channel[0])
        return conf->device.name;
    for (unsigned i = 0; i < conf->device.nitems; i++)
        if (strcmp(conf->item[i].id, channel) == 0)
            return conf->item[i].name;
    return NULL;
}

static bool given(const struct gb_basic *basic, size_t timer, uint32_t *value)
{
    const struct {
        bool has;
        uint32_t value;
    } all[] = {
        { basic->has_expiration, basic->expiration_s },
        { basic->has_interval, basic->interval_s },
        { basic->has_count, basic->count },
    };

    *value = all[timer].value;
    return all[timer].has;
}

static int put_timers(struct changes *ch, struct agent_config *cfg, const struct gb_basic *basic)
{
    char scope[SCOPE_SIZE], was[NUMBER_SIZE], number[NUMBER_SIZE];
    uint32_t value;
    int err = 0;

    platform_scope(cfg->name, scope);
    for (size_t i = 0; i < sizeof(timers) / sizeof(timers[0]) && !err; i++) {
        if (!given(basic, i, &value))
            continue;
        snprintf(was, sizeof(was), "%u", (unsigned)*timer_of(cfg, &timers[i]));
        snprintf(number, sizeof(number), "%u", (unsigned)value);
        err = put_override(ch, scope, timers[i].key, number, was);
    }
    return err;
}

int config_store_basic(struct settings *s, struct conf *conf, const char *platform, const char *channel,
                       const struct gb_basic *basic)
{
    struct changes ch = { .settings = s };
    char *name = name_of(conf, channel);
    struct agent_config *cfg = NULL;
    uint32_t value;
    int err = 0;

    for (unsigned i = 0; i < conf->nplatforms; i++)
        if (strcmp(conf->platform[i].agent.name, platform) == 0)
            cfg = &conf->platform[i].agent;
    if (!cfg || !name)
        return -ENOENT;
    if (basic->has_name)
        err = put_override(&ch, channel[0] ? channel : "device", "name", basic->name, name);
    if (!err)
        err = put_timers(&ch, cfg, basic);
    if (!err)
        err = settings_flush(s);
    if (changes_end(&ch, err) != 0)
        return err;
    if (basic->has_name)
        span_copy(span_of(basic->name), name, DEVICE_TEXT);
    for (size_t i = 0; i < sizeof(timers) / sizeof(timers[0]); i++)
        if (given(basic, i, &value))
            *timer_of(cfg, &timers[i]) = value;
    return 0;
}

/* ---- blocks ------------------------------------------------------------------------------------- */

static int store_block(struct changes *ch, const char *channel, const struct gb_setting *block)
{
    char text[SETTINGS_VALUE_MAX + 1];
    struct buf b;

    buf_init(&b, text, sizeof(text));
    config_block_write(&b, block);
    return b.overflow ? -E2BIG : change(ch, channel, config_block_name(block->block), text);
}

int config_store_put(struct settings *s, const char *channel, const struct gb_setting *block)
{
    struct changes ch = { .settings = s };
    int err = store_block(&ch, channel, block);

    return changes_end(&ch, err);
}

/* Blocks implemented by the daemon; boards need not support them. */
static bool is_own(enum gb_block block)
{
    return block == GB_BLOCK_ALARM_REPORT;
}

static int put_to_board(struct camera *c, const struct gb_setting *block)
{
    int err = camera_config_set(c, block);

    return err == -ENOTSUP && is_own(block->block) ? 0 : err;
}

int config_store_set(struct settings *s, struct cameras *cameras, const char *channel, const struct gb_setting *block)
{
    struct camera *c = cameras_find(cameras, channel);
    struct gb_setting probe = { .block = block->block };
    struct changes ch = { .settings = s };
    int err;

    if (!c)
        return -ENOENT;
    /* Checked first, to save a write to disk and its rollback. */
    if (camera_config_get(c, &probe) == -ENOTSUP && !is_own(block->block))
        return -ENOTSUP;
    /* Disk first: a change on the board may be impossible to undo. */
    err = store_block(&ch, c->id, block);
    if (!err)
        err = settings_flush(s);
    if (err)
        return changes_end(&ch, err);
    err = put_to_board(c, block);
    (void)changes_end(&ch, err);
    if (err)
        (void)settings_flush(s);
    return err;
}

static int get_stored(const struct settings *s, const char *channel, enum gb_block block, struct gb_setting *out)
{
    const char *text = settings_get(s, channel, config_block_name(block));

    return text ? config_block_read(out, block, span_of(text)) : -ENODATA;
}

/* Default of a block that was never set: all alarms are reported; one snapshot, without URL; no record plan, alarm
 * recording, mask or mirroring. The other blocks have no default. */
static int get_default(enum gb_block block, struct gb_setting *out)
{
    memset(out, 0, sizeof(*out));
    out->block = block;
    switch (block) {
    case GB_BLOCK_ALARM_REPORT:
        out->u.alarm_report = (struct gb_alarm_report){ .motion = true, .field = true };
        return 0;
    case GB_BLOCK_SNAPSHOT:
        out->u.snapshot.count = 1;
        out->u.snapshot.interval_s = 1;
        return 0;
    case GB_BLOCK_RECORD_PLAN:
    case GB_BLOCK_ALARM_RECORD:
    case GB_BLOCK_PICTURE_MASK:
    case GB_BLOCK_FRAME_MIRROR:
        return 0;
    default:
        return -ENODATA;
    }
}

/* Whether the camera has a block that the board does not return; only boards with config_get can have it. */
static bool has_block(const struct camera *c, enum gb_block block)
{
    if (block == GB_BLOCK_SNAPSHOT)
        return c->ops && c->ops->snapshot && http_available();
    return is_own(block) || (c->ops && c->ops->config_get);
}

int config_store_get(const struct settings *s, struct cameras *cameras, const char *channel, enum gb_block block,
                     struct gb_setting *out)
{
    struct camera *c = cameras_find(cameras, channel);
    int err;

    if (!c)
        return -ENOENT;
    memset(out, 0, sizeof(*out));
    out->block = block;
    /* SnapShotConfig is a command, not a setting: the last one is returned. */
    err = block == GB_BLOCK_SNAPSHOT ? -ENODATA : camera_config_get(c, out);
    if (err == -ENODATA || (err == -ENOTSUP && is_own(block)))
        err = get_stored(s, c->id, block, out);
    return err == -ENODATA && has_block(c, block) ? get_default(block, out) : err;
}

/* Whether the board already has the stored value. Setting it again might be visible, as with mirroring. */
static bool is_set(struct camera *c, enum gb_block block, const char *stored)
{
    struct gb_setting now = { .block = block };
    char text[SETTINGS_VALUE_MAX + 1];
    struct buf b;

    if (camera_config_get(c, &now))
        return false;
    buf_init(&b, text, sizeof(text));
    config_block_write(&b, &now);
    return !b.overflow && strcmp(text, stored) == 0;
}

static void restore(const struct settings *s, struct camera *c, enum gb_block block)
{
    const char *stored = settings_get(s, c->id, config_block_name(block));
    struct gb_setting value;
    int err;

    if (!stored || is_set(c, block, stored))
        return;
    err = config_block_read(&value, block, span_of(stored));
    if (!err)
        err = put_to_board(c, &value);
    if (err)
        log_warn("channel: restore-failed channel=%s block=%s reason=\"%s\"", c->id, config_block_name(block),
                 strerror(-err));
    else
        log_debug("channel: restored channel=%s block=%s", c->id, config_block_name(block));
}

void config_store_restore(const struct settings *s, struct cameras *cameras, const struct conf *conf)
{
    for (unsigned i = 0; i < conf->device.nitems; i++) {
        struct camera *c = conf->item[i].kind == DEVICE_CHANNEL ? cameras_find(cameras, conf->item[i].id) : NULL;

        for (unsigned block = 0; c && block < GB_BLOCKS; block++)
            if (block != GB_BLOCK_BASIC && block != GB_BLOCK_SNAPSHOT)
                restore(s, c, (enum gb_block)block);
    }
}
