/* SPDX-License-Identifier: MIT */
/* A list of control commands, by their words in the table of manscdp/control.h, and DeviceConfig. */
#include "conf/conf_priv.h"

#include <errno.h>
#include <string.h>

#include "manscdp/control.h"

#define CONFIG_WORD "deviceconfig"

_Static_assert(GB_CONTROL_KINDS <= 32, "bits of control_deny");

/* 1 << kind; 0: unknown word. */
static uint32_t command_bit(struct span word)
{
    for (unsigned kind = 0; kind < GB_CONTROL_KINDS; kind++) {
        const struct control_command *o = control_command_of((enum gb_control_kind)kind);

        if (o && span_eq_str(word, o->word))
            return 1u << kind;
    }
    return 0;
}

static int set_commands(const struct conf_key *k, char *base, struct span text)
{
    struct agent_config *cfg = &((struct conf_platform *)base)->agent;
    uint32_t bits = 0;
    bool config = false;

    (void)k;
    while (text.n) {
        struct span word = { text.p, 0 };

        while (word.n < text.n && !strchr(", \t", text.p[word.n]))
            word.n++;
        if (span_eq_str(word, CONFIG_WORD))
            config = true;
        else if (word.n && !command_bit(word))
            return -EINVAL;
        else
            bits |= command_bit(word);
        text = span_from(text, word.n + 1);
    }
    cfg->control_deny = bits;
    cfg->config_deny = config;
    return 0;
}

static void expect_commands(const struct conf_key *k, enum conf_lang lang, struct buf *out)
{
    (void)k;
    buf_str(out, CONF_TEXT(lang, "empty, or a list of ", "可为空，或以下若干项的列表："));
    for (unsigned kind = 0; kind < GB_CONTROL_KINDS; kind++) {
        const struct control_command *o = control_command_of((enum gb_control_kind)kind);

        if (o)
            buf_printf(out, "%s, ", o->word);
    }
    buf_str(out, CONFIG_WORD);
}

const struct conf_type conf_commands = { set_commands, expect_commands };
