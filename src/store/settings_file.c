/* SPDX-License-Identifier: MIT */
#include "store/settings_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "util/log.h"

static char *with_suffix(const char *path, const char *suffix)
{
    size_t n = strlen(path), m = strlen(suffix);
    char *out = malloc(n + m + 1);

    if (out) {
        memcpy(out, path, n);
        memcpy(out + n, suffix, m + 1);
    }
    return out;
}

static char *folder_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    char *out = strdup(slash == path ? "/" : slash ? path : ".");

    if (out && slash && slash != path)
        out[slash - path] = '\0';
    return out;
}

/* ---- reading ---------------------------------------------------------------------------------- */

/* *out has one byte more than *len. */
static int read_file(const char *path, char **out, size_t *len)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC), ret = 0;
    char *mem = NULL;
    struct stat st;
    ssize_t n = 1;

    if (fd < 0)
        return -errno;
    *len = 0;
    if (fstat(fd, &st) < 0)
        ret = -errno;
    else if (!S_ISREG(st.st_mode) || st.st_size > (off_t)SETTINGS_BYTES_MAX)
        ret = -EBADMSG;
    else if (!(mem = malloc((size_t)st.st_size + 1)))
        ret = -ENOMEM;
    while (!ret && *len < (size_t)st.st_size && n > 0) {
        n = read(fd, mem + *len, (size_t)st.st_size - *len);
        if (n > 0)
            *len += (size_t)n;
        else if (n < 0 && errno == EINTR)
            n = 1;
        else if (n < 0)
            ret = -errno;
    }
    close(fd);
    if (ret)
        free(mem);
    else
        *out = mem;
    return ret;
}

static int load(const char *path, int (*parse)(void *arg, struct span text), void *arg)
{
    char *mem = NULL;
    size_t len = 0;
    int ret = read_file(path, &mem, &len);

    if (ret)
        return ret;
    ret = parse(arg, (struct span){ mem, len });
    free(mem);
    return ret;
}

/* Neither copy may be lost to the next write: the broken one goes away, or is not kept as the previous one. */
static void move_aside(struct settings_file *f, int why)
{
    char *broken = with_suffix(f->path, ".broken");

    if (broken && rename(f->path, broken) == 0) {
        log_error("settings: %s is broken (%s), moved to %s", f->path, strerror(-why), broken);
    } else {
        log_error("settings: %s is broken (%s)", f->path, strerror(-why));
        f->keep_old = true;
    }
    free(broken);
}

static int load_any(struct settings_file *f, int (*parse)(void *arg, struct span text), void *arg)
{
    int ret = load(f->path, parse, arg), old;

    if (!ret || ret == -ENOMEM)
        return ret;
    if (ret != -ENOENT)
        move_aside(f, ret);
    old = load(f->old, parse, arg);
    if (old == -ENOMEM)
        return old;
    if (!old)
        log_warn("settings: the previous copy %s is used", f->old);
    else if (ret != -ENOENT || old != -ENOENT)
        log_error("settings: no usable copy of %s, everything is as the config says", f->path);
    return 0;
}

int settings_file_open(struct settings_file *f, const char *path, int (*parse)(void *arg, struct span text), void *arg)
{
    struct stat st;

    memset(f, 0, sizeof(*f));
    if (!path[0])
        return 0;
    f->path = strdup(path);
    f->old = with_suffix(path, ".old");
    f->tmp = with_suffix(path, ".new");
    f->dir = folder_of(path);
    if (!f->path || !f->old || !f->tmp || !f->dir)
        return -ENOMEM;
    if (stat(f->dir, &st) < 0)
        return -errno;
    if (!S_ISDIR(st.st_mode))
        return -ENOTDIR;
    return load_any(f, parse, arg);
}

void settings_file_close(struct settings_file *f)
{
    free(f->path);
    free(f->old);
    free(f->tmp);
    free(f->dir);
    memset(f, 0, sizeof(*f));
}

/* ---- writing ---------------------------------------------------------------------------------- */

static int write_all(int fd, struct span text)
{
    while (text.n) {
        ssize_t n = write(fd, text.p, text.n);
        if (n < 0 && errno != EINTR)
            return -errno;
        if (n > 0)
            text = span_from(text, (size_t)n);
    }
    return 0;
}

static int write_tmp(const struct settings_file *f, struct span text)
{
    int fd = open(f->tmp, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600), ret;

    if (fd < 0)
        return -errno;
    ret = write_all(fd, text);
    if (!ret && fsync(fd) < 0)
        ret = -errno;
    if (close(fd) < 0 && !ret)
        ret = -errno;
    return ret;
}

/* File systems that cannot sync a directory say so; they have no better to offer. */
static int sync_folder(const struct settings_file *f)
{
    int fd = open(f->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC), ret = 0;

    if (fd < 0)
        return -errno;
    if (fsync(fd) < 0 && errno != EINVAL && errno != ENOTSUP)
        ret = -errno;
    close(fd);
    return ret;
}

int settings_file_write(struct settings_file *f, struct span text)
{
    int ret = write_tmp(f, text);

    if (ret)
        return ret;
    /* Between the two renames there is only PATH.old, which loads as well. */
    if (!f->keep_old && rename(f->path, f->old) < 0 && errno != ENOENT)
        return -errno;
    if (rename(f->tmp, f->path) < 0)
        return -errno;
    f->keep_old = false;
    return sync_folder(f);
}
