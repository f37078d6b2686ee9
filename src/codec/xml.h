/* SPDX-License-Identifier: MIT */
/* XML parser and writer; UTF-8 internally. The only includer of mxml (3.x and 4.x). Input passes a limiter of our own
 * (xml_walk.h) before mxml: it enforces the limits below, refuses DOCTYPE, removes BOM and leading blanks, replaces C0
 * by blanks and a bare & by &amp;, decodes numeric entities, and quotes unquoted attribute values (Num=2, a misprint in
 * the standard). */
#ifndef CODEC_XML_H
#define CODEC_XML_H

#include "codec/charset.h"
#include "util/buf.h"
#include "util/span.h"

#define XML_BYTES_MAX    65536u
#define XML_DEPTH_MAX    16u
#define XML_ELEMENTS_MAX 512u
#define XML_ATTRS_MAX    16u

struct xml_doc;
struct xml_node; /* an element; valid until xml_free() */

/* Decodes by the declared encoding, otherwise by `fallback`; declared UTF-8 that is invalid is read as GB18030. 0;
 * -EBADMSG: malformed; -E2BIG: over a limit; -ENOMEM. *out is set only with 0 and must be freed by xml_free(). */
int xml_parse(struct xml_doc **out, struct span bytes, enum charset fallback);
void xml_free(struct xml_doc *doc); /* NULL is allowed */

const struct xml_node *xml_root(const struct xml_doc *doc);
const char *xml_name(const struct xml_node *node);
const struct xml_node *xml_child(const struct xml_node *node, const char *name); /* first of that name (NULL: any) */
const struct xml_node *xml_next(const struct xml_node *node, const char *name);  /* next sibling of that name */
/* Trimmed text of the element; "" if it has none. Borrowed from the document. */
const char *xml_value(const struct xml_node *node);
/* Trimmed text of the first child `name`; NULL if there is none. */
const char *xml_text(const struct xml_node *node, const char *name);

/* Writing UTF-8 into a bounded buffer. Text is escaped with the five named entities; C0 bytes are dropped, invalid
 * UTF-8 becomes '?'. Lines end with CRLF. */
void xml_prolog(struct buf *b, enum charset declared);
void xml_open(struct buf *b, const char *name);
void xml_open_num(struct buf *b, const char *name, unsigned num); /* <name Num="num"> */
void xml_close(struct buf *b, const char *name);
void xml_put(struct buf *b, const char *name, const char *text);
void xml_putf(struct buf *b, const char *name, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

#endif
