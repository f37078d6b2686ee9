/* SPDX-License-Identifier: MIT */
/*
 * One SIP message of a trace, and how a stream of them looks on the control socket: a line of text, and the message's bytes behind it.
 *   sip in|out udp|tcp UNIX_US UTC_OFFSET_S LOCAL PEER BYTES SUPPRESSED [PLATFORM]\n
 *   lost COUNT\n               so many records were dropped here, because the reader was too slow
 */
#ifndef TRACE_RECORD_H
#define TRACE_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "util/addr.h"
#include "util/span.h"

#define TRACE_PLATFORM_MAX 48u
#define TRACE_HEAD_MAX 320u             /* of a line, NUL included */
#define TRACE_MESSAGE_MAX 65535u

struct trace_record {
    int64_t unix_us;
    int utc_offset_s;                   /* of local time */
    bool out;                           /* sent by us */
    bool tcp;
    struct addr local, peer;            /* local: the IP may be unspecified */
    char platform[TRACE_PLATFORM_MAX];  /* "" from an unknown source */
    unsigned suppressed;                /* messages from unknown sources before this one that were left out */
    struct span message;                /* borrowed */
};

/* The line; its length. A longer message than TRACE_MESSAGE_MAX is the caller's mistake. */
size_t trace_record_head(const struct trace_record *r, char out[TRACE_HEAD_MAX]);

/* Takes the first record off *rest: 1, *lost is 0 and *r borrows the message; or *lost is not 0 and *r is unchanged.
 * 0: more bytes are needed. -EBADMSG. */
int trace_record_next(struct span *rest, struct trace_record *r, uint64_t *lost);

#endif
