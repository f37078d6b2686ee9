/* SPDX-License-Identifier: MIT */
/* What --check-config looks at beside the text of the config: files that channels play. */
#include "shell/conf_priv.h"

#include <string.h>

static void check_text(const struct conf *c, const char *path, unsigned line, const char *key, const struct board_channel *ch,
                       enum board_part part, const struct board_ops *ops, FILE *out)
{
    char why[BOARD_WHY_SIZE] = "";

    if (ops->check(conf_board_values(c, ops), ch, part, why, sizeof(why)))
        fprintf(out, "warning: %s:%u: %s: %s\n", path, line, key, why);
}

static const char *text_of(const char *source)
{
    const char *colon = strchr(source, ':');

    return colon ? colon + 1 : "";
}

static void check_channel(const struct conf *c, const struct conf_channel *ch, const char *path, FILE *out)
{
    static const char *const keys[CONF_SUBSTREAMS] = { "source1", "source2", "source3" };
    const struct board_ops *ops = conf_board_ops(span_of(ch->source));
    struct board_channel b = {
        .id = ch->id, .source = text_of(ch->source), .audio = text_of(ch->audio), .fps = ch->fps,
    };

    if (!ops || !ops->check)
        return;
    check_text(c, path, ch->line[0], "source", &b, BOARD_PICTURES, ops, out);
    if (b.audio[0])
        check_text(c, path, ch->line[CONF_SUBSTREAMS + 1], "audio", &b, BOARD_SOUND, ops, out);
    for (unsigned i = 0; i < CONF_SUBSTREAMS; i++) {
        if (!ch->substream[i][0])
            continue;
        b.source = text_of(ch->substream[i]);
        b.stream = i + 1;
        b.own_source = true;
        check_text(c, path, ch->line[i + 1], keys[i], &b, BOARD_PICTURES, ops, out);
    }
}

void conf_check(const struct conf *c, const char *path, FILE *out)
{
    for (unsigned i = 0; i < c->device.nitems; i++)
        if (c->item[i].kind == DEVICE_CHANNEL)
            check_channel(c, &c->channel[i], path, out);
}
