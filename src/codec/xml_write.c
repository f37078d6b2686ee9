/* SPDX-License-Identifier: MIT */
/* The writer of xml.h, without the library. */
#include "codec/xml.h"

#include <string.h>

#define TEXT_MAX 256u

void xml_prolog(struct buf *b, enum charset declared)
{
    buf_printf(b, "<?xml version=\"1.0\" encoding=\"%s\"?>\r\n", charset_name(declared));
}

void xml_open(struct buf *b, const char *name)
{
    buf_printf(b, "<%s>\r\n", name);
}

void xml_open_num(struct buf *b, const char *name, unsigned num)
{
    buf_printf(b, "<%s Num=\"%u\">\r\n", name, num);
}

void xml_close(struct buf *b, const char *name)
{
    buf_printf(b, "</%s>\r\n", name);
}

static const char *entity_of(char c)
{
    switch (c) {
    case '&':
        return "&amp;";
    case '<':
        return "&lt;";
    case '>':
        return "&gt;";
    case '"':
        return "&quot;";
    case '\'':
        return "&apos;";
    default:
        return NULL;
    }
}

static void put_escaped(struct buf *b, const char *text)
{
    struct span rest = span_of(text);

    /* Runs of plain text between bytes to escape or drop; charset_from_utf8 replaces invalid UTF-8. */
    while (rest.n) {
        size_t run = 0;
        while (run < rest.n && (unsigned char)rest.p[run] >= 0x20 && rest.p[run] != 0x7f && !entity_of(rest.p[run]))
            run++;
        charset_from_utf8(CHARSET_UTF8, (struct span){ rest.p, run }, b);
        if (run < rest.n && entity_of(rest.p[run]))
            buf_str(b, entity_of(rest.p[run]));
        rest = span_from(rest, run + 1);
    }
}

void xml_put(struct buf *b, const char *name, const char *text)
{
    buf_printf(b, "<%s>", name);
    put_escaped(b, text);
    buf_printf(b, "</%s>\r\n", name);
}

void xml_putf(struct buf *b, const char *name, const char *fmt, ...)
{
    char mem[TEXT_MAX];
    struct buf text;
    va_list ap;

    buf_init(&text, mem, sizeof(mem));
    va_start(ap, fmt);
    buf_vprintf(&text, fmt, ap);
    va_end(ap);
    b->overflow = b->overflow || text.overflow;
    xml_put(b, name, text.data);
}
