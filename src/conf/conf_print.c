/* SPDX-License-Identifier: MIT */
#include "conf/conf_priv.h"

#include <string.h>

#define WIDTH 110u

/* Bytes of the UTF-8 character at p. Those of three and more are CJK and two columns wide. */
static size_t char_bytes(const char *p)
{
    unsigned char c = (unsigned char)*p;

    return c < 0x80 ? 1 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;
}

/* Whether a line may be broken between the characters at p and next. Does not handle blanks. */
static bool may_break(const char *p, const char *next)
{
    static const char opening[] = "（“", closing[] = "，。；：、）”";

    if (*p == ' ' || (char_bytes(p) < 3 && char_bytes(next) < 3))
        return false;
    return !memmem(opening, sizeof(opening) - 1, p, char_bytes(p)) &&
           !memmem(closing, sizeof(closing) - 1, next, char_bytes(next));
}

/* Bytes of text that fit into a line, up to a blank or a break within CJK. */
static size_t line_bytes(struct span text)
{
    size_t at = 0, columns = 0, end = 0;

    while (at < text.n) {
        size_t n = char_bytes(text.p + at);

        if (text.p[at] == ' ')
            end = at;
        columns += n < 3 ? 1 : 2;
        if (columns > WIDTH)
            return end ? end : at;
        if (CONF_LANGS > 1 && at + n < text.n && may_break(text.p + at, text.p + at + n))
            end = at + n;
        at += n;
    }
    return text.n;
}

/* Help as comment lines. */
static void print_comment(FILE *out, const char *text)
{
    struct span rest = span_of(text);

    while (rest.n) {
        size_t n = line_bytes(rest);

        fprintf(out, "# %.*s\n", (int)n, rest.p);
        rest = span_trim(span_from(rest, n));
    }
}

/* The valid values and the default. */
static void put_bounds(struct buf *out, const struct conf_key *k, enum conf_lang lang)
{
    conf_expect(k, lang, out);
    if (!k->def)
        buf_str(out, CONF_TEXT(lang, "; required", "；必填"));
    else if (k->def[0])
        buf_printf(out, CONF_TEXT(lang, "; default %s", "；默认 %s"), k->def);
}

static void print_key(FILE *out, const struct conf_key *k, enum conf_lang lang)
{
    char text[1024];
    struct buf b;

    buf_init(&b, text, sizeof(text));
    buf_printf(&b, CONF_TEXT(lang, "%s (", "%s（"), k->help[lang]);
    put_bounds(&b, k, lang);
    buf_str(&b, CONF_TEXT(lang, ")", "）"));
    fputc('\n', out);
    print_comment(out, text);
    if (k->example)
        fprintf(out, "%s = %s\n", k->key, k->example);
    else
        fprintf(out, "#%s =%s%s\n", k->key, k->def && k->def[0] ? " " : "", k->def ? k->def : "");
}

void conf_print_example(FILE *out, enum conf_lang lang)
{
    fputs(CONF_TEXT(
              lang,
              "# Configuration of gbagentd, the GB/T 28181 agent, as printed by gbagentd --print-config.\n"
              "# Lines are [section], key = value, or comments, in UTF-8, not indented and at most 199 bytes long.\n"
              "# Put a value in \"double quotes\" if it begins or ends with a blank, or contains ; or # after one.\n"
              "# Keys commented out show their default. Keep this file at mode 600: it contains passwords.\n",
              "# GB/T 28181 设备代理 gbagentd 的配置文件，内容由 gbagentd --print-config=zh 打印。\n"
              "# 每行为 [节]、key = value 或注释，UTF-8 编码，行首不缩进，不超过 199 字节。\n"
              "# 值以空格开头或结尾，或空格之后有 ; 或 # 时，须用 \"双引号\" 括起。\n"
              "# 被注释掉的配置项给出的是默认值。本文件含有密码，权限应保持 600。\n"),
          out);
    for (unsigned i = 0; i < CONF_SECTIONS; i++) {
        const struct conf_section_info *s = &conf_section_table[i];

        fputc('\n', out);
        print_comment(out, s->help[lang]);
        if (i == CONF_BOARD)
            continue;
        fprintf(out, "%s[%s%s%s]\n", s->example_off ? "#" : "", s->name, s->example ? " " : "",
                s->example ? s->example : "");
        for (size_t j = 0; j < conf_key_count; j++)
            if (conf_key_table[j].section == i)
                print_key(out, &conf_key_table[j], lang);
    }
}

/* "source = NAME:TEXT: help" */
static void print_text(FILE *out, const char *board, const char *key, const struct board_key *row, enum conf_lang lang)
{
    char text[1024];
    struct buf b;

    if (!row || !row->help)
        return;
    buf_init(&b, text, sizeof(text));
    buf_printf(&b, "%s = %s:... %s", key, board, lang == CONF_ZH && row->help_zh ? row->help_zh : row->help);
    print_comment(out, text);
}

void conf_print_boards(FILE *out, enum conf_lang lang)
{
    struct conf_key k;

    fputs(CONF_TEXT(lang, "# ---- boards in this build ----\n", "# ---- 本程序内置的移植层 ----\n"), out);
    for (unsigned i = 0; board_table[i]; i++) {
        const struct board_ops *ops = board_table[i];

        if (!ops->nkeys && !ops->source_text && !ops->audio_text)
            continue;
        fprintf(out, CONF_TEXT(lang, "\n# Board %s.\n", "\n# 移植层 %s。\n"), ops->name);
        print_text(out, ops->name, "source", ops->source_text, lang);
        print_text(out, ops->name, "audio", ops->audio_text, lang);
        if (ops->nkeys)
            fprintf(out, "#[board %s]\n", ops->name);
        for (unsigned j = 0; j < ops->nkeys; j++) {
            conf_board_key(&ops->key[j], &k);
            print_key(out, &k, lang);
        }
    }
}

/* Backslashes and hyphens have a special meaning in roff. */
static void print_roff(FILE *out, const char *text)
{
    for (const char *p = text; *p; p++)
        if (*p == '-')
            fputs("\\-", out);
        else if (*p == '\\')
            fputs("\\e", out);
        else
            fputc(*p, out);
}

void conf_print_man(FILE *out, enum conf_lang lang)
{
    for (unsigned i = 0; i < CONF_SECTIONS; i++) {
        const struct conf_section_info *s = &conf_section_table[i];

        fprintf(out, ".SS [%s%s]\n", s->name, s->naming == CONF_NAMED ? " NAME" : s->naming == CONF_BY_ID ? " ID" : "");
        print_roff(out, s->help[lang]);
        fputc('\n', out);
        for (size_t j = 0; j < conf_key_count; j++) {
            const struct conf_key *k = &conf_key_table[j];
            char bounds[512];
            struct buf b;

            if (k->section != i)
                continue;
            buf_init(&b, bounds, sizeof(bounds));
            put_bounds(&b, k, lang);
            fprintf(out, ".TP\n.B %s\n", k->key);
            print_roff(out, k->help[lang]);
            fputs(CONF_TEXT(lang, "\n.br\n(", "\n.br\n（"), out);
            print_roff(out, bounds);
            fputs(CONF_TEXT(lang, ")\n", "）\n"), out);
        }
    }
}
