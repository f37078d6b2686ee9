/* SPDX-License-Identifier: MIT */
/*
 * Persistent text values by scope and key, kept apart from the config: settings made by platforms, and state that must
 * survive a power loss. The file is written to a temporary file, synced and renamed, then its directory is synced. The
 * previous copy is kept next to it. Both have a checksum: when the file is corrupt, the previous copy is loaded.
 */
#ifndef STORE_SETTINGS_H
#define STORE_SETTINGS_H

#include <stdbool.h>
#include <stddef.h>

#include "util/span.h"

#define SETTINGS_SCOPE_MAX   64u /* "platform:main", a channel's ID, "device" */
#define SETTINGS_KEY_MAX     64u
#define SETTINGS_VALUE_MAX   12288u /* bytes of UTF-8 without line breaks */
#define SETTINGS_ENTRIES_MAX 16384u

struct settings;

/* path "": in memory only. A missing file is not an error; a corrupt one is moved aside and logged. -ENOMEM, -errno
 * of the directory. */
int settings_open(const char *path, struct settings **out);
void settings_free(struct settings *s); /* does not write; NULL is fine */

const char *settings_get(const struct settings *s, const char *scope, const char *key); /* NULL: not set; borrowed */
/* value NULL: deletes it. -EINVAL: too long, a control byte, a scope with ']', a key with a blank or '=', a scope or
 * key that is empty or starts with '#' or '['. On -ENOSPC and -ENOMEM nothing changes. */
int settings_put(struct settings *s, const char *scope, const char *key, const char *value);
/* Calls fn for each key of a scope, in no particular order; fn must not change the settings. */
void settings_each(const struct settings *s, const char *scope,
                   void (*fn)(void *arg, const char *key, const char *value), void *arg);
/* Writes the file if anything changed since the last write. On -errno the old file is intact and the change stays in
 * memory for the next attempt. The first failure and the recovery are logged. */
int settings_flush(struct settings *s);
bool settings_failing(const struct settings *s); /* the last write failed: the caller has to retry */

/* Adds the lines of a file between header and checksum; public for the fuzzer. -EBADMSG, -ENOMEM. */
int settings_read_lines(struct settings *s, struct span lines);

#endif
