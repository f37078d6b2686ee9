/* SPDX-License-Identifier: MIT */
/*
 * One SIP message of a trace, and its encoding on the control socket: a line of text followed by the bytes of the
 * message.
 *   sip in|out udp|tcp UNIX_US UTC_OFFSET_S LOCAL PEER BYTES SUPPRESSED [PLATFORM]\n
 *   lost COUNT\n               COUNT records were dropped at this point because the reader was too slow
 */
#ifndef TRACE_RECORD_H
#define TRACE_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "util/addr.h"
#include "util/span.h"

#define TRACE_PLATFORM_MAX 48u
#define TRACE_HEAD_MAX     320u /* of the line, including the NUL */
#define TRACE_MESSAGE_MAX  65535u

struct trace_record {
    int64_t unix_us;
    int utc_offset_s; /* of local time */
    bool out;         /* sent by us */
    bool tcp;
    struct addr local, peer;           /* local: the IP may be unspecified */
    char platform[TRACE_PLATFORM_MAX]; /* "": unknown source */
    unsigned suppressed;               /* messages from unknown sources dropped by the rate limit before this one */
    struct span message;               /* borrowed */
};

/* Writes the line; returns its length. The message must not exceed TRACE_MESSAGE_MAX. */
size_t trace_record_head(const struct trace_record *r, char out[TRACE_HEAD_MAX]);

/* Cuts the first record off *rest. 1: done; if *lost is 0, *r is set and borrows the message, otherwise *r is
 * unchanged. 0: incomplete. -EBADMSG. */
int trace_record_next(struct span *rest, struct trace_record *r, uint64_t *lost);

#endif
