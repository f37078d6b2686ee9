/* SPDX-License-Identifier: MIT */
/* An Annex B file in memory with the borders of its access units, shared by all sources that play it. */
#ifndef BOARD_SIM_CLIP_H
#define BOARD_SIM_CLIP_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "gbagent/board.h"
#include "util/list.h"

#define CLIP_BYTES_MAX (512u * 1024u * 1024u)

struct clip_unit {
    uint32_t at, len;
    bool key;
    bool whole;             /* exactly the units before it are shown before it: nothing is lost by going on elsewhere */
    int8_t shift;           /* its place among those shown, less its place in the file */
};

struct clip {
    struct list node;
    unsigned refs;
    enum gb_codec codec;
    uint8_t *data;
    size_t len;
    struct clip_unit *unit;
    size_t count;
    unsigned ahead, delay;  /* the largest shift, the largest the other way: 0 without B pictures */
    char path[PATH_MAX];
};

/* The paths that the text after "sim:" means, separated by commas: "" is the shipped clip, in GBAGENT_DATADIR or beside the
 * program. The n-th from 0: 0, -ENOENT past the last, -ENAMETOOLONG. */
int clip_path_at(const char *source, unsigned n, char *out, size_t size);
int clip_path(const char *source, char *out, size_t size);  /* the first */
/* Where a file that ships with the simulated camera lies. */
int clip_shipped(const char *name, char *out, size_t size); /* 0, -ENAMETOOLONG */

enum gb_codec clip_codec(const char *path);                 /* by its ending: H.264 unless it says H.265 */

/* A regular file: its descriptor and *size. -ENOENT and other errors of open; -EISDIR; -ENODEV: a device, pipe or socket, which is
 * not opened. */
int clip_open(const char *path, uint64_t *size);
/* A whole file of 1 to max bytes into *data, which is the caller's to free, also after an error. As clip_get. */
int clip_read(const char *path, size_t max, uint8_t **data, size_t *len);

#define CLIP_WHY_SIZE 768u

/* Whether the file can be played, from its first 256 KB: 0, or -ENOENT and other errors of open, -EFBIG, -EINVAL with one
 * line in why[CLIP_WHY_SIZE]: the path, what it is, what was expected, and how to convert it. -ENOMEM. */
int clip_check(const char *path, char *why);

/* Finds the clip in `loaded` or reads it (once; the file may change afterwards). Counted: clip_put when done.
 * -ENOENT and other errors of open; -EFBIG; -EINVAL: a container, or no key picture with parameter sets in it; -ENOMEM. What
 * is wrong is logged. */
int clip_get(struct list *loaded, const char *path, struct clip **out);
void clip_put(struct clip *c);

#endif
