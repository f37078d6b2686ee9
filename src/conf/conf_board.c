/* SPDX-License-Identifier: MIT */
/* [board NAME]: keys declared by boards (struct board_key), parsed and checked like all others. */
#include "conf/conf_priv.h"

#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SLOT(f) .offset = offsetof(struct conf_board_slot, f), .size = sizeof(((struct conf_board_slot *)0)->f)

/* ---- rows ---------------------------------------------------------------------------------------- */

void conf_board_key(const struct board_key *k, struct conf_key *out)
{
    static const struct conf_type *const types[] = {
        [BOARD_TEXT] = &conf_text,  [BOARD_PATH] = &conf_path,     [BOARD_NUMBER] = &conf_uint,
        [BOARD_YESNO] = &conf_bool, [BOARD_CHOICE] = &conf_choice,
    };
    const bool is_text = k->kind == BOARD_TEXT || k->kind == BOARD_PATH;
    const struct conf_key slot = { SLOT(number) }, text_slot = { SLOT(text) };

    *out = is_text ? text_slot : slot;
    out->section = CONF_BOARD;
    out->key = k->key;
    out->type = k->kind == BOARD_PATH && k->def && !k->def[0] ? &conf_maybe_path : types[k->kind];
    out->min = k->min;
    out->max = k->max;
    out->choice = k->choice;
    out->def = k->def;
    out->help[CONF_EN] = k->help;
    out->help[CONF_ZH] = k->help_zh ? k->help_zh : k->help;
    out->secret = k->secret;
    out->expect = k->expect;
    if (is_text && k->max && k->max < out->size)
        out->size = (size_t)k->max + 1;
}

/* Parses a value into *v, which owns its text. -EINVAL, -ENOMEM. */
static int set_value(const struct board_key *k, struct span text, struct board_value *v)
{
    struct conf_board_slot slot = { 0 };
    struct conf_key as;
    char *copy;
    int err;

    conf_board_key(k, &as);
    err = as.type->set(&as, (char *)&slot, text);
    if (err < 0 || !span_copy(text, slot.text, sizeof(slot.text)))
        return -EINVAL;
    if (k->valid && !k->valid(slot.text))
        return -EINVAL;
    copy = strdup(slot.text);
    if (!copy)
        return -ENOMEM;
    free((void *)(uintptr_t)v->text);
    *v = (struct board_value){ .text = copy, .number = slot.number };
    return 0;
}

/* -EINVAL: the default is invalid. */
static int set_default(const struct board_key *k, struct board_value *v)
{
    int err = k->def && k->def[0] ? set_value(k, span_of(k->def), v) : 0;

    if (!v->text) {
        v->text = strdup("");
        if (!v->text)
            err = -ENOMEM;
    }
    return err;
}

/* ---- all boards ------------------------------------------------------------------------------------ */

/* Sets the defaults of one board. Mistakes in its table are reported at every start, even if the board is not used. */
static int new_values(struct conf_state *st, const struct board_ops *ops, struct conf_board *b)
{
    if (ops->nkeys > BOARD_KEYS_MAX)
        conf_error(st, 0, "board %s: expected at most %u keys, not %u", ops->name, BOARD_KEYS_MAX, ops->nkeys);
    b->value = calloc(ops->nkeys + 1u, sizeof(*b->value));
    if (!b->value)
        return -ENOMEM;
    for (unsigned i = 0; i < ops->nkeys; i++) {
        int err = set_default(&ops->key[i], &b->value[i]);

        if (err == -ENOMEM)
            return err;
        if (err)
            conf_error(st, 0, "board %s: %s: invalid default", ops->name, ops->key[i].key);
    }
    return 0;
}

int conf_boards_new(struct conf_state *st)
{
    struct conf *c = st->conf;
    unsigned n = 0;
    int err = 0;

    while (board_table[n])
        n++;
    c->board = calloc(n + 1u, sizeof(*c->board));
    if (!c->board)
        return -ENOMEM;
    for (unsigned i = 0; i < n && !err; i++)
        if (board_table[i]->nkeys)
            err = new_values(st, board_table[i], &c->board[i]);
    return err;
}

