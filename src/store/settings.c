/* SPDX-License-Identifier: MIT */
#include "store/settings.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "store/settings_file.h"
#include "util/buf.h"
#include "util/hash.h"
#include "util/list.h"
#include "util/log.h"

#define HEAD           "# gbagent settings 1\n"
#define SUM            "sum = "
#define SUM_LINE       (sizeof(SUM) - 1 + 16u + 1u)
#define NAME_MAX_BYTES (SETTINGS_SCOPE_MAX + 1u + SETTINGS_KEY_MAX + 1u)

/* For the checksum only: it detects torn writes, so it need not be secret. */
static const uint64_t sum_key[2] = { 0x67626167656e7421u, 0x73657474696e6773u };

struct scope {
    struct list node, entries;
    struct hash_node by_name;
    char name[SETTINGS_SCOPE_MAX + 1u];
};

struct entry {
    struct list node; /* of its scope */
    struct hash_node by_name;
    struct scope *scope;
    const char *key; /* within name */
    char *value;
    char name[]; /* scope LF key */
};

struct settings {
    struct settings_file file;
    struct hash by_name, by_scope;
    struct list scopes;
    size_t nentries, bytes; /* bytes: size of the file if written now */
    bool dirty, failing;    /* failing: the last write failed */
};

/* ---- names ------------------------------------------------------------------------------------ */

static bool is_text(const char *s, size_t max)
{
    size_t n = strnlen(s, max + 1);

    if (n > max)
        return false;
    for (size_t i = 0; i < n; i++)
        if ((unsigned char)s[i] < 0x20 || s[i] == 0x7f)
            return false;
    return true;
}

static bool is_name(const char *s, size_t max, const char *never)
{
    return s && s[0] && s[0] != '#' && s[0] != '[' && is_text(s, max) && !strpbrk(s, never);
}

static bool is_scope(const char *s)
{
    return is_name(s, SETTINGS_SCOPE_MAX, "]");
}

static bool is_key(const char *s)
{
    return is_name(s, SETTINGS_KEY_MAX, "= ");
}

static struct span join(const char *scope, const char *key, char out[NAME_MAX_BYTES])
{
    struct buf b;

    buf_init(&b, out, NAME_MAX_BYTES);
    buf_str(&b, scope);
    buf_char(&b, '\n');
    buf_str(&b, key);
    return b.overflow ? (struct span){ "", 0 } : buf_view(&b);
}

/* ---- the table -------------------------------------------------------------------------------- */

static struct entry *find(const struct settings *s, const char *scope, const char *key)
{
    char name[NAME_MAX_BYTES];
    struct span text = join(scope, key, name);
    struct hash_node *n = text.n ? hash_find(&s->by_name, text) : NULL;

    return n ? container_of(n, struct entry, by_name) : NULL;
}

static struct scope *find_scope(const struct settings *s, const char *name)
{
    struct hash_node *n = hash_find(&s->by_scope, span_of(name));

    return n ? container_of(n, struct scope, by_name) : NULL;
}

static struct scope *add_scope(struct settings *s, const char *name)
{
    struct scope *sc = calloc(1, sizeof(*sc));

    if (!sc)
        return NULL;
    span_copy(span_of(name), sc->name, sizeof(sc->name));
    list_init(&sc->entries);
    if (hash_insert(&s->by_scope, &sc->by_name, span_of(sc->name))) {
        free(sc);
        return NULL;
    }
    list_append(&s->scopes, &sc->node);
    s->bytes += strlen(sc->name) + 3;
    return sc;
}

static void drop_scope_if_empty(struct settings *s, struct scope *sc)
{
    if (!list_empty(&sc->entries))
        return;
    s->bytes -= strlen(sc->name) + 3;
    hash_remove(&s->by_scope, &sc->by_name);
    list_remove(&sc->node);
    free(sc);
}

static size_t entry_bytes(const struct entry *e)
{
    return strlen(e->key) + strlen(e->value) + 4;
}

static void drop(struct settings *s, struct entry *e)
{
    struct scope *sc = e->scope;

    s->bytes -= entry_bytes(e);
    s->nentries--;
    hash_remove(&s->by_name, &e->by_name);
    list_remove(&e->node);
    free(e->value);
    free(e);
    drop_scope_if_empty(s, sc);
}

