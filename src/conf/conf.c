/* SPDX-License-Identifier: MIT */
#include "conf/conf.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "conf/conf_priv.h"

static void finish(struct conf_state *st)
{
    struct conf *c = st->conf;
    unsigned channels = 0;

    for (unsigned i = 0; i < st->nitems; i++) {
        channels += c->item[i].kind == DEVICE_CHANNEL;
        if (!strcmp(c->item[i].id, c->device.id))
            conf_warn(st, 0, "[channel %s]: same ID as the device", c->item[i].id);
    }
    if (!st->once[CONF_DEVICE])
        conf_error(st, 0, "missing section [device]");
    if (!c->nplatforms && !st->once[CONF_PLATFORM])
        conf_error(st, 0, "missing section [platform NAME], at least one is required");
    if (!channels && !st->once[CONF_CHANNEL])
        conf_error(st, 0, "missing section [channel ID], at least one is required");
    conf_boards_finish(st);
    for (unsigned i = 0; i < c->nplatforms; i++) {
        struct agent_config *a = &c->platform[i].agent;

        if (a->server_id[0] && !strcmp(a->server_id, c->device.id))
            conf_warn(st, st->platform_id_line[i], "id: same as the ID of the device");
        a->max_per_channel = st->shared.max_per_channel;
        a->nmedia_allow = st->shared.nallow;
        memcpy(a->media_allow, st->shared.allow, sizeof(a->media_allow));
    }
    c->device.item = c->item;
    c->device.nitems = st->nitems;
}

int conf_read(const char *name, FILE *in, FILE *errors, struct conf **out)
{
    struct conf_state *st = calloc(1, sizeof(*st));
    int err = -ENOMEM;

    *out = NULL;
    if (!st)
        return err;
    st->file = name;
    st->in = in;
    st->errors = errors;
    st->conf = calloc(1, sizeof(*st->conf));
    if (!st->conf || conf_boards_new(st) < 0)
        goto out;
    st->base[CONF_IN_CONF] = (char *)st->conf;
    st->base[CONF_IN_SHARED] = (char *)&st->shared;
    for (unsigned i = 0; i < CONF_SECTIONS; i++)
        conf_set_defaults(st, (enum conf_section)i);
    err = conf_file_parse(st);
    if (!err && ferror(in))
        err = -EIO;
    if (err)
        goto out;
    finish(st);
    st->conf->device.loaded_unix_s = (int64_t)time(NULL);
    err = st->nerrors ? -EINVAL : 0;
out:
    if (err)
        conf_free(st->conf);
    else
        *out = st->conf;
    free(st);
    return err;
}

int conf_load(const char *path, FILE *errors, struct conf **out)
{
    FILE *in = fopen(path, "re");
    struct stat sb;
    int err;

    *out = NULL;
    if (!in) {
        err = -errno;
        if (errors)
            fprintf(errors, "%s: %s\n", path, strerror(-err));
        return err;
    }
    memset(&sb, 0, sizeof(sb));
    if (!fstat(fileno(in), &sb) && S_ISREG(sb.st_mode) && (sb.st_mode & 066) && errors)
        fprintf(errors, "warning: %s: contains passwords, but other users have access: chmod 600 %s\n", path, path);
    err = S_ISDIR(sb.st_mode) ? -EISDIR : conf_read(path, in, errors, out);
    if (err && err != -EINVAL && errors)
        fprintf(errors, "%s: %s\n", path, strerror(-err));
    fclose(in);
    return err;
}

void conf_free(struct conf *c)
{
    if (!c)
        return;
    if (c->platform)
        explicit_bzero(c->platform, c->nplatforms * sizeof(*c->platform));
    conf_boards_free(c);
    free(c->platform);
    free(c->item);
    free(c->channel);
    free(c);
}
