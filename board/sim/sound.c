/* SPDX-License-Identifier: MIT */
#include "board/sim/sound.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "board/sim/clip.h"
#include "board/sim/file_kind.h"
#include "util/log.h"

#define TONE    "tone"
#define MILLION UINT64_C(1000000)

/* G.722.1 is taken as 32 kbit/s; a file does not show whether it is 24 kbit/s. */
static const struct sound_kind {
    const char *ending;
    enum gb_codec codec;
    unsigned rate, frame_bytes, frame_samples; /* 0: in each frame's header */
} kinds[] = {
    { ".pcma", GB_CODEC_G711A, 8000, 1, 1 },
    { ".alaw", GB_CODEC_G711A, 8000, 1, 1 },
    { ".pcmu", GB_CODEC_G711U, 8000, 1, 1 },
    { ".ulaw", GB_CODEC_G711U, 8000, 1, 1 },
    { ".aac", GB_CODEC_AAC, 0, 0, 0 },
    { ".adts", GB_CODEC_AAC, 0, 0, 0 },
    { ".g7221", GB_CODEC_G7221, 16000, 80, 320 },
};

static const struct sound_kind *kind_of(const char *path)
{
    const char *dot = strrchr(path, '.');

    for (size_t i = 0; dot && i < sizeof(kinds) / sizeof(kinds[0]); i++)
        if (strcasecmp(dot, kinds[i].ending) == 0)
            return &kinds[i];
    return NULL;
}

static void log_unplayable(const char *path, const char *reason)
{
    char file[PATH_MAX];

    log_warn("sim: audio-unplayable file=%s reason=\"%s\"", log_quoted(file, sizeof(file), span_of(path)), reason);
}

/* ---- units ---------------------------------------------------------------------------------------------- */

static int add_unit(struct sound *s, size_t *cap, const struct sound_unit *u)
{
    if (s->count == *cap) {
        size_t n = *cap ? *cap * 2 : 64;
        struct sound_unit *grown = realloc(s->unit, n * sizeof(*grown));
        if (!grown)
            return -ENOMEM;
        s->unit = grown;
        *cap = n;
    }
    s->unit[s->count] = *u;
    s->unit[s->count++].from = s->samples;
    s->samples += u->samples;
    return 0;
}

/* Platforms give all frames of a PES the time of the first, so a unit is one frame, unless frames are single
 * samples. */
static bool is_full(const struct sound *s, const struct sound_kind *kind, const struct sound_unit *u)
{
    return u->samples > 0 && (kind->frame_samples > 1 || u->samples * MILLION >= (uint64_t)SOUND_UNIT_US * s->rate);
}

static int index_even(struct sound *s, const struct sound_kind *kind)
{
    size_t cap = 0, at = 0;
    int err = 0;

    s->rate = kind->rate;
    if (s->len % kind->frame_bytes != 0) {
        log_unplayable(s->path, "size is not a multiple of the frame size");
        return -EINVAL;
    }
    while (at < s->len && !err) {
        struct sound_unit u = { .at = (uint32_t)at };
        for (; at < s->len && !is_full(s, kind, &u); at += kind->frame_bytes) {
            u.len += kind->frame_bytes;
            u.samples += kind->frame_samples;
        }
        err = add_unit(s, &cap, &u);
    }
    return err;
}

/* ---- AAC ------------------------------------------------------------------------------------------------ */

int adts_read(const uint8_t *data, size_t len, struct adts_frame *out)
{
    static const uint32_t rates[] = { 96000, 88200, 64000, 48000, 44100, 32000, 24000,
                                      22050, 16000, 12000, 11025, 8000,  7350 };
    size_t header, whole;
    unsigned rate;

    if (len < 7)
        return -ENODATA;
    header = data[1] & 0x01 ? 7 : 9; /* with a CRC */
    rate = data[2] >> 2 & 0x0Fu;
    whole = (size_t)(data[3] & 0x03u) << 11 | (size_t)data[4] << 3 | data[5] >> 5;
    /* syncword, layer */
    if (data[0] != 0xFF || (data[1] & 0xF6) != 0xF0 || rate >= sizeof(rates) / sizeof(rates[0]) || whole <= header)
        return -EBADMSG;
    if (whole > len)
        return -ENODATA;
    *out = (struct adts_frame){ .len = whole, .rate = rates[rate], .samples = 1024u * (1u + (data[6] & 0x03u)) };
    return 0;
}

size_t id3_length(const uint8_t *p, size_t len)
{
    if (len < 10 || memcmp(p, "ID3", 3) != 0 || ((p[6] | p[7] | p[8] | p[9]) & 0x80))
        return 0;
    return 10u + ((size_t)p[6] << 21 | (size_t)p[7] << 14 | (size_t)p[8] << 7 | p[9]) + (p[5] & 0x10 ? 10u : 0u);
}

/* Whether the rest is an ID3v1 tag or an incomplete frame. */
static bool is_tail(const struct sound *s, size_t at, int err)
{
    char file[PATH_MAX];

    if (s->len - at == 128 && memcmp(s->data + at, "TAG", 3) == 0)
        return true;
    if (err == -ENODATA) {
        log_warn("sim: audio-truncated file=%s bytes=%zu", log_quoted(file, sizeof(file), span_of(s->path)),
                 s->len - at);
        return true;
    }
    return false;
}

