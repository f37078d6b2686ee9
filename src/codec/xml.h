/* SPDX-License-Identifier: MIT */
/* XML in and out, UTF-8 inside. The only includer of mxml (3.x and 4.x). Input is walked by our own
 * limiter before mxml sees it: XML_BYTES_MAX, XML_DEPTH_MAX, XML_ELEMENTS_MAX, XML_ATTRS_MAX; no DOCTYPE;
 * leading blanks and BOM cut; C0 to blank; a bare & becomes &amp;; numeric entities kept; unquoted attribute
 * values (Num=2, a misprint that is in the standard) quoted. */
#ifndef CODEC_XML_H
#define CODEC_XML_H

#include "codec/charset.h"
#include "util/buf.h"
#include "util/span.h"

#define XML_BYTES_MAX 65536u
#define XML_DEPTH_MAX 16u
#define XML_ELEMENTS_MAX 512u
#define XML_ATTRS_MAX 16u

struct xml_doc;
struct xml_node;                                /* an element; lives as long as its document */

/* Decodes by the declared encoding, else by `fallback` (bytes that are no valid UTF-8 though declared so
 * are tried as GB18030). -EBADMSG broken, -E2BIG past a limit, -ENOMEM. *out only on 0; xml_free takes it. */
int xml_parse(struct xml_doc **out, struct span bytes, enum charset fallback);
void xml_free(struct xml_doc *doc);             /* NULL is fine */

const struct xml_node *xml_root(const struct xml_doc *doc);
const char *xml_name(const struct xml_node *node);
const struct xml_node *xml_child(const struct xml_node *node, const char *name);   /* first of that name (NULL: any) */
const struct xml_node *xml_next(const struct xml_node *node, const char *name);    /* next sibling of that name */
/* Trimmed text of the element itself; "" when it has none. Borrowed from the document. */
const char *xml_value(const struct xml_node *node);
/* Trimmed text of the child `name`; NULL when there is no such child. */
const char *xml_text(const struct xml_node *node, const char *name);
const char *xml_attr(const struct xml_node *node, const char *name);                /* NULL when absent */

/* Writing, UTF-8 into a bounded buffer; text is escaped with the five named entities, C0 bytes dropped,
 * broken UTF-8 replaced by '?'. Lines end with CRLF. */
void xml_prolog(struct buf *b, enum charset declared);
void xml_open(struct buf *b, const char *name);
void xml_open_num(struct buf *b, const char *name, unsigned num);  /* <name Num="num"> */
void xml_close(struct buf *b, const char *name);
void xml_put(struct buf *b, const char *name, const char *text);
void xml_putf(struct buf *b, const char *name, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
void xml_text_escape(struct buf *b, const char *text);

#endif
