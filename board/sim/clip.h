/* SPDX-License-Identifier: MIT */
/* An Annex B file in memory with an index of its access units, shared by all sources that play it. */
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
    bool whole;   /* exactly the units before it are displayed before it: a jump here loses no picture */
    int8_t shift; /* its position in display order minus its position in the file */
};

struct clip {
    struct list node;
    unsigned refs;
    enum gb_codec codec;
    uint8_t *data;
    size_t len;
    struct clip_unit *unit;
    size_t count;
    unsigned ahead, delay; /* the largest shifts, positive and negative: 0 without B pictures */
    char path[PATH_MAX];
};

/* The n-th path (from 0) of the comma-separated text after "sim:". "" is the shipped clip, in
 * GBAGENT_DATADIR or next to the program. -ENOENT: past the last one; -ENAMETOOLONG. */
int clip_path_at(const char *source, unsigned n, char *out, size_t size);
int clip_path(const char *source, char *out, size_t size); /* the first */
/* The path of a file shipped with the simulated camera. */
int clip_shipped(const char *name, char *out, size_t size); /* 0, -ENAMETOOLONG */

enum gb_codec clip_codec(const char *path); /* by extension: H.265, else H.264 */

/* Opens a regular file: returns its descriptor and *size. Errors of open; -EISDIR; -ENODEV: a device, pipe or socket,
 * which is not opened. */
int clip_open(const char *path, uint64_t *size);
/* Reads a file of 1 to max bytes into *data, which the caller frees, even after an error. Errors as clip_get. */
int clip_read(const char *path, size_t max, uint8_t **data, size_t *len);

#define CLIP_WHY_SIZE 768u

/* Checks from the first 256 KB whether a file can be played: 0; errors of open; -EFBIG; -EINVAL; -ENOMEM. On error
 * why[CLIP_WHY_SIZE] has one line: the path, what the file is, what was expected, and how to convert it. */
int clip_check(const char *path, char *why);

/* Finds the clip in `loaded`, or reads it once; later changes of the file have no effect. Reference counted: release
 * with clip_put. Errors of open; -EFBIG; -EINVAL: a container, or no key frame with parameter sets; -ENOMEM. Logs
 * errors. */
int clip_get(struct list *loaded, const char *path, struct clip **out);
void clip_put(struct clip *c);

#endif
