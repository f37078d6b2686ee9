/* SPDX-License-Identifier: MIT */
/* Error and warning messages about a config. */
#include "conf/conf_priv.h"

#include <stdarg.h>

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

void conf_expect(const struct conf_key *k, enum conf_lang lang, struct buf *out)
{
    if (k->expect)
        buf_str(out, k->expect);
    else
        k->type->expect(k, lang, out);
}

void conf_expected(struct conf_state *st, unsigned line, const struct conf_key *k, struct span got)
{
    char text[256];
    struct buf b;

    buf_init(&b, text, sizeof(text));
    conf_expect(k, CONF_EN, &b);
    if (k->secret)
        conf_error(st, line, "%s: expected %s", k->key, text);
    else
        conf_error(st, line, "%s: expected %s, not \"%.*s\"", k->key, text, (int)got.n, got.p);
}

void conf_missing(struct conf_state *st, unsigned line, const struct conf_key *k, const char *where)
{
    char text[256];
    struct buf b;

    buf_init(&b, text, sizeof(text));
    conf_expect(k, CONF_EN, &b);
    conf_error(st, line, "%s: missing%s, expected %s", k->key, where, text);
}
