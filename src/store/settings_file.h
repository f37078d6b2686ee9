/* SPDX-License-Identifier: MIT */
/* The copies of the settings on disk. What is in them is the business of settings.c. */
#ifndef STORE_SETTINGS_FILE_H
#define STORE_SETTINGS_FILE_H

#include <stdbool.h>
#include <stddef.h>

#include "util/span.h"

#define SETTINGS_BYTES_MAX (4u * 1024u * 1024u)     /* of the file */

/* PATH, the copy before it PATH.old, the one being written PATH.new; a broken one becomes PATH.broken. */
struct settings_file {
    char *path, *old, *tmp, *dir;       /* all NULL: in memory only */
    bool keep_old;                      /* PATH is broken and could not be moved: it must not become PATH.old */
};

/* Hands the newest whole copy to parse(); 0 takes it, -EBADMSG sends it to the next. path "": nothing. */
int settings_file_open(struct settings_file *f, const char *path, int (*parse)(void *arg, struct span text), void *arg);
void settings_file_close(struct settings_file *f);
int settings_file_write(struct settings_file *f, struct span text);

#endif
