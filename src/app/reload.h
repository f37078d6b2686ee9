/* SPDX-License-Identifier: MIT */
/* Applies the config, at start and on reload. Afterwards the caller has to fetch the agents' packets and events. */
#ifndef APP_RELOAD_H
#define APP_RELOAD_H

#include <stddef.h>

struct parts;
struct conf;

/* Applies all of conf but the device's items. -errno: part of it could not be applied (logged). */
int reload_apply(struct parts *p, const struct conf *conf);
int reload_config(struct parts *p, char *reason, size_t size); /* as app_reload */

#endif
