/* SPDX-License-Identifier: MIT */
#include "codec/xml_walk.h"

#include <errno.h>
#include <string.h>

#include "codec/xml.h"

struct walk {
    struct span in;
    struct buf *out;
    struct span open[XML_DEPTH_MAX]; /* names of the open elements */
    struct span attr[XML_ATTRS_MAX]; /* names of the current element's attributes */
    unsigned depth, elements;
};

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static bool is_name_char(char c, bool first)
{
    unsigned char u = (unsigned char)c;

    if ((u >= 'a' && u <= 'z') || (u >= 'A' && u <= 'Z') || u == '_' || u == ':' || u >= 0x80)
        return true;
    return !first && ((u >= '0' && u <= '9') || u == '-' || u == '.');
}

static void skip_blanks(struct walk *w)
{
    while (w->in.n && is_blank(w->in.p[0]))
        w->in = span_from(w->in, 1);
}

static bool starts(const struct walk *w, const char *text)
{
    size_t n = strlen(text);
    return w->in.n >= n && !memcmp(w->in.p, text, n);
}

/* Past the next `text`. */
static int skip_past(struct walk *w, const char *text)
{
    const char *at = memmem(w->in.p, w->in.n, text, strlen(text));

    if (!at)
        return -EBADMSG;
    w->in = span_from(w->in, (size_t)(at - w->in.p) + strlen(text));
    return 0;
}

static struct span take_name(struct walk *w)
{
    size_t n = 0;

    while (n < w->in.n && is_name_char(w->in.p[n], n == 0))
        n++;
    struct span name = { w->in.p, n };
    w->in = span_from(w->in, n);
    return name;
}

static void put_char(struct buf *out, char c)
{
    switch (c) {
    case '&':
        buf_str(out, "&amp;");
        break;
    case '<':
        buf_str(out, "&lt;");
        break;
    case '>':
        buf_str(out, "&gt;");
        break;
    case '"':
        buf_str(out, "&quot;");
        break;
    default:
        buf_char(out, (unsigned char)c < 0x20 ? ' ' : c);
        break;
    }
}

static void put_code_point(struct buf *out, unsigned long cp)
{
    char utf8[4];
    size_t n = 0;

    if (cp < 0x80) {
        put_char(out, (char)cp);
        return;
    }
    if (cp > 0x10ffff || (cp >= 0xd800 && cp < 0xe000)) {
        buf_char(out, '?');
        return;
    }
    if (cp < 0x800) {
        utf8[n++] = (char)(0xc0 | cp >> 6);
    } else if (cp < 0x10000) {
        utf8[n++] = (char)(0xe0 | cp >> 12);
        utf8[n++] = (char)(0x80 | (cp >> 6 & 0x3f));
    } else {
        utf8[n++] = (char)(0xf0 | cp >> 18);
        utf8[n++] = (char)(0x80 | (cp >> 12 & 0x3f));
        utf8[n++] = (char)(0x80 | (cp >> 6 & 0x3f));
    }
    utf8[n++] = (char)(0x80 | (cp & 0x3f));
    buf_put(out, utf8, n);
}

static unsigned digit_value(char c)
{
    if (c >= '0' && c <= '9')
        return (unsigned)(c - '0');
    if (c >= 'a' && c <= 'f')
        return (unsigned)(c - 'a') + 10;
    return c >= 'A' && c <= 'F' ? (unsigned)(c - 'A') + 10 : 99;
}

/* Writes the entity at the start of s, returns its length. A bare & or an unknown name is plain text. */
static size_t put_entity(struct buf *out, struct span s)
{
    static const char *const named[] = { "&amp;", "&lt;", "&gt;", "&quot;", "&apos;" };
    unsigned long cp = 0;

    for (size_t i = 0; i < sizeof(named) / sizeof(named[0]); i++) {
        size_t n = strlen(named[i]);
        if (s.n >= n && !memcmp(s.p, named[i], n)) {
            buf_put(out, named[i], n);
            return n;
        }
    }
    if (s.n > 3 && s.p[1] == '#') {
        bool hex = s.p[2] == 'x' || s.p[2] == 'X';
        unsigned base = hex ? 16 : 10;
        size_t first = hex ? 3 : 2, i = first;
        for (; i < s.n && i < first + 8 && digit_value(s.p[i]) < base; i++)
            cp = cp * base + digit_value(s.p[i]);
        if (i > first && i < s.n && s.p[i] == ';') {
            put_code_point(out, cp);
            return i + 1;
        }
    }
    buf_str(out, "&amp;");
    return 1;
}

static void put_text(struct buf *out, struct span text, bool entities)
{
    while (text.n) {
        size_t n = 1;
        if (entities && text.p[0] == '&')
            n = put_entity(out, text);
        else
            put_char(out, text.p[0]);
        text = span_from(text, n);
    }
}

struct span xml_walk_trim(struct span s)
{
    while (s.n && (unsigned char)s.p[0] <= ' ')
        s = span_from(s, 1);
    while (s.n && (unsigned char)s.p[s.n - 1] <= ' ')
        s.n--;
    return s;
}