void conf_boards_free(struct conf *c)
{
    for (unsigned i = 0; c->board && board_table[i]; i++) {
        for (unsigned j = 0; c->board[i].value && j < board_table[i]->nkeys; j++) {
            char *text = (char *)(uintptr_t)c->board[i].value[j].text;

            if (text)
                explicit_bzero(text, strlen(text));
            free(text);
        }
        free(c->board[i].value);
    }
    free(c->board);
    c->board = NULL;
}

/* Index in board_table; -1: not in this build. */
static int find_board(struct span name)
{
    for (int i = 0; board_table[i]; i++)
        if (span_eq_str(name, board_table[i]->name))
            return i;
    return -1;
}

const struct board_ops *conf_board_ops(struct span source)
{
    int i;

    source.n = span_chr(source, ':');
    i = find_board(source);
    return i < 0 ? NULL : board_table[i];
}

/* The boards differ from build to build, so the table of keys cannot list them. */
void conf_board_unknown(struct conf_state *st, const char *key, struct span name)
{
    char names[160];
    struct buf b;

    buf_init(&b, names, sizeof(names));
    name.n = span_chr(name, ':');
    for (size_t i = 0; board_table[i]; i++)
        buf_printf(&b, "%s%s", i ? ", " : "", board_table[i]->name);
    conf_error(st, st->line, "%s: expected a board of this build (%s), not \"%.*s\"", key, names, (int)name.n, name.p);
}

/* ---- a section -------------------------------------------------------------------------------------- */

int conf_board_begin(struct conf_state *st, struct span name)
{
    struct conf_board *b;
    int i = find_board(name);

    if (i < 0) {
        conf_board_unknown(st, "[board NAME]", name);
        return 0;
    }
    b = &st->conf->board[i];
    if (b->line) {
        conf_error(st, st->line, "[board %s]: duplicate of line %u", board_table[i]->name, b->line);
        return 0;
    }
    b->line = st->line;
    st->board = (unsigned)i;
    memset(st->board_line, 0, sizeof(st->board_line));
    return 1;
}

static const struct board_key *find_row(const struct board_ops *ops, const char *key, unsigned *at)
{
    for (*at = 0; *at < ops->nkeys && *at < BOARD_KEYS_MAX; (*at)++)
        if (strcmp(ops->key[*at].key, key) == 0)
            return &ops->key[*at];
    return NULL;
}

void conf_board_value(struct conf_state *st, const char *key, struct span value)
{
    const struct board_ops *ops = board_table[st->board];
    struct board_value *v;
    const struct board_key *k;
    struct conf_key as;
    unsigned i;
    int err;

    k = find_row(ops, key, &i);
    if (!k) {
        conf_error(st, st->line, "%s: unknown key in [board %s]", key, ops->name);
        return;
    }
    if (st->board_line[i]) {
        conf_error(st, st->line, "%s: duplicate of line %u", key, st->board_line[i]);
        return;
    }
    if (!value.n && k->def && !k->def[0])
        return; /* as if it were missing */
    st->board_line[i] = st->line;
    v = &st->conf->board[st->board].value[i];
    err = set_value(k, value, v);
    if (err == -ENOMEM) {
        st->end = st->no_memory = true;
    } else if (err) {
        conf_board_key(k, &as);
        conf_expected(st, st->line, &as, value);
    }
}

static void require(struct conf_state *st, unsigned line, const struct board_ops *ops, bool section)
{
    struct conf_key as;
    char where[80];

    snprintf(where, sizeof(where), "%s%s%s", section ? "" : " in a section [board ", section ? "" : ops->name,
             section ? "" : "]");
    for (unsigned i = 0; i < ops->nkeys && i < BOARD_KEYS_MAX; i++) {
        if (ops->key[i].def || (section && st->board_line[i]))
            continue;
        conf_board_key(&ops->key[i], &as);
        conf_missing(st, line, &as, where);
    }
}

