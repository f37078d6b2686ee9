/* SPDX-License-Identifier: MIT */
/* The copies of the settings on disk; settings.c defines their contents. */
#ifndef STORE_SETTINGS_FILE_H
#define STORE_SETTINGS_FILE_H

#include <stdbool.h>
#include <stddef.h>

#include "util/span.h"

#define SETTINGS_BYTES_MAX (4u * 1024u * 1024u) /* of the file */

/* PATH is current, PATH.old the previous copy, PATH.new the one being written, PATH.broken a corrupt one. */
struct settings_file {
    char *path, *old, *tmp, *dir; /* all NULL: in memory only */
    bool keep_old;                /* PATH is corrupt and could not be moved: it must not become PATH.old */
};

/* Passes PATH to parse(), then PATH.old if parse() returns an error other than -ENOMEM. path "": does nothing. */
int settings_file_open(struct settings_file *f, const char *path, int (*parse)(void *arg, struct span text), void *arg);
void settings_file_close(struct settings_file *f);
int settings_file_write(struct settings_file *f, struct span text);

#endif