static void clear(struct settings *s)
{
    list_each_safe(it, &s->scopes) {
        struct scope *sc = container_of(it, struct scope, node);

        list_each_safe(jt, &sc->entries) {
            struct entry *e = container_of(jt, struct entry, node);

            hash_remove(&s->by_name, &e->by_name);
            free(e->value);
            free(e);
        }
        hash_remove(&s->by_scope, &sc->by_name);
        free(sc);
    }
    list_init(&s->scopes);
    s->nentries = s->bytes = 0;
}

/* Takes value on success. */
static int add(struct settings *s, const char *scope, const char *key, char *value)
{
    char name[NAME_MAX_BYTES];
    struct span text = join(scope, key, name);
    struct scope *sc = find_scope(s, scope);
    struct entry *e = malloc(sizeof(*e) + text.n + 1);

    if (!sc)
        sc = add_scope(s, scope);
    if (!e || !sc)
        goto no_memory;
    memcpy(e->name, name, text.n + 1);
    e->key = strchr(e->name, '\n') + 1;
    e->scope = sc;
    e->value = value;
    if (hash_insert(&s->by_name, &e->by_name, (struct span){ e->name, text.n }))
        goto no_memory;
    list_append(&sc->entries, &e->node);
    s->nentries++;
    s->bytes += entry_bytes(e);
    return 0;
no_memory:
    free(e);
    if (sc)
        drop_scope_if_empty(s, sc);
    return -ENOMEM;
}

const char *settings_get(const struct settings *s, const char *scope, const char *key)
{
    const struct entry *e = find(s, scope, key);

    return e ? e->value : NULL;
}

int settings_put(struct settings *s, const char *scope, const char *key, const char *value)
{
    struct entry *e;
    size_t more;
    char *copy;
    int err;

    if (!is_scope(scope) || !is_key(key) || (value && !is_text(value, SETTINGS_VALUE_MAX)))
        return -EINVAL;
    e = find(s, scope, key);
    if (!value) {
        if (e)
            drop(s, e);
        s->dirty = s->dirty || e;
        return 0;
    }
    if (e && !strcmp(e->value, value))
        return 0;
    more = strlen(value) + (e ? 0 : NAME_MAX_BYTES * 2u);
    if ((!e && s->nentries >= SETTINGS_ENTRIES_MAX) || s->bytes + more > SETTINGS_BYTES_MAX)
        return -ENOSPC;
    copy = strdup(value);
    if (!copy)
        return -ENOMEM;
    if (e) {
        s->bytes = s->bytes - strlen(e->value) + strlen(copy);
        free(e->value);
        e->value = copy;
    } else {
        err = add(s, scope, key, copy);
        if (err) {
            free(copy);
            return err;
        }
    }
    s->dirty = true;
    return 0;
}

void settings_each(const struct settings *s, const char *scope,
                   void (*fn)(void *arg, const char *key, const char *value), void *arg)
{
    const struct scope *sc = find_scope(s, scope);

    if (!sc)
        return;
    list_each(it, &sc->entries) {
        const struct entry *e = container_of(it, struct entry, node);

        fn(arg, e->key, e->value);
    }
}

/* ---- file format ------------------------------------------------------------------------------ */

static void print(const struct settings *s, struct buf *b)
{
    buf_str(b, HEAD);
    list_each(it, &s->scopes) {
        const struct scope *sc = container_of(it, struct scope, node);

        buf_printf(b, "[%s]\n", sc->name);
        list_each(jt, &sc->entries) {
            const struct entry *e = container_of(jt, struct entry, node);

            buf_str(b, e->key);
            buf_str(b, " = ");
            buf_str(b, e->value);
            buf_char(b, '\n');
        }
    }
    buf_printf(b, SUM "%016llx\n", (unsigned long long)hash_bytes(sum_key, b->data, b->len));
}

