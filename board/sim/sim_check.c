/* SPDX-License-Identifier: MIT */
/* Detects unplayable files in advance and explains how to convert them. */
#include "board/sim/sim.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "board/sim/access.h"
#include "board/sim/file_kind.h"
#include "codec/nal.h"
#include "util/buf.h"

#define HEAD_BYTES (64u * 1024u)  /* enough for most files */
#define MORE_BYTES (256u * 1024u) /* some milliseconds; tens of them in the worst case */

struct part_of_file {
    uint8_t *data;
    size_t len;
    uint64_t size; /* of the whole file */
};

/* Reads the first max bytes; the caller frees data, even after an error. */
static int read_part(const char *path, size_t max, struct part_of_file *out)
{
    ssize_t n = 0;
    int fd;

    memset(out, 0, sizeof(*out));
    fd = clip_open(path, &out->size);
    if (fd < 0)
        return fd;
    if (out->size) {
        out->data = malloc(max);
        n = out->data ? pread(fd, out->data, max, 0) : -ENOMEM;
        n = n == -1 ? -errno : n;
    }
    close(fd);
    out->len = n > 0 ? (size_t)n : 0;
    return n < 0 ? (int)n : 0;
}

/* A path, quoted for the shell if necessary. */
static void put_path(struct buf *out, const char *path)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./+,=:@%-";
    const char *quote = path[strspn(path, plain)] == '\0' ? "" : "'";

    buf_str(out, quote);
    for (; *path; path++)
        if (*path == '\'')
            buf_str(out, "'\\''");
        else
            buf_char(out, *path);
    buf_str(out, quote);
}

/* The same with another extension; if it is the same, with another name. */
static void put_output(struct buf *out, const char *path, const char *ending)
{
    const char *slash = strrchr(path, '/'), *dot = strrchr(slash ? slash : path, '.');
    char to[PATH_MAX];

    (void)snprintf(to, sizeof(to), "%.*s%s%s", dot ? (int)(dot - path) : (int)strlen(path), path,
                   dot && strcmp(dot, ending) == 0 ? "-raw" : "", ending);
    put_path(out, to);
}

static void put_command(struct buf *out, const char *path, const char *before, const char *options, const char *ending)
{
    buf_printf(out, ": ffmpeg %s-i ", before);
    put_path(out, path);
    buf_printf(out, " %s ", options);
    put_output(out, path, ending);
}

/* Checks common to all files. 0: a file, not empty and not too large. */
static int check_file(const char *path, int err, const struct part_of_file *f, uint64_t max, struct buf *why)
{
    buf_printf(why, "%s: ", path);
    if (err == -ENODEV) {
        buf_str(why, "not a regular file");
    } else if (err) {
        buf_str(why, strerror(-err));
    } else if (!f->size || !f->len) {
        buf_str(why, "empty file");
        err = -EINVAL;
    } else if (f->size > max) {
        buf_printf(why, "%llu MB, more than %llu", (unsigned long long)(f->size >> 20),
                   (unsigned long long)(max >> 20));
        err = -EFBIG;
    }
    return err;
}

/* ---- pictures ----------------------------------------------------------------------------------------- */

static bool has_key(enum gb_codec codec, const struct part_of_file *f)
{
    struct access *a = calloc(1, sizeof(*a));
    size_t at = 0, len;
    bool key = !a; /* out of memory: assume yes */

    if (a)
        a->sets.codec = codec;
    while (!key && (len = access_unit(a, f->data, f->len, at, &key)) > 0)
        at += len;
    free(a);
    return key;
}

static const char *codec_name(enum gb_codec codec)
{
    return codec == GB_CODEC_H265 ? "H.265" : "H.264";
}

static void refuse_kind(const char *path, enum gb_codec codec, const struct file_kind *kind, struct buf *why)
{
    const char *ending = codec == GB_CODEC_H265 ? ".h265" : ".h264";
    const char *encode = codec == GB_CODEC_H265 ? "-an -c:v libx265 -pix_fmt yuv420p"
                                                : "-an -c:v libx264 -pix_fmt yuv420p";

    buf_printf(why, "%s, expected an %s elementary stream (Annex B)", kind->name, codec_name(codec));
    if (kind->holds == FILE_COPY) {
        put_command(why, path, "", "-an -c:v copy", ending);
        buf_printf(why, " (for %s video; for H.26%s use the extension .h26%s)", codec_name(codec),
                   codec == GB_CODEC_H265 ? "4" : "5", codec == GB_CODEC_H265 ? "4" : "5");
    } else if (kind->holds == FILE_ENCODE) {
        put_command(why, path, "", encode, ending);
    } else if (kind->holds == FILE_STILL) {
        put_command(why, path, "-loop 1 -t 10 ", encode, ending);
    }
}

