/* SPDX-License-Identifier: MIT */
#include "conf/conf.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "conf/conf_priv.h"

/* ---- messages ------------------------------------------------------------------------------ */

static void __attribute__((format(printf, 4, 0)))
report(struct conf_state *st, const char *prefix, unsigned line, const char *fmt, va_list ap)
{
    if (!st->errors)
        return;
    fprintf(st->errors, "%s%s:", prefix, st->file);
    if (line)
        fprintf(st->errors, "%u:", line);
    fputc(' ', st->errors);
    vfprintf(st->errors, fmt, ap);
    fputc('\n', st->errors);
}

void conf_error(struct conf_state *st, unsigned line, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    report(st, "", line, fmt, ap);
    va_end(ap);
    if (++st->nerrors == CONF_ERRORS_MAX) {
        st->end = true;
        conf_error(st, line, "too many errors");
    }
}

void conf_warn(struct conf_state *st, unsigned line, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    report(st, "warning: ", line, fmt, ap);
    va_end(ap);
}

void conf_expect(const struct conf_key *k, struct buf *out)
{
    if (k->expect)
        buf_str(out, k->expect);
    else
        k->type->expect(k, out);
}

void conf_expected(struct conf_state *st, unsigned line, const struct conf_key *k, const char *more, struct span got)
{
    char text[256];
    struct buf b;

    buf_init(&b, text, sizeof(text));
    conf_expect(k, &b);
    if (k->secret || !got.p)
        conf_error(st, line, "%s: expected %s%s", k->key, text, more);
    else
        conf_error(st, line, "%s: expected %s, not \"%.*s\"", k->key, text, (int)got.n, got.p);
}

/* ---- values ----------------------------------------------------------------------------------- */

static const struct conf_key *find_key(enum conf_section section, const char *name)
{
    for (size_t i = 0; i < conf_key_count; i++)
        if (conf_key_table[i].section == section && !strcmp(conf_key_table[i].key, name))
            return &conf_key_table[i];
    return NULL;
}

enum conf_section conf_section_kind(const struct conf_state *st)
{
    return (enum conf_section)(st->section - conf_section_table);
}

unsigned conf_key_line(const struct conf_state *st, const char *name)
{
    const struct conf_key *k = find_key(conf_section_kind(st), name);

    return k ? st->key_line[k - conf_key_table] : 0;
}

void conf_value(struct conf_state *st, const char *key, struct span value)
{
    const struct conf_key *k;
    unsigned *seen;

    if (!st->section) {
        if (!st->any_section)
            conf_error(st, st->line, "%s: expected a [section] before the first key", key);
        return;
    }
    if (conf_section_kind(st) == CONF_BOARD) {
        conf_board_value(st, key, value);
        return;
    }
    k = find_key(conf_section_kind(st), key);
    if (!k) {
        conf_error(st, st->line, "%s: expected a key of [%s]; there is none of that name", key, st->section->name);
        return;
    }
    seen = &st->key_line[k - conf_key_table];
    if (*seen) {
        conf_error(st, st->line, "%s: expected once; it is also in line %u", key, *seen);
        return;
    }
    *seen = st->line;
    if (!value.n && k->def && !k->def[0]) {
        *seen = 0;                  /* as if it were not there; a second one is harmless then */
        return;
    }
    if (k->type->set(k, st->base[k->base], value) < 0)
        conf_expected(st, st->line, k, "", value);
    else if (k->type == &conf_source && !conf_board_ops(value))
        conf_board_unknown(st, k->key, value);
    else if (k->type == &conf_id && value.n != GBID_LEN)
        conf_warn(st, st->line, "%s: %zu digits, not %d; some platforms take such IDs", key, value.n, GBID_LEN);
}

void conf_set_defaults(struct conf_state *st, enum conf_section section)
{
    for (size_t i = 0; i < conf_key_count; i++) {
        const struct conf_key *k = &conf_key_table[i];

        st->key_line[i] = 0;
        if (k->section == section && k->def && k->def[0] && st->base[k->base])
            k->type->set(k, st->base[k->base], span_of(k->def));
    }
}

/* ---- the whole ----------------------------------------------------------------------------------- */

static void finish(struct conf_state *st)
{
    struct conf *c = st->conf;
    unsigned channels = 0;

    for (unsigned i = 0; i < st->nitems; i++) {
        channels += c->item[i].kind == DEVICE_CHANNEL;
        if (!strcmp(c->item[i].id, c->device.id))
            conf_warn(st, 0, "[channel %s]: has the ID of the device", c->item[i].id);
    }
    if (!st->once[CONF_DEVICE])
        conf_error(st, 0, "expected a section [device]");
    if (!c->nplatforms && !st->once[CONF_PLATFORM])
        conf_error(st, 0, "expected at least one section [platform NAME]");
    if (!channels && !st->once[CONF_CHANNEL])
        conf_error(st, 0, "expected at least one section [channel ID]");
    conf_boards_finish(st);
    for (unsigned i = 0; i < c->nplatforms; i++) {
        struct agent_config *a = &c->platform[i].agent;

        if (a->server_id[0] && !strcmp(a->server_id, c->device.id))
            conf_warn(st, st->platform_id_line[i], "id: the platform's is that of the device; no platform talks to itself");
        a->max_per_channel = st->link.max_per_channel;
        a->nmedia_allow = st->link.nallow;
        memcpy(a->media_allow, st->link.allow, sizeof(a->media_allow));
    }
    c->device.item = c->item;
    c->device.nitems = st->nitems;
}

int conf_read(const char *name, FILE *in, FILE *errors, struct conf **out)
{
    struct conf_state *st = calloc(1, sizeof(*st));
    int rc = -ENOMEM;

    *out = NULL;
    if (!st)
        return rc;
    st->file = name;
    st->in = in;
    st->errors = errors;
    st->conf = calloc(1, sizeof(*st->conf));
    if (!st->conf || conf_boards_new(st) < 0)
        goto out;
    st->base[CONF_IN_CONF] = (char *)st->conf;
    st->base[CONF_IN_LINK] = (char *)&st->link;
    for (unsigned i = 0; i < CONF_SECTIONS; i++)
        conf_set_defaults(st, (enum conf_section)i);
    rc = conf_file_parse(st);
    if (!rc && ferror(in))
        rc = -EIO;
    if (rc)
        goto out;
    finish(st);
    st->conf->device.loaded_unix_s = (int64_t)time(NULL);
    rc = st->nerrors ? -EINVAL : 0;
out:
    if (rc)
        conf_free(st->conf);
    else
        *out = st->conf;
    free(st);
    return rc;
}

int conf_load(const char *path, FILE *errors, struct conf **out)
{
    FILE *in = fopen(path, "re");
    struct stat sb;
    int rc;

    *out = NULL;
    if (!in) {
        rc = -errno;
        if (errors)
            fprintf(errors, "%s: %s\n", path, strerror(-rc));
        return rc;
    }
    memset(&sb, 0, sizeof(sb));
    if (!fstat(fileno(in), &sb) && S_ISREG(sb.st_mode) && (sb.st_mode & 066) && errors)
        fprintf(errors, "warning: %s: others may read or write it, and it holds passwords: chmod 600 %s\n", path, path);
    rc = S_ISDIR(sb.st_mode) ? -EISDIR : conf_read(path, in, errors, out);
    if (rc && rc != -EINVAL && errors)
        fprintf(errors, "%s: %s\n", path, strerror(-rc));
    fclose(in);
    return rc;
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
