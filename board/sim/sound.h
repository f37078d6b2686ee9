/* SPDX-License-Identifier: MIT */
/* A file of sound in memory, cut into units (one frame, of G.711 40 ms), shared by all sources that play it. */
#ifndef BOARD_SIM_SOUND_H
#define BOARD_SIM_SOUND_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "gbagent/board.h"
#include "util/list.h"

#define SOUND_BYTES_MAX (64u * 1024u * 1024u)
#define SOUND_UNIT_US 40000u        /* of G.711 */

struct sound_unit {
    uint32_t at, len;               /* in bytes */
    uint32_t samples;
    uint64_t from;                  /* samples of those before it */
};

struct sound {
    struct list node;
    unsigned refs;
    enum gb_codec codec;
    uint32_t rate;                  /* samples a second; one for the whole file */
    uint8_t *data;
    size_t len;
    struct sound_unit *unit;
    size_t count;                   /* >= 1 */
    uint64_t samples;               /* of all; >= 1 */
    char path[PATH_MAX];
};

/* One ADTS frame (ISO/IEC 13818-7 6.2). */
struct adts_frame {
    size_t len;                     /* of header and data, in bytes */
    uint32_t rate;
    uint32_t samples;               /* 1024 for each of its blocks */
};

/* The frame that begins at data[0]: 0; -ENODATA: it goes on after len; -EBADMSG: there is none. */
int adts_read(const uint8_t *data, size_t len, struct adts_frame *out);

bool sound_is_tone(const char *path);
bool sound_ending(const char *path, enum gb_codec *codec, unsigned *frame_bytes);       /* false: it says nothing; AAC: 0 */
/* Bytes of an ID3v2 tag at the beginning (a header of ten, a length of four times seven bits); 0 without one. */
size_t id3_length(const uint8_t *data, size_t len);

/* Of that text of `audio =`; as clip_check. */
int sound_check(const char *path, char *why);

/* Fills codec, rate, unit and count from path's ending and data[0 .. len), which it only reads. -EINVAL, -ENOMEM; unit is the
 * caller's to free, also after an error. */
int sound_index(struct sound *s);

/* Finds the sound in `loaded` or reads it (once; the file may change afterwards). "tone" is a sine of 1 kHz in G.711
 * A-law, anything else a file whose ending says what it is. Counted: sound_put when done. What is wrong in a file is logged.
 * -ENOENT and other errors of open; -EFBIG; -EINVAL: an ending that says nothing, an empty file, a broken one; -ENOMEM. */
int sound_get(struct list *loaded, const char *path, struct sound **out);
/* Of the file over and over, its units counted from the first time on; times in microseconds from the first sample. */
uint64_t sound_unit_at(const struct sound *s, uint64_t us);     /* the first that begins then or later */
uint64_t sound_time(const struct sound *s, uint64_t n);         /* at which unit n begins, rounded down */
uint64_t sound_bytes(const struct sound *s, uint64_t n);        /* of the first n units */
void sound_put(struct sound *s);    /* NULL is fine */

#endif