static int check_stream(const char *path, const struct part_of_file *f, struct buf *why)
{
    const enum gb_codec codec = clip_codec(path), other = codec == GB_CODEC_H265 ? GB_CODEC_H264 : GB_CODEC_H265;
    const struct file_kind *kind = file_kind(f->data, f->len, false);

    if (kind) {
        refuse_kind(path, codec, kind, why);
        return -EINVAL;
    }
    if (has_key(codec, f))
        return 0;
    if (has_key(other, f)) {
        buf_printf(why, "an %s stream named like %s: change the extension to %s", codec_name(other), codec_name(codec),
                   other == GB_CODEC_H265 ? ".h265" : ".h264");
        return -EINVAL;
    }
    if (f->len < f->size && nal_start(f->data, f->len, 0) < f->len)
        return 0; /* the key frame may follow later */
    buf_printf(why, "no key frame with parameter sets, expected an %s elementary stream (Annex B)", codec_name(codec));
    return -EINVAL;
}

int clip_check(const char *path, char *why)
{
    struct part_of_file f;
    struct buf out;
    int err = read_part(path, HEAD_BYTES, &f);

    if (!err && f.len == HEAD_BYTES && !file_kind(f.data, f.len, false) && !has_key(clip_codec(path), &f)) {
        free(f.data);
        err = read_part(path, MORE_BYTES, &f);
    }
    buf_init(&out, why, CLIP_WHY_SIZE);
    err = check_file(path, err, &f, CLIP_BYTES_MAX, &out);
    if (!err)
        err = check_stream(path, &f, &out);
    free(f.data);
    return err;
}

/* ---- sound -------------------------------------------------------------------------------------------- */

static void refuse_sound(const char *path, const char *what, enum gb_codec codec, bool convert, struct buf *why)
{
    static const struct {
        const char *is, *options, *ending;
    } ways[] = {
        [GB_CODEC_G711A] = { "8 kHz G.711 A-law without header", "-vn -ar 8000 -ac 1 -f alaw", ".pcma" },
        [GB_CODEC_G711U] = { "8 kHz G.711 u-law without header", "-vn -ar 8000 -ac 1 -f mulaw", ".pcmu" },
        [GB_CODEC_AAC] = { "AAC with ADTS headers", "-vn -c:a aac -f adts", ".aac" },
        [GB_CODEC_G7221] = { "G.722.1 in frames of 80 bytes", NULL, NULL },
    };

    buf_printf(why, "%s, expected %s", what, ways[codec].is);
    if (convert && ways[codec].options)
        put_command(why, path, "", ways[codec].options, ways[codec].ending);
}

static int check_aac(const char *path, const struct part_of_file *f, struct buf *why)
{
    const struct file_kind *kind;
    struct adts_frame frame;
    size_t at = id3_length(f->data, f->len);

    if (at >= f->len || adts_read(f->data + at, f->len - at, &frame) != -EBADMSG)
        return 0;
    kind = file_kind(f->data + at, f->len - at, false);
    refuse_sound(path, kind ? kind->name : "no ADTS frame", GB_CODEC_AAC, kind != NULL, why);
    return -EINVAL;
}

static int check_sound(const char *path, const struct part_of_file *f, struct buf *why)
{
    const struct file_kind *kind = file_kind(f->data, f->len, true);
    enum gb_codec codec = GB_CODEC_NONE;
    unsigned frame_bytes = 0;
    char text[64];

    if (!sound_extension(path, &codec, &frame_bytes)) {
        (void)snprintf(text, sizeof(text), "%s", kind ? kind->name : "unknown file name extension");
        refuse_sound(path, text, GB_CODEC_G711A, kind != NULL, why);
        buf_str(why, ", or a file name ending in .pcmu, .aac or .g7221");
        return -EINVAL;
    }
    if (kind) {
        refuse_sound(path, kind->name, codec, kind->holds != FILE_STILL && kind->holds != FILE_OTHER, why);
        return -EINVAL;
    }
    if (codec == GB_CODEC_AAC)
        return check_aac(path, f, why);
    if (f->size % frame_bytes != 0) {
        (void)snprintf(text, sizeof(text), "%llu bytes", (unsigned long long)f->size);
        refuse_sound(path, text, codec, false, why);
        return -EINVAL;
    }
    return 0;
}

int sound_check(const char *path, char *why)
{
    struct part_of_file f = { 0 };
    struct buf out;
    int err;

    if (sound_is_tone(path))
        return 0;
    err = read_part(path, HEAD_BYTES, &f);
    buf_init(&out, why, CLIP_WHY_SIZE);
    err = check_file(path, err, &f, SOUND_BYTES_MAX, &out);
    if (!err)
        err = check_sound(path, &f, &out);
    free(f.data);
    return err;
}

/* ---- the operation ------------------------------------------------------------------------------------ */

int sim_check(const struct board_value *value, const struct board_channel *ch, enum board_part part, char *why,
              size_t size)
{
    char path[PATH_MAX], text[CLIP_WHY_SIZE] = "";
    unsigned n = 0;
    int err = 0;

    (void)value;
    if (part == BOARD_AUDIO) {
        err = sound_check(ch->audio, text);
    } else {
        while (!err && clip_path_at(ch->source, n, path, sizeof(path)) == 0) {
            err = clip_check(path, text);
            n++;
        }
    }
    if (err)
        (void)snprintf(why, size, "%s", text);
    return err;
}