/* Sets body to the text without header and checksum. false: not as print() wrote it. */
static bool check(struct span text, struct span *body)
{
    char sum[SUM_LINE + 1];
    struct buf b;

    if (text.n < sizeof(HEAD) - 1 + SUM_LINE || memcmp(text.p, HEAD, sizeof(HEAD) - 1) != 0)
        return false;
    buf_init(&b, sum, sizeof(sum));
    buf_printf(&b, SUM "%016llx\n", (unsigned long long)hash_bytes(sum_key, text.p, text.n - SUM_LINE));
    if (memcmp(text.p + text.n - SUM_LINE, sum, SUM_LINE) != 0)
        return false;
    *body = (struct span){ text.p + sizeof(HEAD) - 1, text.n - SUM_LINE - (sizeof(HEAD) - 1) };
    return true;
}

/* text: scratch space. A line with a NUL byte is corrupt. */
static int read_line(struct settings *s, struct span line, char *scope, char *text)
{
    size_t at;
    int err;

    if (!span_copy(line, text, SETTINGS_VALUE_MAX + NAME_MAX_BYTES) || strlen(text) != line.n)
        return -EBADMSG;
    if (text[0] == '[') {
        if (line.n < 3 || text[line.n - 1] != ']')
            return -EBADMSG;
        return span_copy((struct span){ text + 1, line.n - 2 }, scope, SETTINGS_SCOPE_MAX + 1) ? 0 : -EBADMSG;
    }
    at = span_chr(line, ' ');
    if (at + 3 > line.n || memcmp(text + at, " = ", 3) != 0)
        return -EBADMSG;
    text[at] = '\0';
    err = settings_put(s, scope, text, text + at + 3);
    return err && err != -ENOMEM ? -EBADMSG : err;
}

int settings_read_lines(struct settings *s, struct span lines)
{
    char scope[SETTINGS_SCOPE_MAX + 1] = "", *text = malloc(SETTINGS_VALUE_MAX + NAME_MAX_BYTES);
    int err = text ? 0 : -ENOMEM;

    while (!err && lines.n) {
        size_t end = span_chr(lines, '\n');
        err = read_line(s, (struct span){ lines.p, end }, scope, text);
        lines = span_from(lines, end + 1);
    }
    free(text);
    return err;
}

static int parse(void *settings, struct span text)
{
    struct settings *s = settings;
    struct span lines;
    int err = check(text, &lines) ? settings_read_lines(s, lines) : -EBADMSG;

    if (err)
        clear(s);
    s->dirty = false;
    return err;
}

/* ---- lifecycle -------------------------------------------------------------------------------- */

int settings_open(const char *path, struct settings **out)
{
    struct settings *s = calloc(1, sizeof(*s));
    uint64_t secret[2] = { sum_key[1], sum_key[0] };
    int err = -ENOMEM;

    if (!s)
        return -ENOMEM;
    list_init(&s->scopes);
    if (getrandom(secret, sizeof(secret), GRND_NONBLOCK) != (ssize_t)sizeof(secret))
        log_debug("settings: no-entropy");
    if (!hash_init(&s->by_name, secret) && !hash_init(&s->by_scope, secret))
        err = settings_file_open(&s->file, path, parse, s);
    if (err) {
        settings_free(s);
        return err;
    }
    *out = s;
    return 0;
}

void settings_free(struct settings *s)
{
    if (!s)
        return;
    clear(s);
    hash_free(&s->by_name);
    hash_free(&s->by_scope);
    settings_file_close(&s->file);
    free(s);
}

static void log_change(struct settings *s, int err)
{
    if (err && !s->failing)
        log_error("settings: write-failed file=\"%s\" reason=\"%s\"", s->file.path, strerror(-err));
    else if (!err && s->failing)
        log_info("settings: write-recovered file=\"%s\"", s->file.path);
    s->failing = err != 0;
}

bool settings_failing(const struct settings *s)
{
    return s->failing;
}

int settings_flush(struct settings *s)
{
    size_t size = sizeof(HEAD) + s->bytes + SUM_LINE;
    struct buf b;
    char *mem;
    int err;

    if (!s->dirty || !s->file.path)
        return 0;
    mem = malloc(size);
    if (mem) {
        buf_init(&b, mem, size);
        print(s, &b);
        err = b.overflow ? -EMSGSIZE : settings_file_write(&s->file, buf_view(&b));
        free(mem);
    } else {
        err = -ENOMEM;
    }
    if (!err)
        s->dirty = false;
    log_change(s, err);
    return err;
}
