/* SPDX-License-Identifier: MIT */
/*
 * What platforms configure: blocks go to the board and into the settings, and from there to the board again at the next
 * start. Names and the timers of a link are kept with what the config said when they were set: they hold until
 * somebody changes the config.
 */
#ifndef APP_CONFIG_STORE_H
#define APP_CONFIG_STORE_H

#include "cameras/camera.h"
#include "conf/conf.h"
#include "gbagent/settings.h"
#include "store/settings.h"

/* Puts what platforms set over what conf says: names, expires, keepalive_interval, keepalive_count. What the config has
 * changed since is forgotten. */
void config_store_overlay(struct settings *s, struct conf *conf);
/* Every stored block to its board: at the start and after a reload. */
void config_store_restore(const struct settings *s, struct cameras *cameras, const struct conf *conf);

/* A block of a channel: it is on the disk and the board takes it, or neither. -ENOENT no such channel, -ENOTSUP, what the
 * board says, or what settings_put and settings_flush say. */
int config_store_set(struct settings *s, struct cameras *cameras, const char *channel, const struct gb_setting *block);
/* Keeps it without asking the board; it goes to the disk with whatever is written next. */
int config_store_keep(struct settings *s, const char *channel, const struct gb_setting *block);
/* What the board says, else what is kept, else the default where the block has one. -ENOENT, -ENOTSUP, -ENODATA; AlarmReport,
 * which the daemon itself obeys, is there for every channel and switched on where nobody said otherwise. */
int config_store_get(const struct settings *s, struct cameras *cameras, const char *channel, enum gb_block block,
                     struct gb_setting *out);

/* BasicParam: on the disk and put into conf, or neither. channel "": the device. -ENOENT, or what settings_put and
 * settings_flush say. */
int config_store_basic(struct settings *s, struct conf *conf, const char *platform, const char *channel,
                       const struct gb_basic *basic);

#endif
