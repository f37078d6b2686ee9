/* SPDX-License-Identifier: MIT */
/* Calendar time, parsed and printed without the C library's clock or zone files. */
#ifndef UTIL_WALLTIME_H
#define UTIL_WALLTIME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "util/span.h"

/* The current time, passed to every call into the lower half. */
struct gb_time {
    uint64_t mono_ms; /* CLOCK_MONOTONIC; the base of all timers */
    int64_t unix_ms;  /* wall clock; may be in 1970 and may jump, so only for texts */
    int utc_offset_s; /* of local time, seconds east of UTC; Beijing is 28800 */
};

#define WALLTIME_TEXT 20 /* "2024-01-01T08:00:00" and NUL */

/* Whether a time from a remote is plausible: from the year of the build on, for WALLTIME_YEARS years. */
#define WALLTIME_YEARS 20
bool walltime_credible(int64_t unix_ms);
/* Days since 1970-01-01 of a proleptic Gregorian date; month 1 to 12. */
int64_t walltime_days(int64_t year, unsigned month, unsigned day);
void walltime_print(int64_t unix_ms, int utc_offset_s, char out[WALLTIME_TEXT]);
/* Parses yyyy-M-dTh:m:s[.f][Z|+hh:mm|-hh:mm], with ' ' instead of 'T' and blanks after ':' allowed, and RFC 1123 dates.
 * Without a zone it is local time at utc_offset_s. Second 60 is read as 59. 0, or -EBADMSG for everything else,
 * including dates such as 31 February. */
int walltime_parse(struct span text, int utc_offset_s, int64_t *unix_ms);
/* Also accepts what platforms send in queries: T24:00:00 for the following midnight; no seconds; a date alone, which
 * means its first moment or, with `end`, the following midnight; date and time without '-' and ':', with or without
 * 'T'. */
int walltime_parse_query(struct span text, int utc_offset_s, bool end, int64_t *unix_ms);

#endif
