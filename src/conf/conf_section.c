/* SPDX-License-Identifier: MIT */
/* Checks sections and keys as the file is read: which are allowed, duplicate or missing. */
#include "conf/conf_priv.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* ---- keys ---------------------------------------------------------------------------------------- */

static const struct conf_key *find_key(enum conf_section section, const char *name)
{
    for (size_t i = 0; i < conf_key_count; i++)
        if (conf_key_table[i].section == section && !strcmp(conf_key_table[i].key, name))
            return &conf_key_table[i];
    return NULL;
}

static enum conf_section section_kind(const struct conf_state *st)
{
    return (enum conf_section)(st->section - conf_section_table);
}

/* Line of a key in the current section, 0: missing. */
static unsigned line_of(const struct conf_state *st, const char *name)
{
    const struct conf_key *k = find_key(section_kind(st), name);

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
    if (section_kind(st) == CONF_BOARD) {
        conf_board_value(st, key, value);
        return;
    }
    k = find_key(section_kind(st), key);
    if (!k) {
        conf_error(st, st->line, "%s: unknown key in [%s]", key, st->section->name);
        return;
    }
    seen = &st->key_line[k - conf_key_table];
    if (*seen) {
        conf_error(st, st->line, "%s: duplicate of line %u", key, *seen);
        return;
    }
    *seen = st->line;
    if (!value.n && k->def && !k->def[0]) {
        *seen = 0; /* as if it were missing; a second one is allowed */
        return;
    }
    if (k->type->set(k, st->base[k->base], value) < 0)
        conf_expected(st, st->line, k, value);
    else if (k->type == &conf_source && !conf_board_ops(value))
        conf_board_unknown(st, k->key, value);
    else if (k->type == &conf_id && value.n != GBID_LEN)
        conf_warn(st, st->line, "%s: %zu digits instead of %d, many platforms reject such IDs", key, value.n, GBID_LEN);
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

/* ---- sections ---------------------------------------------------------------------------------- */

/* Makes room for one more element of `size` bytes, zeroed. NULL: no memory, the old array stays valid. */
static void *grow(void *array, unsigned n, unsigned *cap, size_t size)
{
    if (n == *cap) {
        unsigned more = *cap ? *cap * 2 : 4;

        array = realloc(array, more * size);
        if (!array)
            return NULL;
        *cap = more;
    }
    memset((char *)array + n * size, 0, size);
    return array;
}

static int begin_platform(struct conf_state *st, struct span name)
{
    struct conf *c = st->conf;
    struct conf_platform *list;

    for (unsigned i = 0; i < c->nplatforms; i++) {
        if (span_eq_str(name, c->platform[i].agent.name)) {
            conf_error(st, st->line, "[platform %.*s]: duplicate section", (int)name.n, name.p);
            return 0;
        }
    }
    if (c->nplatforms == CONF_PLATFORMS_MAX) {
        conf_error(st, st->line, "expected at most %u platforms", CONF_PLATFORMS_MAX);
        return 0;
    }
    list = grow(c->platform, c->nplatforms, &st->platforms_cap, sizeof(*list));
    if (!list)
        return -ENOMEM;
    c->platform = list;
    list += c->nplatforms++;
    span_copy(name, list->agent.name, sizeof(list->agent.name));
    st->base[CONF_IN_PLATFORM] = (char *)list;
    return 1;
}

/* Both arrays have an entry for every item, also for alarm inputs and audio outputs. */
static int grow_items(struct conf_state *st)
{
    struct conf *c = st->conf;
    unsigned cap = st->items_cap;
    void *item, *channel;

    item = grow(c->item, st->nitems, &cap, sizeof(*c->item));
    if (!item)
        return -ENOMEM;
    c->item = item;
    cap = st->items_cap;
    channel = grow(c->channel, st->nitems, &cap, sizeof(*c->channel));
    if (!channel)
        return -ENOMEM;
    c->channel = channel;
    st->items_cap = cap;
    st->base[CONF_IN_ITEM] = (char *)&c->item[st->nitems];
    st->base[CONF_IN_CHANNEL] = (char *)&c->channel[st->nitems];
    return 0;
}

static const struct {
    const char *section, *name;
    unsigned type; /* type code of its ID; 0 = any */
} item_kinds[] = {
    [DEVICE_CHANNEL] = { "channel", "channel", 0 },
    [DEVICE_ALARM_INPUT] = { "alarm", "alarm input", GBID_TYPE_ALARM_INPUT },
    [DEVICE_AUDIO_OUTPUT] = { "audio", "audio output", GBID_TYPE_VOICE_OUTPUT },
};

static int begin_item(struct conf_state *st, struct span id, enum device_item_kind kind)
{
    struct conf *c = st->conf;
    const char *section = item_kinds[kind].section;
    unsigned type = item_kinds[kind].type;

    if (gbid_check(id) < 0 || (id.n != GBID_LEN && id.n != GBID_LEN + 1)) {
        conf_error(st, st->line, "[%s %.*s]: expected 20 digits after \"%s\"", section, (int)id.n, id.p, section);
        return 0;
    }
    if (id.n != GBID_LEN)
        conf_warn(st, st->line, "[%s %.*s]: %zu digits instead of %d, many platforms reject such IDs", section,
                  (int)id.n, id.p, id.n, GBID_LEN);
    for (unsigned i = 0; i < st->nitems; i++) {
        if (span_eq_str(id, c->item[i].id)) {
            conf_error(st, st->line, "[%s %.*s]: duplicate section", section, (int)id.n, id.p);
            return 0;
        }
    }
    if (st->nitems == CONF_ITEMS_MAX) {
        conf_error(st, st->line, "expected at most %u channels, alarm inputs and audio outputs", CONF_ITEMS_MAX);
        return 0;
    }
    if (grow_items(st) < 0)
        return -ENOMEM;
    c->item[st->nitems].kind = kind;
    span_copy(id, c->item[st->nitems].id, sizeof(c->item[0].id));
    span_copy(id, c->channel[st->nitems].id, sizeof(c->channel[0].id));
    st->nitems++;
    if (type && gbid_type(id) != type)
        conf_warn(st, st->line, "[%s %.*s]: digits 11 to 13 should be %u for an %s", section, (int)id.n, id.p, type,
                  item_kinds[kind].name);
    return 1;
}

/* 1 begun, 0 invalid and reported, -ENOMEM. */
static int begin_kind(struct conf_state *st, enum conf_section kind, struct span name)
{
    const struct conf_section_info *info = &conf_section_table[kind];

    if (info->naming == CONF_UNNAMED && name.n) {
        conf_error(st, st->line, "expected [%s] without a name", info->name);
        return 0;
    }
    if (info->naming != CONF_UNNAMED && !name.n) {
        conf_error(st, st->line, "expected [%s %s]", info->name, info->naming == CONF_NAMED ? "NAME" : "ID");
        return 0;
    }
    if (info->naming == CONF_UNNAMED && st->once[kind]) {
        conf_error(st, st->line, "[%s]: duplicate of line %u", info->name, st->once[kind]);
        return 0;
    }
    st->once[kind] = st->line;
    if (kind == CONF_PLATFORM)
        return begin_platform(st, name);
    if (kind == CONF_CHANNEL)
        return begin_item(st, name, DEVICE_CHANNEL);
    if (kind == CONF_ALARM)
        return begin_item(st, name, DEVICE_ALARM_INPUT);
    if (kind == CONF_AUDIO)
        return begin_item(st, name, DEVICE_AUDIO_OUTPUT);
    if (kind == CONF_BOARD)
        return conf_board_begin(st, name);
    return 1;
}

/* "device, platform NAME, channel ID, ... or log" */
static void list_sections(struct buf *out)
{
    static const char *const naming[] = { [CONF_UNNAMED] = "", [CONF_NAMED] = " NAME", [CONF_BY_ID] = " ID" };

    for (unsigned i = 0; i < CONF_SECTIONS; i++)
        buf_printf(out, "%s%s%s",
                   i == 0                  ? ""
                   : i + 1 < CONF_SECTIONS ? ", "
                                           : " or ",
                   conf_section_table[i].name, naming[conf_section_table[i].naming]);
}

int conf_section_begin(struct conf_state *st, struct span header)
{
    struct span rest = span_trim(header), word = rest;
    char text[256];
    struct buf known;
    int begun = -ENOENT;

    word.n = 0;
    while (word.n < rest.n && rest.p[word.n] != ' ' && rest.p[word.n] != '\t')
        word.n++;
    for (unsigned i = 0; i < CONF_SECTIONS; i++) {
        if (!span_eq_str(word, conf_section_table[i].name))
            continue;
        begun = begin_kind(st, (enum conf_section)i, span_trim(span_from(rest, word.n)));
        if (begun == 1) {
            st->section = &conf_section_table[i];
            st->section_line = st->line;
            conf_set_defaults(st, (enum conf_section)i);
        }
    }
    if (begun == -ENOENT) {
        buf_init(&known, text, sizeof(text));
        list_sections(&known);
        conf_error(st, st->line, "[%.*s]: unknown section, expected %s", (int)header.n, header.p, text);
    }
    return begun == -ENOMEM ? begun : 0;
}

static void end_platform(struct conf_state *st, struct conf_platform *p)
{
    if (!line_of(st, "charset"))
        p->agent.charset = gb_edition_charset(p->agent.edition);
    p->agent.charset_by_edition = !line_of(st, "charset");
    if (p->agent.note_digest != AGENT_NOTE_OFF && !p->agent.note_seed[0])
        conf_error(st, line_of(st, "note_digest"), "note_digest: requires note_seed");
    if (addr_broken_ip(span_of(p->interface)))
        conf_error(st, line_of(st, "interface"), "interface: expected a name or an IP address, not \"%s\"",
                   p->interface);
    st->platform_id_line[p - st->conf->platform] = line_of(st, "id");
    if (p->agent.expires_s < 3600)
        conf_warn(st, line_of(st, "expires"), "expires: below the standard's minimum of 3600");
}

static void end_item(struct conf_state *st, struct device_item_config *item)
{
    if (!item->name[0])
        span_copy(span_of(item->id), item->name, sizeof(item->name));
    item->has_position = line_of(st, "longitude") && line_of(st, "latitude");
    if (!item->has_position && (line_of(st, "longitude") || line_of(st, "latitude")))
        conf_error(st, st->section_line, "longitude, latitude: expected both or none");
    if (addr_broken_ip(span_of(item->ip_address)))
        conf_error(st, line_of(st, "ip_address"), "ip_address: expected an IP address, not \"%s\"", item->ip_address);
}

/* All streams of a channel and its audio are from the same board. */
static void end_channel(struct conf_state *st, struct conf_channel *ch)
{
    static const char *const keys[] = { "source", "source1", "source2", "source3", "audio" };
    const char *const texts[] = { ch->source, ch->substream[0], ch->substream[1], ch->substream[2], ch->audio };
    struct span board = span_of(ch->source);

    _Static_assert(sizeof(keys) / sizeof(keys[0]) == CONF_SUBSTREAMS + 2, "a key for each stream, and audio");
    board.n = span_chr(board, ':');
    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
        struct span other = span_of(texts[i]);

        ch->line[i] = line_of(st, keys[i]);
        other.n = span_chr(other, ':');
        if (ch->source[0] && texts[i][0] && !span_eq(other, board))
            conf_error(st, ch->line[i], "%s: expected the same board as source, \"%.*s\"", keys[i], (int)board.n,
                       board.p);
        else if (texts[i][0] && conf_board_ops(other))
            conf_board_text(st, ch->line[i], keys[i], texts[i]);
    }
}

