/* SPDX-License-Identifier: MIT */
/* Civil time without the C library's clock or zone files. */
#ifndef UTIL_WALLTIME_H
#define UTIL_WALLTIME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "util/span.h"

/* "Now", as every call of the lower half gets it. */
struct gb_time {
    uint64_t mono_ms;           /* CLOCK_MONOTONIC; every timer lives on it */
    int64_t unix_ms;            /* wall clock; may be 1970, may jump; only ever printed */
    int utc_offset_s;           /* of local time, east positive; Beijing is 28800 */
};

#define WALLTIME_TEXT 20        /* "2024-01-01T08:00:00" and NUL */

/* Whether a clock told by somebody else is to be believed: from the year this program was built on, for
 * WALLTIME_YEARS years. */
#define WALLTIME_YEARS 20
bool walltime_credible(int64_t unix_ms);
/* Days since 1970-01-01 of a proleptic Gregorian date; month 1..12. */
int64_t walltime_days(int64_t year, unsigned month, unsigned day);
void walltime_print(int64_t unix_ms, int utc_offset_s, char out[WALLTIME_TEXT]);
/* yyyy-M-dTh:m:s[.f][Z|+hh:mm|-hh:mm] with blanks allowed after ':' and ' ' for 'T'; and RFC 1123
 * dates. Without a zone it is local time at utc_offset_s. -EBADMSG for anything else, 31 Feb included;
 * second 60 counts as 59. */
int walltime_parse(struct span text, int utc_offset_s, int64_t *unix_ms);
/* The same, and what else stands in queries: T24:00:00, the midnight that follows; no seconds; the date alone, which is its
 * first moment or, with `end`, the midnight that follows; date and clock without '-' and ':', then with or without the 'T'. */
int walltime_parse_query(struct span text, int utc_offset_s, bool end, int64_t *unix_ms);

#endif
