/* SPDX-License-Identifier: MIT */
#include "board/sim/clip.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "board/sim/access.h"
#include "board/sim/file_kind.h"
#include "board/sim/poc.h"
#include "util/log.h"

#define SHIPPED "clip.h264"

int clip_shipped(const char *name, char *out, size_t size)
{
    char exe[PATH_MAX];
    ssize_t n;
    int len;

    len = snprintf(out, size, "%s/%s", GBAGENT_DATADIR, name);
    if (len >= 0 && (size_t)len < size && access(out, R_OK) == 0)
        return 0;
    n = readlink("/proc/self/exe", exe, sizeof(exe) - 1);
    exe[n > 0 ? n : 0] = '\0';
    char *slash = strrchr(exe, '/');
    if (slash)
        *slash = '\0';
    len = snprintf(out, size, "%s/%s", slash ? exe : ".", name);
    return len >= 0 && (size_t)len < size ? 0 : -ENAMETOOLONG;
}

int clip_path_at(const char *source, unsigned n, char *out, size_t size)
{
    size_t len;

    for (; n > 0; n--) {
        source = strchr(source, ',');
        if (!source)
            return -ENOENT;
        source++;
    }
    len = strcspn(source, ",");
    if (len == 0)
        return clip_shipped(SHIPPED, out, size);
    if (len >= size)
        return -ENAMETOOLONG;
    memcpy(out, source, len);
    out[len] = '\0';
    return 0;
}

int clip_path(const char *source, char *out, size_t size)
{
    return clip_path_at(source, 0, out, size);
}

enum gb_codec clip_codec(const char *path)
{
    static const char *const h265[] = { ".h265", ".265", ".hevc" };
    const char *dot = strrchr(path, '.');

    for (size_t i = 0; dot && i < sizeof(h265) / sizeof(h265[0]); i++)
        if (strcasecmp(dot, h265[i]) == 0)
            return GB_CODEC_H265;
    return GB_CODEC_H264;
}

static int read_all(int fd, uint8_t *data, size_t len)
{
    size_t got = 0;

    while (got < len) {
        ssize_t n = read(fd, data + got, len - got);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return n < 0 ? -errno : -EIO;
        got += (size_t)n;
    }
    return 0;
}

static int kind_error(const struct stat *st)
{
    return S_ISREG(st->st_mode) ? 0 : S_ISDIR(st->st_mode) ? -EISDIR : -ENODEV;
}

/* stat() first: opening a device may start it, and opening a pipe wakes its writer. */
int clip_open(const char *path, uint64_t *size)
{
    struct stat st;
    int fd = -1, err = stat(path, &st) < 0 ? -errno : kind_error(&st);

    if (!err) {
        fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
        err = fd < 0 || fstat(fd, &st) < 0 ? -errno : kind_error(&st);
    }
    if (err) {
        if (fd >= 0)
            close(fd);
        return err;
    }
    *size = (uint64_t)st.st_size;
    return fd;
}

int clip_read(const char *path, size_t max, uint8_t **data, size_t *len)
{
    uint64_t size;
    int err = 0, fd = clip_open(path, &size);

    if (fd < 0)
        return fd;
    if (size == 0 || size > max) {
        err = size == 0 ? -EINVAL : -EFBIG;
    } else {
        *len = (size_t)size;
        *data = malloc(*len);
        err = *data ? read_all(fd, *data, *len) : -ENOMEM;
    }
    close(fd);
    return err;
}

static int add_unit(struct clip *c, size_t *cap, size_t at, size_t len, bool key)
{
    if (c->count == *cap) {
        size_t n = *cap ? *cap * 2 : 256;
        struct clip_unit *grown = realloc(c->unit, n * sizeof(*grown));
        if (!grown)
            return -ENOMEM;
        c->unit = grown;
        *cap = n;
    }
    c->unit[c->count++] = (struct clip_unit){ (uint32_t)at, (uint32_t)len, key, true, 0 };
    return 0;
}

/* Skips units before the first key frame, which cannot be decoded. */
static int index_units(struct clip *c)
{
    struct access *a = calloc(1, sizeof(*a));
    size_t at = 0, len, cap = 0;
    int err = a ? 0 : -ENOMEM;
    bool key;

    if (a)
        a->sets.codec = c->codec;
    while (!err && (len = access_unit(a, c->data, c->len, at, &key)) > 0) {
        if (c->count > 0 || key)
            err = add_unit(c, &cap, at, len, key);
        at += len;
    }
    free(a);
    return err ? err : c->count ? 0 : -EINVAL;
}

static void log_unplayable(const char *path, int err)
{
    char why[CLIP_WHY_SIZE], quoted[CLIP_WHY_SIZE + 64];

    if (err == -ENOMEM || clip_check(path, why) == 0)
        (void)snprintf(why, sizeof(why), "%s: %s", path, strerror(-err));
    log_error("sim: clip-unplayable reason=%s", log_quoted(quoted, sizeof(quoted), span_of(why)));
}

int clip_get(struct list *loaded, const char *path, struct clip **out)
{
    char quoted[PATH_MAX];
    struct clip *c;
    int err;

    list_each(it, loaded) {
        c = container_of(it, struct clip, node);
        if (strcmp(c->path, path) == 0) {
            c->refs++;
            *out = c;
            return 0;
        }
    }
    c = calloc(1, sizeof(*c));
    if (!c)
        return -ENOMEM;
    c->refs = 1;
    list_init(&c->node);
    err = snprintf(c->path, sizeof(c->path), "%s", path) < (int)sizeof(c->path) ? 0 : -ENAMETOOLONG;
    if (!err) {
        c->codec = clip_codec(path);
        err = clip_read(path, CLIP_BYTES_MAX, &c->data, &c->len);
    }
    if (!err && file_kind(c->data, c->len, false))
        err = -EINVAL;
    if (!err)
        err = index_units(c);
    if (!err) {
        int order = poc_order(c);
        if (order == -ENOMEM)
            err = order;
        else if (order)
            log_info("sim: picture-order-unknown file=%s", log_quoted(quoted, sizeof(quoted), span_of(path)));
    }
    if (err) {
        clip_put(c);
        log_unplayable(path, err);
        return err;
    }
    list_append(loaded, &c->node);
    *out = c;
    return 0;
}

void clip_put(struct clip *c)
{
    if (c && --c->refs == 0) {
        list_remove(&c->node);
        free(c->unit);
        free(c->data);
        free(c);
    }
}
