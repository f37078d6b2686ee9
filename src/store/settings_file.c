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

static char *dir_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    char *out = strdup(slash == path ? "/" : slash ? path : ".");

    if (out && slash && slash != path)
        out[slash - path] = '\0';
    return out;
}

/* ---- reading ---------------------------------------------------------------------------------- */

/* *out has room for one byte more than *len. */
static int read_file(const char *path, char **out, size_t *len)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC), err = 0;
    char *mem = NULL;
    struct stat st;
    ssize_t n = 1;

    if (fd < 0)
        return -errno;
    *len = 0;
    if (fstat(fd, &st) < 0)
        err = -errno;
    else if (!S_ISREG(st.st_mode) || st.st_size > (off_t)SETTINGS_BYTES_MAX)
        err = -EBADMSG;
    else if (!(mem = malloc((size_t)st.st_size + 1)))
        err = -ENOMEM;
    while (!err && *len < (size_t)st.st_size && n > 0) {
        n = read(fd, mem + *len, (size_t)st.st_size - *len);
        if (n > 0)
            *len += (size_t)n;
        else if (n < 0 && errno == EINTR)
            n = 1;
        else if (n < 0)
            err = -errno;
    }
    close(fd);
    if (err)
        free(mem);
    else
        *out = mem;
    return err;
}

static int load(const char *path, int (*parse)(void *arg, struct span text), void *arg)
{
    char *mem = NULL;
    size_t len = 0;
    int err = read_file(path, &mem, &len);

    if (err)
        return err;
    err = parse(arg, (struct span){ mem, len });
    free(mem);
    return err;
}

/* The next write must not replace a good PATH.old with the corrupt file. */
static void move_aside(struct settings_file *f, int why)
{
    char *broken = with_suffix(f->path, ".broken");

    f->keep_old = !broken || rename(f->path, broken) < 0;
    log_error("settings: file-corrupt file=\"%s\" reason=\"%s\" moved_to=\"%s\"", f->path, strerror(-why),
              f->keep_old ? "" : broken);
    free(broken);
}

static int load_any(struct settings_file *f, int (*parse)(void *arg, struct span text), void *arg)
{
    int err = load(f->path, parse, arg), old_err;

    if (!err || err == -ENOMEM)
        return err;
    if (err != -ENOENT)
        move_aside(f, err);
    old_err = load(f->old, parse, arg);
    if (old_err == -ENOMEM)
        return old_err;
    if (!old_err)
        log_warn("settings: previous-copy-loaded file=\"%s\"", f->old);
    else if (err != -ENOENT || old_err != -ENOENT)
        log_error("settings: lost file=\"%s\"", f->path);
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
    f->dir = dir_of(path);
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
    int fd = open(f->tmp, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600), err;

    if (fd < 0)
        return -errno;
    err = write_all(fd, text);
    if (!err && fsync(fd) < 0)
        err = -errno;
    if (close(fd) < 0 && !err)
        err = -errno;
    return err;
}

/* Some file systems cannot sync a directory; that is not an error. */
static int sync_dir(const struct settings_file *f)
{
    int fd = open(f->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC), err = 0;

    if (fd < 0)
        return -errno;
    if (fsync(fd) < 0 && errno != EINVAL && errno != ENOTSUP)
        err = -errno;
    close(fd);
    return err;
}

int settings_file_write(struct settings_file *f, struct span text)
{
    int err = write_tmp(f, text);

    if (err)
        return err;
    /* Between the two renames only PATH.old exists; it is loaded then. */
    if (!f->keep_old && rename(f->path, f->old) < 0 && errno != ENOENT)
        return -errno;
    if (rename(f->tmp, f->path) < 0)
        return -errno;
    f->keep_old = false;
    return sync_dir(f);
}
