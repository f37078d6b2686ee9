/* SPDX-License-Identifier: MIT */
/*
 * Feeds lines to inih after checking them, because inih is too lenient: an indented key continues the value of
 * the line before, " ;" ends a value, long lines are split, long section names are cut; some of that depends on how a
 * distribution built it. So invalid lines and comments are passed as empty ones, and comment characters in values are
 * replaced.
 */
#include "conf/conf_priv.h"

#include <errno.h>
#include <ini.h>
#include <string.h>

#include "codec/charset.h"

#define HIDE_SEMICOLON '\x01'
#define HIDE_HASH      '\x02'

/* Reads a line without its end into buf[CONF_LINE_MAX + 2]; bytes that do not fit are only counted. false: end of
 * file. */
static bool read_line(struct conf_state *st, char *buf, size_t *len)
{
    size_t n = 0;
    int c;

    while ((c = getc_unlocked(st->in)) != EOF && c != '\n') {
        if (n <= CONF_LINE_MAX)
            buf[n] = (char)c;
        n++;
        if (++st->bytes > CONF_BYTES_MAX) {
            conf_error(st, st->line + 1, "expected a file of at most %u bytes", CONF_BYTES_MAX);
            st->end = true;
            return false;
        }
    }
    if (c == EOF && n == 0)
        return false;
    st->line++;
    st->bytes++;
    if (n && n <= CONF_LINE_MAX + 1 && buf[n - 1] == '\r')
        n--;
    *len = n;
    return true;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

static bool is_comment(char c)
{
    return c == ';' || c == '#';
}

static bool has_control(struct span s)
{
    for (size_t i = 0; i < s.n; i++)
        if (((unsigned char)s.p[i] < 0x20 && s.p[i] != '\t') || s.p[i] == 0x7f)
            return true;
    return false;
}

/* true: a valid [section], begun. */
static bool check_section(struct conf_state *st, struct span line)
{
    size_t close = span_chr(line, ']');
    struct span rest = span_trim(span_from(line, close + 1));
    struct span name;

    conf_section_end(st);
    st->section = NULL;
    st->any_section = true;
    if (close == line.n || (rest.n && !is_comment(rest.p[0]))) {
        conf_error(st, st->line, "expected [section] or [section NAME] and nothing after it");
        return false;
    }
    name = (struct span){ line.p + 1, close - 1 };
    if (name.n > CONF_WORD_MAX) {
        conf_error(st, st->line, "expected a section name of at most %u bytes", CONF_WORD_MAX);
        return false;
    }
    if (conf_section_begin(st, name) < 0)
        st->end = st->no_memory = true;
    return st->section != NULL;
}

/* true: a value that inih passes on unchanged. */
static bool check_value(struct conf_state *st, struct span key, struct span value)
{
    if (value.n && value.p[0] == '"') {
        if (value.n >= 2 && value.p[value.n - 1] == '"')
            return true;
        conf_error(st, st->line, "%.*s: expected a closing \" at the end of the value", (int)key.n, key.p);
        return false;
    }
    for (size_t i = 0; i < value.n; i++) {
        if (is_comment(value.p[i]) && (i == 0 || is_blank(value.p[i - 1]))) {
            conf_error(st, st->line,
                       "%.*s: quote a value with '%c' after a blank: \"...\"; comments need lines of their own",
                       (int)key.n, key.p, value.p[i]);
            return false;
        }
    }
    return true;
}

static bool check_key(struct conf_state *st, struct span line)
{
    size_t eq = span_chr(line, '=');
    struct span key = span_trim((struct span){ line.p, eq });

    if (eq == line.n || !key.n || key.n > CONF_WORD_MAX) {
        conf_error(st, st->line, "expected \"key = value\" or [section]");
        return false;
    }
    for (size_t i = 0; i < key.n; i++) {
        if (key.p[i] != '_' && (key.p[i] < 'a' || key.p[i] > 'z') && (i == 0 || key.p[i] < '0' || key.p[i] > '9')) {
            conf_error(st, st->line, "invalid key, expected letters a to z, digits and _");
            return false;
        }
    }
    return check_value(st, key, span_trim(span_from(line, eq + 1)));
}

/* The line to pass to inih; empty if it is invalid or a comment. */
static struct span check_line(struct conf_state *st, struct span line)
{
    const struct span nothing = { "", 0 };
    struct span text;

    if (st->line == 1 && line.n >= 3 && !memcmp(line.p, "\xef\xbb\xbf", 3))
        line = span_from(line, 3);
    text = span_trim(line);
    if (!text.n || is_comment(text.p[0]))
        return nothing;
    if (line.n > CONF_LINE_MAX) {
        conf_error(st, st->line, "expected a line of at most %u bytes", CONF_LINE_MAX);
        return nothing;
    }
    if (!charset_utf8_valid(text)) {
        conf_error(st, st->line, "expected UTF-8 (convert files in GBK or UTF-16)");
        return nothing;
    }
    if (has_control(text)) {
        conf_error(st, st->line, "expected text without control characters");
        return nothing;
    }
    if (text.p != line.p) {
        conf_error(st, st->line, "expected no blanks before a key or a [section]");
        return nothing;
    }
    if (text.p[0] == '[')
        return check_section(st, text) ? text : nothing;
    return check_key(st, text) ? text : nothing;
}

/* The reader of inih, like fgets(). */
static char *next_line(char *out, int size, void *stream)
{
    struct conf_state *st = stream;
    char buf[CONF_LINE_MAX + 2];
    struct span line;
    size_t len;
    bool key;

    if (st->end || !read_line(st, buf, &len))
        return NULL;
    if (len > sizeof(buf) - 1)
        len = sizeof(buf) - 1;
    line = check_line(st, (struct span){ buf, len });
    if (size <= 0)
        return NULL;
    if (line.n >= (size_t)size) {
        conf_error(st, st->line, "expected a line of at most %d bytes", size - 1);
        line.n = 0;
    }
    key = line.n && line.p[0] != '[';
    for (size_t i = 0; i < line.n; i++)
        if (key && is_comment(line.p[i]))
            out[i] = line.p[i] == ';' ? HIDE_SEMICOLON : HIDE_HASH;
        else
            out[i] = line.p[i];
    out[line.n] = '\0';
    return out;
}

static int on_value(void *user, const char *section, const char *key, const char *value
#if INI_HANDLER_LINENO
                    ,
                    int lineno
#endif
)
{
    struct conf_state *st = user;
    char text[CONF_LINE_MAX + 1];
    struct span s;
    size_t n;

#if INI_HANDLER_LINENO
    (void)lineno;
#endif
    (void)section; /* st->section is used instead: inih does not see invalid sections */
    if (!key || !value)
        return 1;
    n = strlen(value);
    if (n >= sizeof(text))
        n = sizeof(text) - 1;
    for (size_t i = 0; i < n; i++)
        text[i] = value[i] == HIDE_SEMICOLON ? ';' : value[i] == HIDE_HASH ? '#' : value[i];
    s = (struct span){ text, n };
    if (n >= 2 && text[0] == '"')
        s = (struct span){ text + 1, n - 2 };
    conf_value(st, key, s);
    return 1;
}

int conf_file_parse(struct conf_state *st)
{
    int line = ini_parse_stream(next_line, st, on_value, st);

    conf_section_end(st);
    st->section = NULL;
    if (line == -2 || st->no_memory)
        return -ENOMEM;
    if (line && !st->nerrors)
        conf_error(st, line > 0 ? (unsigned)line : 0, "expected \"key = value\" or [section]");
    return 0;
}
