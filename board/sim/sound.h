/* SPDX-License-Identifier: MIT */
/* An audio file in memory, divided into units (one frame; 40 ms of G.711), shared by all sources that play it. */
#ifndef BOARD_SIM_SOUND_H
#define BOARD_SIM_SOUND_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "gbagent/board.h"
#include "util/list.h"

#define SOUND_BYTES_MAX (64u * 1024u * 1024u)
#define SOUND_UNIT_US   40000u /* of G.711 */

struct sound_unit {
    uint32_t at, len; /* in bytes */
    uint32_t samples;
    uint64_t from; /* samples of all earlier units */
};

struct sound {
    struct list node;
    unsigned refs;
    enum gb_codec codec;
    uint32_t rate; /* samples per second, constant */
    uint8_t *data;
    size_t len;
    struct sound_unit *unit;
    size_t count;     /* >= 1 */
    uint64_t samples; /* of all units; >= 1 */
    char path[PATH_MAX];
};

/* One ADTS frame (ISO/IEC 13818-7 6.2). */
struct adts_frame {
    size_t len; /* bytes of header and data */
    uint32_t rate;
    uint32_t samples; /* 1024 per block */
};

/* The frame at data[0]: 0; -ENODATA: incomplete; -EBADMSG: not a frame. */
int adts_read(const uint8_t *data, size_t len, struct adts_frame *out);

bool sound_is_tone(const char *path);
/* false: unknown extension; AAC: frame_bytes 0 */
bool sound_extension(const char *path, enum gb_codec *codec, unsigned *frame_bytes);
/* Length of an ID3v2 tag at the beginning, including its header; 0: none. */
size_t id3_length(const uint8_t *data, size_t len);

/* Checks the text of `audio =`; as clip_check. */
int sound_check(const char *path, char *why);

/* Sets codec, rate, unit and count from the extension of path and data[0 .. len). -EINVAL, -ENOMEM; the caller frees
 * unit, even after an error. */
int sound_index(struct sound *s);

/* Finds the sound in `loaded`, or reads it once; later changes of the file have no effect. "tone" is a 1 kHz sine in
 * G.711 A-law, anything else a file whose extension gives the codec. Reference counted: release with sound_put. Logs
 * errors in the file. Errors of open; -EFBIG; -EINVAL: unknown extension, empty or invalid file; -ENOMEM. */
int sound_get(struct list *loaded, const char *path, struct sound **out);
/* For the file played in a loop, units numbered continuously; times in microseconds since the first sample. */
uint64_t sound_unit_at(const struct sound *s, uint64_t us); /* the first unit that begins then or later */
uint64_t sound_time(const struct sound *s, uint64_t n);     /* start of unit n, rounded down */
uint64_t sound_bytes(const struct sound *s, uint64_t n);    /* of the first n units */
void sound_put(struct sound *s);                            /* NULL is fine */

#endif
