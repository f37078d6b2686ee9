/* SPDX-License-Identifier: MIT */
/*
 * The limiter in front of the XML library: reads untrusted UTF-8 and writes elements, attributes and trimmed text only.
 * Its output has no declaration, comment, CDATA or numeric entity, nests properly and is within the limits of
 * codec/xml.h. No recursion, no allocation.
 */
#ifndef CODEC_XML_WALK_H
#define CODEC_XML_WALK_H

#include "util/buf.h"
#include "util/span.h"

/* 0; -EBADMSG: malformed; -E2BIG: over a limit. `out` must have xml_walk_room(in) bytes. */
int xml_walk(struct span in, struct buf *out);
size_t xml_walk_room(struct span in);
/* Without blanks and C0 bytes at both ends. */
struct span xml_walk_trim(struct span s);

#endif