static int index_adts(struct sound *s)
{
    size_t cap = 0, at = id3_length(s->data, s->len);
    struct adts_frame f;
    int err = 0;

    while (at < s->len && !err) {
        err = adts_read(s->data + at, s->len - at, &f);
        if (err && is_tail(s, at, err)) {
            err = 0;
            break;
        }
        if (err || (s->rate && f.rate != s->rate)) {
            log_unplayable(s->path, err ? "no ADTS frame" : "the sampling rate changes");
            return -EINVAL;
        }
        s->rate = f.rate;
        err = add_unit(s, &cap,
                       &(struct sound_unit){ .at = (uint32_t)at, .len = (uint32_t)f.len, .samples = f.samples });
        at += f.len;
    }
    return err;
}

/* ---- one copy for all ----------------------------------------------------------------------------------- */

/* 1 kHz at 0 dBm0: the sequence of ITU-T G.711, table 5, for a unit. */
static int make_tone(struct sound *s)
{
    static const uint8_t period[] = { 0x34, 0x21, 0x21, 0x34, 0xB4, 0xA1, 0xA1, 0xB4 };

    s->codec = GB_CODEC_G711A;
    s->len = 320;
    s->data = malloc(s->len);
    for (size_t i = 0; s->data && i < s->len; i++)
        s->data[i] = period[i % sizeof(period)];
    return s->data ? index_even(s, &kinds[0]) : -ENOMEM;
}

int sound_index(struct sound *s)
{
    const struct sound_kind *kind = kind_of(s->path);
    int err;

    if (!kind)
        return -EINVAL;
    s->codec = kind->codec;
    err = kind->frame_bytes ? index_even(s, kind) : index_adts(s);
    if (!err && s->count == 0) {
        log_unplayable(s->path, "no frames");
        err = -EINVAL;
    }
    return err;
}

static int read_sound(struct sound *s)
{
    int err;

    if (sound_is_tone(s->path))
        return make_tone(s);
    if (!kind_of(s->path)) {
        log_unplayable(s->path, "expected tone, or a file name ending in .pcma, .pcmu, .aac or .g7221");
        return -EINVAL;
    }
    err = clip_read(s->path, SOUND_BYTES_MAX, &s->data, &s->len);
    if (err)
        return err;
    if (file_kind(s->data, s->len, true)) {
        char why[CLIP_WHY_SIZE], quoted[CLIP_WHY_SIZE + 64];
        log_warn("sim: audio-unplayable reason=%s",
                 log_quoted(quoted, sizeof(quoted), span_of(sound_check(s->path, why) ? why : s->path)));
        return -EINVAL;
    }
    return sound_index(s);
}

bool sound_is_tone(const char *path)
{
    return strcmp(path, TONE) == 0;
}

bool sound_extension(const char *path, enum gb_codec *codec, unsigned *frame_bytes)
{
    const struct sound_kind *kind = kind_of(path);

    if (kind) {
        *codec = kind->codec;
        *frame_bytes = kind->frame_bytes;
    }
    return kind != NULL;
}

int sound_get(struct list *loaded, const char *path, struct sound **out)
{
    struct sound *s;
    int err;

    list_each(it, loaded) {
        s = container_of(it, struct sound, node);
        if (strcmp(s->path, path) == 0) {
            s->refs++;
            *out = s;
            return 0;
        }
    }
    s = calloc(1, sizeof(*s));
    if (!s)
        return -ENOMEM;
    s->refs = 1;
    list_init(&s->node);
    err = snprintf(s->path, sizeof(s->path), "%s", path) < (int)sizeof(s->path) ? 0 : -ENAMETOOLONG;
    if (!err)
        err = read_sound(s);
    if (err) {
        sound_put(s);
        return err;
    }
    list_append(loaded, &s->node);
    *out = s;
    return 0;
}

/* Whole seconds first, so that no product overflows. */
static uint64_t samples_until(const struct sound *s, uint64_t us)
{
    return us / MILLION * s->rate + (us % MILLION * s->rate + MILLION - 1) / MILLION;
}

uint64_t sound_unit_at(const struct sound *s, uint64_t us)
{
    const uint64_t n = samples_until(s, us), rest = n % s->samples;
    size_t low = 0, high = s->count;

    while (low < high) {
        size_t mid = low + (high - low) / 2;
        if (s->unit[mid].from < rest)
            low = mid + 1;
        else
            high = mid;
    }
    return n / s->samples * s->count + low;
}

uint64_t sound_time(const struct sound *s, uint64_t n)
{
    const uint64_t at = n / s->count * s->samples + s->unit[n % s->count].from;

    return at / s->rate * MILLION + at % s->rate * MILLION / s->rate;
}

uint64_t sound_bytes(const struct sound *s, uint64_t n)
{
    const struct sound_unit *last = &s->unit[s->count - 1];
    const uint64_t loop = last->at + (uint64_t)last->len - s->unit[0].at;

    return n / s->count * loop + s->unit[n % s->count].at - s->unit[0].at;
}

void sound_put(struct sound *s)
{
    if (s && --s->refs == 0) {
        list_remove(&s->node);
        free(s->unit);
        free(s->data);
        free(s);
    }
}
