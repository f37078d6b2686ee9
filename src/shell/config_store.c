/* SPDX-License-Identifier: MIT */
#include "shell/config_store.h"

#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "manscdp/config.h"
#include "util/log.h"

#define SCOPE_SIZE (SETTINGS_SCOPE_MAX + 1u)
#define KEY_SIZE (SETTINGS_KEY_MAX + 1u)
#define NUMBER_SIZE 12

static void flush(struct settings *s)
{
    int err = settings_flush(s);

    if (err)
        log_error("settings cannot be written: %s", strerror(-err));
}

/* ---- values over those of the config ------------------------------------------------------------ */

static void base_key(const char *key, char out[KEY_SIZE])
{
    snprintf(out, KEY_SIZE, "%s.config", key);
}

/* What holds instead of `config`, or NULL. */
static const char *override(struct settings *s, const char *scope, const char *key, const char *config)
{
    const char *value = settings_get(s, scope, key), *base;
    char name[KEY_SIZE];

    if (!value)
        return NULL;
    base_key(key, name);
    base = settings_get(s, scope, name);
    if (base && strcmp(base, config) == 0)
        return value;
    log_info("[%s] %s: the config has changed, what a platform set is forgotten", scope, key);
    (void)settings_put(s, scope, key, NULL);
    (void)settings_put(s, scope, name, NULL);
    return NULL;
}

/* `config`: what conf says now, which is an earlier override when there is one. */
static int put_override(struct settings *s, const char *scope, const char *key, const char *value, const char *config)
{
    char name[KEY_SIZE];
    int err = 0;

    base_key(key, name);
    if (!settings_get(s, scope, key) || !settings_get(s, scope, name))
        err = settings_put(s, scope, name, config);
    return err ? err : settings_put(s, scope, key, value);
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

static void link_scope(const char *platform, char out[SCOPE_SIZE])
{
    snprintf(out, SCOPE_SIZE, "platform:%.50s", platform);
}

static void overlay_link(struct settings *s, struct agent_config *cfg)
{
    char scope[SCOPE_SIZE], number[NUMBER_SIZE];
    const char *value;
    uint64_t v;

    link_scope(cfg->name, scope);
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
        overlay_link(s, &conf->platform[i].agent);
    flush(s);
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

static int set_timers(struct settings *s, struct agent_config *cfg, const struct gb_basic *basic)
{
    const struct { bool has; uint32_t value; } given[] = {
        { basic->has_expiration, basic->expiration_s }, { basic->has_interval, basic->interval_s },
        { basic->has_count, basic->count },
    };
    char scope[SCOPE_SIZE], was[NUMBER_SIZE], number[NUMBER_SIZE];
    int err = 0;

    link_scope(cfg->name, scope);
    for (size_t i = 0; i < sizeof(timers) / sizeof(timers[0]) && !err; i++) {
        uint32_t *field = timer_of(cfg, &timers[i]);

        if (!given[i].has)
            continue;
        snprintf(was, sizeof(was), "%u", (unsigned)*field);
        snprintf(number, sizeof(number), "%u", (unsigned)given[i].value);
        err = put_override(s, scope, timers[i].key, number, was);
        if (!err)
            *field = given[i].value;
    }
    return err;
}

int config_store_basic(struct settings *s, struct conf *conf, const char *platform, const char *channel,
                       const struct gb_basic *basic)
{
    char *name = name_of(conf, channel);
    struct agent_config *cfg = NULL;
    int err = 0;

    for (unsigned i = 0; i < conf->nplatforms; i++)
        if (strcmp(conf->platform[i].agent.name, platform) == 0)
            cfg = &conf->platform[i].agent;
    if (!cfg || !name)
        return -ENOENT;
    if (basic->has_name) {
        err = put_override(s, channel[0] ? channel : "device", "name", basic->name, name);
        if (!err)
            span_copy(span_of(basic->name), name, DEVICE_TEXT);
    }
    if (!err)
        err = set_timers(s, cfg, basic);
    flush(s);
    return err;
}

/* ---- blocks ------------------------------------------------------------------------------------- */

int config_store_keep(struct settings *s, const char *channel, const struct gb_setting *block)
{
    char text[SETTINGS_VALUE_MAX + 1];
    struct buf b;
    int err;

    buf_init(&b, text, sizeof(text));
    config_block_write(&b, block);
    err = b.overflow ? -E2BIG : settings_put(s, channel, config_block_name(block->block), text);
    /* Not worth a write of its own: there may be an order a minute. */
    if (!err && block->block != GB_BLOCK_SNAPSHOT)
        flush(s);
    return err;
}

int config_store_set(struct settings *s, struct cameras *cameras, const char *channel, const struct gb_setting *block)
{
    struct camera *c = cameras_find(cameras, channel);
    int err = c ? camera_config_set(c, block) : -ENOENT;

    return err ? err : config_store_keep(s, c->id, block);
}

static int get_kept(const struct settings *s, const char *channel, enum gb_block block, struct gb_setting *out)
{
    const char *text = settings_get(s, channel, config_block_name(block));

    return text ? config_block_read(out, block, span_of(text)) : -ENODATA;
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
    /* An order is no setting: the last one is what there is to say. */
    err = block == GB_BLOCK_SNAPSHOT ? -ENODATA : camera_config_get(c, out);
    return err == -ENODATA ? get_kept(s, c->id, block, out) : err;
}

/* A reload need not set again what is so: a picture that turns twice is seen. */
static bool is_set(struct camera *c, enum gb_block block, const char *kept)
{
    struct gb_setting now = { .block = block };
    char text[SETTINGS_VALUE_MAX + 1];
    struct buf b;

    if (camera_config_get(c, &now))
        return false;
    buf_init(&b, text, sizeof(text));
    config_block_write(&b, &now);
    return !b.overflow && strcmp(text, kept) == 0;
}

static void restore(const struct settings *s, struct camera *c, enum gb_block block)
{
    const char *kept = settings_get(s, c->id, config_block_name(block));
    struct gb_setting value;
    int err;

    if (!kept || is_set(c, block, kept))
        return;
    err = config_block_read(&value, block, span_of(kept));
    if (!err)
        err = camera_config_set(c, &value);
    if (err)
        log_warn("%s: %s of the settings was not taken: %s", c->id, config_block_name(block), strerror(-err));
    else
        log_debug("%s: %s set again", c->id, config_block_name(block));
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
