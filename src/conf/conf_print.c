/* SPDX-License-Identifier: MIT */
#include "conf/conf_priv.h"

#include <string.h>

#define WIDTH 110u

/* Help as comment lines, broken at blanks. */
static void print_comment(FILE *out, const char *text)
{
    struct span rest = span_of(text);

    while (rest.n) {
        size_t n = rest.n;

        if (n > WIDTH) {
            n = WIDTH;
            while (n && rest.p[n] != ' ')
                n--;
            n = n ? n : WIDTH;
        }
        fprintf(out, "# %.*s\n", (int)n, rest.p);
        rest = span_trim(span_from(rest, n));
    }
}

static void print_key(FILE *out, const struct conf_key *k)
{
    char text[768], expect[256];
    struct buf b, e;

    buf_init(&e, expect, sizeof(expect));
    conf_expect(k, &e);
    buf_init(&b, text, sizeof(text));
    buf_printf(&b, "%s (%s%s%s)", k->help, expect, k->def && k->def[0] ? "; default " : !k->def ? "; required" : "",
               k->def ? k->def : "");
    fputc('\n', out);
    print_comment(out, text);
    if (k->example)
        fprintf(out, "%s = %s\n", k->key, k->example);
    else
        fprintf(out, "#%s =%s%s\n", k->key, k->def && k->def[0] ? " " : "", k->def ? k->def : "");
}

void conf_print_example(FILE *out)
{
    fputs("# Configuration of gbagentd, the GB/T 28181 agent. This text is what gbagentd --print-config prints.\n"
          "# Lines are [section], key = value, or a comment, in UTF-8; none is indented or longer than 199 bytes.\n"
          "# A value that begins or ends with a blank, or has ; or # after one, stands in \"double quotes\".\n"
          "# Keys that are commented out show their default. Keep this file at mode 600: it holds passwords.\n", out);
    for (unsigned i = 0; i < CONF_SECTIONS; i++) {
        const struct conf_section_info *s = &conf_section_table[i];

        fputc('\n', out);
        print_comment(out, s->help);
        if (i == CONF_BOARD)
            continue;
        fprintf(out, "%s[%s%s%s]\n", s->example_off ? "#" : "", s->name, s->example ? " " : "",
                s->example ? s->example : "");
        for (size_t j = 0; j < conf_key_count; j++)
            if (conf_key_table[j].section == i)
                print_key(out, &conf_key_table[j]);
    }
}

/* "source = NAME:TEXT: help" */
static void print_text(FILE *out, const char *board, const char *key, const struct board_key *row)
{
    char text[768];
    struct buf b;

    if (!row || !row->help)
        return;
    buf_init(&b, text, sizeof(text));
    buf_printf(&b, "%s = %s:... %s", key, board, row->help);
    print_comment(out, text);
}

void conf_print_boards(FILE *out)
{
    struct conf_key k;

    fputs("# ---- the boards of this program ----\n", out);
    for (unsigned i = 0; board_table[i]; i++) {
        const struct board_ops *ops = board_table[i];

        if (!ops->nkeys && !ops->source_text && !ops->audio_text)
            continue;
        fprintf(out, "\n# The board %s.\n", ops->name);
        print_text(out, ops->name, "source", ops->source_text);
        print_text(out, ops->name, "audio", ops->audio_text);
        if (ops->nkeys)
            fprintf(out, "#[board %s]\n", ops->name);
        for (unsigned j = 0; j < ops->nkeys; j++) {
            conf_board_key(&ops->key[j], &k);
            print_key(out, &k);
        }
    }
}

/* Roff reads a leading dot or quote and every backslash and hyphen its own way. */
static void print_roff(FILE *out, const char *text)
{
    for (const char *p = text; *p; p++) {
        if (*p == '-')
            fputs("\\-", out);
        else if (*p == '\\')
            fputs("\\e", out);
        else
            fputc(*p, out);
    }
}

void conf_print_man(FILE *out)
{
    for (unsigned i = 0; i < CONF_SECTIONS; i++) {
        const struct conf_section_info *s = &conf_section_table[i];

        fprintf(out, ".SS [%s%s]\n", s->name,
                s->naming == CONF_NAMED ? " NAME" : s->naming == CONF_BY_ID ? " ID" : "");
        print_roff(out, s->help);
        fputc('\n', out);
        for (size_t j = 0; j < conf_key_count; j++) {
            const struct conf_key *k = &conf_key_table[j];
            char expect[256];
            struct buf e;

            if (k->section != i)
                continue;
            buf_init(&e, expect, sizeof(expect));
            conf_expect(k, &e);
            fprintf(out, ".TP\n.B %s\n", k->key);
            print_roff(out, k->help);
            fputs("\n.br\n(", out);
            print_roff(out, expect);
            if (!k->def)
                fputs("; required", out);
            else if (k->def[0]) {
                fputs("; default ", out);
                print_roff(out, k->def);
            }
            fputs(")\n", out);
        }
    }
}
