/* SPDX-License-Identifier: MIT */
/* The config taken over: at the start, and when it is read again. Agents are told: the caller then fetches what they have to
 * say. */
#ifndef APP_RELOAD_H
#define APP_RELOAD_H

#include <stddef.h>

struct parts;
struct conf;

/* Makes everything but the device's items as conf says. -errno: some of it could not be had (logged). */
int reload_apply(struct parts *p, const struct conf *conf);
int reload_config(struct parts *p, char *err, size_t size);       /* as app_reload */

#endif
