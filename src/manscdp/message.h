/* SPDX-License-Identifier: MIT */
/* The envelope of MANSCDP messages (GB/T 28181 A.1, A.2), and times and numbers in them. */
#ifndef MANSCDP_MESSAGE_H
#define MANSCDP_MESSAGE_H

#include <stdbool.h>
#include <stdint.h>

#include "codec/charset.h"
#include "codec/xml.h"
#include "manscdp/edition.h"
#include "util/buf.h"
#include "util/walltime.h"

#define MANSCDP_CONTENT_TYPE "Application/MANSCDP+xml"

#define MANSCDP_SN_SIZE  72u    /* bytes; text, because some platforms send a UUID */
#define MANSCDP_BODY_MAX 12288u /* bytes of a body sent; a full VideoRecordPlan fits */

enum manscdp_root { MANSCDP_CONTROL, MANSCDP_QUERY, MANSCDP_NOTIFY, MANSCDP_RESPONSE };

/* A dateTime of a message. local: it has no zone, and unix_s is the time read as UTC. */
struct manscdp_time {
    int64_t unix_s;
    bool local;
};

#define MANSCDP_BAD_TIME_SIZE 48u

/* An invalid time, for the log. */
struct manscdp_bad_time {
    const char *element;              /* NULL: no invalid time */
    char text[MANSCDP_BAD_TIME_SIZE]; /* as sent, truncated; "" = missing */
};

/* A missing end is open. */
struct manscdp_period {
    bool has_from, has_to;
    struct manscdp_time from, to;
};

/* By the name of the root element. 0, -EBADMSG. */
int manscdp_root_find(const char *name, enum manscdp_root *out);

/* Begins a message: XML declaration, root element, CmdType, SN and, unless NULL, DeviceID. */
void manscdp_begin(struct buf *b, enum charset cs, enum manscdp_root root, const char *cmd_type, const char *sn,
                   const char *device_id);
/* Begins a Notify, which has an SN of ours. */
void manscdp_begin_notify(struct buf *b, enum charset cs, const char *cmd_type, uint32_t sn, const char *device_id);
void manscdp_end(struct buf *b, enum manscdp_root root);

/* Reads the time in the child `name`, in any form of walltime_parse_query; end: it is the end of a span. 0; -ENODATA:
 * missing or empty; -EBADMSG: invalid. *why is filled in for both errors. */
int manscdp_time_read(const struct xml_node *node, const char *name, bool end, struct manscdp_time *out,
                      struct manscdp_bad_time *why);
int64_t manscdp_time_unix(const struct manscdp_time *w, int utc_offset_s);

/* Converts UTF-8 to the charset of the platform. `out` is initialised by the caller. 0; -EMSGSIZE: one of them
 * overflowed; -ENOSYS; -ENOMEM. */
int manscdp_convert(enum charset cs, const struct buf *utf8, struct buf *out);

/* Six decimals, without blank, exponent or comma; 0 if not within -360 to 360. */
void manscdp_put_degrees(struct buf *b, const char *name, double degrees);

#endif
