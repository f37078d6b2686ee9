/* SPDX-License-Identifier: MIT */
/*
 * What platforms set and must survive power loss: text values by scope and key, kept apart from the config. The file is
 * written tmp -> fsync -> rename -> fsync(directory), the previous copy stays beside it, and both carry a check sum: a
 * broken one is refused at load and the previous one taken.
 */
#ifndef STORE_SETTINGS_H
#define STORE_SETTINGS_H

#include <stdbool.h>
#include <stddef.h>

#include "util/span.h"

#define SETTINGS_SCOPE_MAX 64u          /* "platform:main", a channel's ID, "device" */
#define SETTINGS_KEY_MAX 64u
#define SETTINGS_VALUE_MAX 12288u       /* bytes of UTF-8 without line breaks */
#define SETTINGS_ENTRIES_MAX 16384u

struct settings;

/* path "": kept in memory only. A file that is not there is no error; one that is broken in both copies is moved aside
 * with a log line. -ENOMEM, -errno of the directory. */
int settings_open(const char *path, struct settings **out);
void settings_free(struct settings *s);         /* writes nothing; NULL is fine */

const char *settings_get(const struct settings *s, const char *scope, const char *key);    /* NULL: not set; borrowed */
/* value NULL: deleted. -EINVAL past a limit, with a control byte, a scope with ']', a key with a blank or '=', either
 * of them empty or begun by '#' or '['; -ENOSPC, -ENOMEM: nothing has changed. */
int settings_put(struct settings *s, const char *scope, const char *key, const char *value);
/* Each key of a scope, in no order; the callback may not change the settings. */
void settings_each(const struct settings *s, const char *scope,
                   void (*fn)(void *arg, const char *key, const char *value), void *arg);
/* Writes when something changed since the last write. 0, -errno: the old file is still whole and the change is kept in
 * memory for the next try. Failing is logged when it begins and when it ends. */
int settings_flush(struct settings *s);
bool settings_failing(const struct settings *s);        /* the last write failed: somebody has to try again */

/* The lines of a file between head and sum, added to what is there; open for the fuzzer. -EBADMSG, -ENOMEM. */
int settings_read_lines(struct settings *s, struct span lines);

#endif
