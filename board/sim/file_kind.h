/* SPDX-License-Identifier: MIT */
/* What a file is, by its first bytes: containers and pictures that somebody takes for an elementary stream. */
#ifndef BOARD_SIM_FILE_KIND_H
#define BOARD_SIM_FILE_KIND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FILE_KIND_BYTES 1024u       /* enough to tell */

enum file_holds {
    FILE_COPY,          /* video that is most likely H.264 or H.265, and sound */
    FILE_ENCODE,        /* video of another codec, and sound */
    FILE_STILL,         /* a picture */
    FILE_SOUND,         /* sound alone */
    FILE_OTHER,         /* neither */
};

struct file_kind {
    const char *name;   /* with its article: "an MP4 or MOV file" */
    enum file_holds holds;
};

/* NULL: nothing that is known here, as an elementary stream is. is_sound: it shall be raw sound, which may begin with any
 * bytes: only what four bytes or more give away is told. */
const struct file_kind *file_kind(const uint8_t *head, size_t len, bool is_sound);

#endif