/* mxml refuses duplicate attributes; the first one counts. */
static bool seen_before(const struct walk *w, unsigned attrs, struct span name)
{
    for (unsigned i = 0; i < attrs; i++)
        if (span_eq(w->attr[i], name))
            return true;
    return false;
}

/* name="value", name='value' or the misprint name=value. attrs: number of attributes before it. */
static int walk_attribute(struct walk *w, unsigned attrs)
{
    struct span name = take_name(w), value;

    if (!name.n)
        return -EBADMSG;
    skip_blanks(w);
    if (!w->in.n || w->in.p[0] != '=')
        return -EBADMSG;
    w->in = span_from(w->in, 1);
    skip_blanks(w);
    if (w->in.n && (w->in.p[0] == '"' || w->in.p[0] == '\'')) {
        char quote = w->in.p[0];
        w->in = span_from(w->in, 1);
        size_t n = span_chr(w->in, quote);
        if (n >= w->in.n)
            return -EBADMSG;
        value = (struct span){ w->in.p, n };
        w->in = span_from(w->in, n + 1);
    } else {
        size_t n = 0;
        while (n < w->in.n && !is_blank(w->in.p[n]) && !strchr("<>/\"'=", w->in.p[n]))
            n++;
        value = (struct span){ w->in.p, n };
        w->in = span_from(w->in, n);
    }
    if (span_chr(value, '<') < value.n)
        return -EBADMSG;
    w->attr[attrs] = name;
    if (seen_before(w, attrs, name))
        return 0;
    buf_char(w->out, ' ');
    buf_span(w->out, name);
    buf_str(w->out, "=\"");
    put_text(w->out, value, true);
    buf_char(w->out, '"');
    return 0;
}

/* After '<'. */
static int walk_open(struct walk *w)
{
    struct span name = take_name(w);
    unsigned attrs = 0;

    if (!name.n)
        return -EBADMSG;
    if (w->depth >= XML_DEPTH_MAX || ++w->elements > XML_ELEMENTS_MAX)
        return -E2BIG;
    buf_char(w->out, '<');
    buf_span(w->out, name);
    for (;;) {
        skip_blanks(w);
        if (starts(w, "/>")) {
            w->in = span_from(w->in, 2);
            buf_str(w->out, "/>");
            return 0;
        }
        if (starts(w, ">"))
            break;
        if (attrs >= XML_ATTRS_MAX)
            return -E2BIG;
        int err = walk_attribute(w, attrs++);
        if (err)
            return err;
    }
    w->in = span_from(w->in, 1);
    buf_char(w->out, '>');
    w->open[w->depth++] = name;
    return 0;
}

/* After '</'. */
static int walk_close(struct walk *w)
{
    struct span name = take_name(w);

    skip_blanks(w);
    if (!w->depth || !span_eq(name, w->open[w->depth - 1]) || !starts(w, ">"))
        return -EBADMSG;
    w->in = span_from(w->in, 1);
    w->depth--;
    buf_str(w->out, "</");
    buf_span(w->out, name);
    buf_char(w->out, '>');
    return 0;
}

/* A '<' construct. */
static int walk_markup(struct walk *w)
{
    if (starts(w, "<?"))
        return skip_past(w, "?>");
    if (starts(w, "<!--"))
        return skip_past(w, "-->");
    if (starts(w, "<![CDATA[") && w->depth) {
        w->in = span_from(w->in, strlen("<![CDATA["));
        struct span text = w->in;
        if (skip_past(w, "]]>"))
            return -EBADMSG;
        text.n -= w->in.n + strlen("]]>");
        put_text(w->out, xml_walk_trim(text), false);
        return 0;
    }
    /* DOCTYPE: not used in this protocol, and a common attack on XML parsers. */
    if (starts(w, "<!"))
        return -EBADMSG;
    bool closing = starts(w, "</");
    w->in = span_from(w->in, closing ? 2 : 1);
    return closing ? walk_close(w) : walk_open(w);
}

/* Ignores everything after the root element. */
static int walk_document(struct walk *w)
{
    while (w->in.n && !(w->elements && !w->depth)) {
        if (w->in.p[0] == '<') {
            int err = walk_markup(w);
            if (err)
                return err;
            continue;
        }
        struct span text = { w->in.p, span_chr(w->in, '<') };
        w->in = span_from(w->in, text.n);
        text = xml_walk_trim(text);
        if (text.n && !w->depth)
            return -EBADMSG;
        put_text(w->out, text, true);
    }
    if (!w->elements || w->depth)
        return -EBADMSG;
    return w->out->overflow ? -E2BIG : 0;
}

static size_t count_bytes(struct span s, char c)
{
    size_t n = 0;

    for (size_t i = 0; i < s.n; i++)
        n += s.p[i] == c;
    return n;
}

size_t xml_walk_room(struct span in)
{
    /* the bytes that escaping can add */
    return in.n + 4 * count_bytes(in, '&') + 3 * count_bytes(in, '<') + 3 * count_bytes(in, '>') +
           5 * count_bytes(in, '"') + 2 * count_bytes(in, '=') + 16;
}

int xml_walk(struct span in, struct buf *out)
{
    struct walk w = { .in = xml_walk_trim(in), .out = out };

    return walk_document(&w);
}