static void end_device(struct conf_state *st, const struct device_config *d)
{
    if (gbid_type(span_of(d->id)) == GBID_TYPE_SIP_SERVER)
        conf_warn(st, line_of(st, "id"),
                  "id: digits 11 to 13 are %u, the type of a platform; use 132 for a camera, 118 for "
                  "a recorder",
                  GBID_TYPE_SIP_SERVER);
}

static void end_media(struct conf_state *st, const struct conf *c)
{
    unsigned line = line_of(st, "port_min") ? line_of(st, "port_min") : line_of(st, "port_max");

    if (!c->media.port_min && !c->media.port_max)
        return;
    if (!c->media.port_min || !c->media.port_max)
        conf_error(st, line, "port_min, port_max: expected both or none");
    else if (c->media.port_min < 1024)
        conf_error(st, line, "port_min: expected number from 1024 to 65535, or 0");
    else if (c->media.port_min > c->media.port_max)
        conf_error(st, line, "port_min: greater than port_max (%u)", c->media.port_max);
    else if ((unsigned)(c->media.port_max - c->media.port_min) + 1 < c->media.max_sessions)
        conf_warn(st, line, "port_min, port_max: fewer ports than max_sessions (%u)", c->media.max_sessions);
}

void conf_section_end(struct conf_state *st)
{
    enum conf_section kind;

    if (!st->section)
        return;
    kind = section_kind(st);
    if (kind == CONF_BOARD)
        conf_board_end(st);
    for (size_t i = 0; i < conf_key_count; i++)
        if (conf_key_table[i].section == kind && !conf_key_table[i].def && !st->key_line[i])
            conf_missing(st, st->section_line, &conf_key_table[i], "");
    if (kind == CONF_PLATFORM)
        end_platform(st, (struct conf_platform *)st->base[CONF_IN_PLATFORM]);
    else if (kind == CONF_CHANNEL || kind == CONF_ALARM || kind == CONF_AUDIO)
        end_item(st, (struct device_item_config *)st->base[CONF_IN_ITEM]);
    else if (kind == CONF_DEVICE)
        end_device(st, &st->conf->device);
    else if (kind == CONF_MEDIA)
        end_media(st, st->conf);
    if (kind == CONF_CHANNEL)
        end_channel(st, (struct conf_channel *)st->base[CONF_IN_CHANNEL]);
}
