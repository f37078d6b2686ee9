/* SPDX-License-Identifier: MIT */
/* The envelope of every MANSCDP message (GB/T 28181 A.1, A.2), and the times and numbers in them. */
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

#define MANSCDP_SN_SIZE 72u             /* an SN is text: some platforms send a UUID */
#define MANSCDP_BODY_MAX 12288u         /* bytes of a body we send: a full VideoRecordPlan */

enum manscdp_root { MANSCDP_CONTROL, MANSCDP_QUERY, MANSCDP_NOTIFY, MANSCDP_RESPONSE };

/* A dateTime of a message. local: it named no zone, and unix_s counts as if its clock showed UTC. */
struct manscdp_when {
    int64_t unix_s;
    bool local;
};

#define MANSCDP_BAD_TIME_SIZE 48u

/* A time that cannot be read, for the log. */
struct manscdp_bad_time {
    const char *element;                /* NULL: there is none */
    char text[MANSCDP_BAD_TIME_SIZE];      /* as sent, cut to fit; "": it is missing */
};

/* Ends that were not given are open. */
struct manscdp_span {
    bool has_from, has_to;
    struct manscdp_when from, to;
};

/* By the name of the root element; -EBADMSG. */
int manscdp_root_find(const char *name, enum manscdp_root *out);

/* The first lines of a message: prolog, <root>, CmdType, SN, DeviceID (left out when NULL). */
void manscdp_begin(struct buf *b, enum charset cs, enum manscdp_root root, const char *cmd_type, const char *sn,
                   const char *device_id);
/* The same of a Notify, whose SNs are ours. */
void manscdp_begin_notify(struct buf *b, enum charset cs, const char *cmd_type, uint32_t sn, const char *device_id);
void manscdp_end(struct buf *b, enum manscdp_root root);

/* The time in the child `name` of a query, in every form of walltime_parse_query; `end`: it ends a span. 0, -ENODATA: none is
 * given, -EBADMSG: it cannot be read; *why says more about both. */
int manscdp_time_read(const struct xml_node *node, const char *name, bool end, struct manscdp_when *out,
                      struct manscdp_bad_time *why);
int64_t manscdp_when_unix(const struct manscdp_when *w, int utc_offset_s);

/* UTF-8 to the link's charset. `out` has its memory; 0, -EMSGSIZE did not fit, -ENOSYS, -ENOMEM. */
int manscdp_convert(enum charset cs, const struct buf *utf8, struct buf *out);

/* Numbers are always numeric, whatever the config says: no blank, no exponent, no comma. */
void manscdp_put_degrees(struct buf *b, const char *name, double degrees);

#endif
