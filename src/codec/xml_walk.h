/* SPDX-License-Identifier: MIT */
/*
 * The limiter in front of the XML library: reads foreign UTF-8, writes elements, attributes and trimmed text only.
 * What comes out holds no prolog, comment, CDATA or numeric entity, nests properly and stays within the limits of
 * codec/xml.h. Constant stack, no allocation.
 */
#ifndef CODEC_XML_WALK_H
#define CODEC_XML_WALK_H

#include "util/buf.h"
#include "util/span.h"

/* -EBADMSG broken, -E2BIG past a limit. `out` has xml_walk_room(in) bytes. */
int xml_walk(struct span in, struct buf *out);
size_t xml_walk_room(struct span in);
/* Blanks and C0 bytes off both ends. */
struct span xml_walk_trim(struct span s);

#endif
