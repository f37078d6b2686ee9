/* SPDX-License-Identifier: MIT */
/* Identifies files by their first bytes: containers and pictures mistaken for elementary streams. */
#ifndef BOARD_SIM_FILE_KIND_H
#define BOARD_SIM_FILE_KIND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FILE_KIND_BYTES 1024u /* enough to identify any kind */

enum file_holds {
    FILE_COPY,   /* video, most likely H.264 or H.265, and audio */
    FILE_ENCODE, /* video of another codec, and audio */
    FILE_STILL,  /* a picture */
    FILE_SOUND,  /* only audio */
    FILE_OTHER,  /* neither */
};

struct file_kind {
    const char *name; /* with an article: "an MP4 or MOV file" */
    enum file_holds holds;
};

/* NULL: unknown, as for elementary streams. is_sound: raw audio is expected, which may begin with any bytes, so only
 * signatures of four bytes or more count. */
const struct file_kind *file_kind(const uint8_t *head, size_t len, bool is_sound);

#endif
