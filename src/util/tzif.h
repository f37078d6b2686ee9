/* SPDX-License-Identifier: MIT */
/*
 * Local time's offset from a zone's own data, for programs whose libc would bring scanf, strtod and strftime along with
 * localtime (a static glibc: 130 KB).
 */
#ifndef UTIL_TZIF_H
#define UTIL_TZIF_H

#include <stdint.h>

#include "util/span.h"

/* Both tell the seconds east of UTC that hold at `now` (Unix seconds, any). 0, or -EBADMSG and *offset_s as it was. */

/* A rule as in POSIX' TZ ("CET-1CEST,M3.5.0,M10.5.0/3"), with RFC 8536's times of -167..167 hours. A summer time without
 * dates has those of the United States, as in glibc. */
int tzif_rule_offset(struct span rule, int64_t now, int *offset_s);
/* The bytes of a TZif file, version 1 to 4 (RFC 8536). Leap seconds are not looked at. */
int tzif_offset(struct span tzif, int64_t now, int *offset_s);

#endif