void conf_board_end(struct conf_state *st)
{
    require(st, st->section_line, board_table[st->board], true);
}

/* Checks the boards used by channels, each once. */
void conf_boards_finish(struct conf_state *st)
{
    const struct conf *c = st->conf;

    for (unsigned i = 0; board_table[i]; i++) {
        for (unsigned j = 0; j < st->nitems && !c->board[i].line; j++) {
            if (conf_board_ops(span_of(c->channel[j].source)) == board_table[i]) {
                require(st, c->channel[j].line[0], board_table[i], false);
                break;
            }
        }
    }
}

void conf_board_text(struct conf_state *st, unsigned line, const char *key, const char *source)
{
    const struct board_ops *ops = conf_board_ops(span_of(source));
    const struct board_key *row = strcmp(key, "audio") == 0 ? ops->audio_text : ops->source_text;
    const char *text = source + span_chr(span_of(source), ':') + 1;

    if (row && row->valid && !row->valid(text))
        conf_error(st, line, "%s: expected %s:TEXT (TEXT: %s), not \"%s\"", key, ops->name,
                   row->expect ? row->expect : "see the help of that board", row->secret ? "..." : text);
}

/* ---- config of a board --------------------------------------------------------------------------------- */

/* NULL: no keys. */
static const struct board_value *values_of(const struct conf *c, const struct board_ops *ops)
{
    int at = find_board(span_of(ops->name));

    return at < 0 ? NULL : c->board[at].value;
}

int conf_board_check(const struct conf *c, const struct board_ops *ops, const struct board_channel *ch,
                     enum board_part part, char why[BOARD_WHY_SIZE])
{
    const char *text = part == BOARD_AUDIO ? ch->audio : ch->source;
    int err;

    why[0] = '\0';
    err = ops->check ? ops->check(values_of(c, ops), ch, part, why, BOARD_WHY_SIZE) : 0;
    if (err && !why[0])
        snprintf(why, BOARD_WHY_SIZE, "%s%s%s", text, text[0] ? ": " : "", strerror(-err));
    return err;
}

int conf_board_config(const struct conf *c, const struct board_ops *ops, struct board_config *out)
{
    struct board_item *item = calloc(c->device.nitems + 1u, sizeof(*item));
    unsigned n = 0;

    *out = (struct board_config){ .value = values_of(c, ops), .channel = item };
    if (!item)
        return -ENOMEM;
    for (unsigned i = 0; i < c->device.nitems; i++) {
        const char *source = c->channel[i].source;

        if (c->item[i].kind == DEVICE_CHANNEL && conf_board_ops(span_of(source)) == ops)
            item[n++] = (struct board_item){ c->item[i].id, c->item[i].name,
                                             source + span_chr(span_of(source), ':') + 1 };
    }
    out->nchannels = n;
    out->input = item + n;
    for (unsigned i = 0; i < c->device.nitems; i++)
        if (c->item[i].kind == DEVICE_ALARM_INPUT)
            item[n++] = (struct board_item){ c->item[i].id, c->item[i].name, "" };
    out->ninputs = n - out->nchannels;
    return 0;
}

void conf_board_config_free(struct board_config *cfg)
{
    free((void *)(uintptr_t)cfg->channel);
    memset(cfg, 0, sizeof(*cfg));
}

bool conf_board_same(const struct conf *a, const struct conf *b, const struct board_ops *ops)
{
    int at = find_board(span_of(ops->name));

    for (unsigned i = 0; at >= 0 && i < ops->nkeys && i < BOARD_KEYS_MAX; i++)
        if (strcmp(a->board[at].value[i].text, b->board[at].value[i].text) != 0)
            return false;
    return true;
}
