/* SPDX-License-Identifier: MIT */
/*
 * Settings made by platforms. Blocks of DeviceConfig are passed to the board and stored, and passed to the board again
 * at the next start. Names and a platform's timers override the config; each is stored with the config's value at that
 * time, and dropped when that value changes.
 */
#ifndef APP_CONFIG_STORE_H
#define APP_CONFIG_STORE_H

#include "cameras/camera.h"
#include "conf/conf.h"
#include "gbagent/settings.h"
#include "store/settings.h"

/* Overrides conf by the names, expires, keepalive_interval and keepalive_count set by platforms, and drops those
 * whose value in the config has changed since. */
void config_store_overlay(struct settings *s, struct conf *conf);
/* At start and after a reload: passes every stored block to its board. */
void config_store_restore(const struct settings *s, struct cameras *cameras, const struct conf *conf);

/* Sets a block of a channel both on disk and on the board, or on neither. -ENOENT no such channel, -ENOTSUP, or the
 * error of the board, settings_put() or settings_flush(). */
int config_store_set(struct settings *s, struct cameras *cameras, const char *channel, const struct gb_setting *block);
/* Stores a block without passing it to the board; it is written to disk with the next flush. */
int config_store_put(struct settings *s, const char *channel, const struct gb_setting *block);
/* The block of the board, else the stored one, else its default. -ENOENT, -ENOTSUP, -ENODATA. AlarmReport, which the
 * daemon implements, exists for every channel and is on by default. */
int config_store_get(const struct settings *s, struct cameras *cameras, const char *channel, enum gb_block block,
                     struct gb_setting *out);

/* Sets BasicParam both on disk and in conf, or in neither. channel "": the device. -ENOENT, or the error of
 * settings_put() or settings_flush(). */
int config_store_basic(struct settings *s, struct conf *conf, const char *platform, const char *channel,
                       const struct gb_basic *basic);

#endif
