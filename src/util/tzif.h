/* SPDX-License-Identifier: MIT */
/*
 * The UTC offset of local time from time zone data. Replaces localtime(), which pulls scanf, strtod and strftime into a
 * static glibc binary (130 KB).
 */
#ifndef UTIL_TZIF_H
#define UTIL_TZIF_H

#include <stdint.h>

#include "util/span.h"

/* Both give the offset at `now` (Unix seconds) in seconds east of UTC. 0, or -EBADMSG with *offset_s unchanged. */

/* A POSIX TZ rule ("CET-1CEST,M3.5.0,M10.5.0/3"), with the times of -167 to 167 hours of RFC 8536. Daylight saving time
 * without dates follows the rules of the United States, as in glibc. */
int tzif_rule_offset(struct span rule, int64_t now, int *offset_s);
/* The contents of a TZif file, version 1 to 4 (RFC 8536). Leap seconds are ignored. */
int tzif_offset(struct span tzif, int64_t now, int *offset_s);

#endif
