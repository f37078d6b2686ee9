/* SPDX-License-Identifier: MIT */
/*
 * The envelope of every MANSCDP message (GB/T 28181 A.1, A.2) and the table of the commands we know.
 *
 * A command that only reports is one struct and one function in its family's file, one row of manscdp/table.c and one
 * of agent/router_query.c, which fills the struct. What a DeviceControl orders is one row of manscdp/control.c.
 */
#ifndef MANSCDP_MESSAGE_H
#define MANSCDP_MESSAGE_H

#include <stdbool.h>
#include <stdint.h>

#include "codec/charset.h"
#include "codec/gbid.h"
#include "codec/xml.h"
#include "gbagent/board.h"
#include "gbagent/control.h"
#include "gbagent/settings.h"
#include "manscdp/edition.h"
#include "util/buf.h"
#include "util/walltime.h"

#define MANSCDP_CONTENT_TYPE "Application/MANSCDP+xml"

#define MANSCDP_SN_SIZE 72u             /* an SN is text: some platforms send a UUID */
#define MANSCDP_TYPE_SIZE 32u
#define MANSCDP_BODY_MAX 12288u         /* bytes of a body we send: a full VideoRecordPlan */

enum manscdp_root { MANSCDP_CONTROL, MANSCDP_QUERY, MANSCDP_NOTIFY, MANSCDP_RESPONSE };

/* What the core does with a request. */
enum manscdp_action {
    MANSCDP_IGNORE,             /* nothing to do */
    MANSCDP_UNSUPPORTED,        /* a command of the standard that this version does not do */
    MANSCDP_ACT,                /* order, u.control */
    MANSCDP_CONFIG,             /* u.config.block, to apply and keep */
    /* Questions; how each is answered is in agent/router_query.c. */
    MANSCDP_CATALOG,            /* u.span */
    MANSCDP_INFO,
    MANSCDP_STATUS,
    MANSCDP_DOWNLOAD,           /* u.config.want */
    MANSCDP_RECORDS,            /* u.records */
    MANSCDP_PRESETS,
    MANSCDP_PLACE,
    MANSCDP_HOME,
    MANSCDP_TRACKS,
    MANSCDP_TRACK,              /* u.number */
    MANSCDP_HEAD,
    MANSCDP_STORAGE,
};

/* What the platform is due after the SIP 200. */
enum manscdp_answer {
    MANSCDP_SILENT,             /* none, or the response type has no Result to say ERROR with */
    MANSCDP_RESULT,             /* a Response with Result */
    MANSCDP_CONTENT,            /* a Response with content; ERROR by Result when there is none */
    MANSCDP_LIST,               /* a Response without Result, unless it is ERROR */
};

struct control_order;
struct manscdp_row;

/* A dateTime of a message. local: it named no zone, and unix_s counts as if its clock showed UTC. */
struct manscdp_when {
    int64_t unix_s;
    bool local;
};

#define MANSCDP_QUOTE_SIZE 48u

/* A time that cannot be read, for the log. */
struct manscdp_unread {
    const char *element;                /* NULL: there is none */
    char text[MANSCDP_QUOTE_SIZE];      /* as sent, cut to fit; "": it is missing */
};

/* From and to when the items of a Catalog were added; ends that were not given are open. */
struct manscdp_span {
    bool has_from, has_to;
    struct manscdp_when from, to;
};

/* A RecordInfo; the query's own two times are filled in by who knows the zone. */
struct manscdp_records {
    struct board_record_query query;
    struct manscdp_when start, end;
    int utc_offset_s;                   /* of the times; filled in with them */
    bool indistinct;                    /* every record, wherever it is kept */
    bool centre;                        /* those that the platform keeps are meant: its ID is in To */
};

struct manscdp_request {
    enum manscdp_root root;
    char cmd_type[MANSCDP_TYPE_SIZE];
    char sn[MANSCDP_SN_SIZE];           /* "" when there was none */
    char device_id[GBID_SIZE];          /* "" when there was none */
    const struct manscdp_row *row;      /* never NULL after manscdp_decode */
    const struct control_order *order;  /* of a DeviceControl that we know (manscdp/control.h); NULL with all else */
    const char *element;                /* the child that gives the order: one of order->element */
    int error;                          /* the arguments are unusable: the decoder's negative errno */
    struct manscdp_unread unread;       /* the argument that error is about, where it is a time */
    bool no_speed;                      /* PTZCmd: directions, and all their speeds 0; u.control has the least speed */
    union {
        struct gb_control control;
        struct manscdp_span span;
        struct manscdp_records records;
        struct {
            struct gb_setting *block;   /* DeviceConfig: owned, until manscdp_request_free */
            unsigned n;
            unsigned want;              /* ConfigDownload: bits, 1 << enum gb_block */
            bool unknown;               /* and a type that is not one of them */
        } config;
        unsigned number;                /* of a cruise track */
        bool result_ok;                 /* a Response of the platform */
    } u;
};

struct manscdp_row {
    enum manscdp_root root;
    const char *cmd_type;               /* NULL: every other one of this root */
    enum manscdp_action action;
    enum manscdp_answer answer;         /* MANSCDP_ACT: the order says it */
    /* Reads the arguments; 0 or a negative errno. NULL: it has none. */
    int (*decode)(struct manscdp_request *r, const struct xml_node *root);
};

/* A body as it came. -EBADMSG: no XML, an unknown root, no CmdType or one that is too long; -E2BIG: past the limits of
 * codec/xml.h; -ENOMEM. */
int manscdp_decode(struct manscdp_request *r, struct span body, enum charset fallback);
/* What a request owns; it is zero afterwards. A request that was not decoded with 0 owns nothing. */
void manscdp_request_free(struct manscdp_request *r);

/* Sets row, of the request's root and cmd_type, and order with element. There is always a row. An order is one in a
 * Control, a Query and a Notify alike. */
void manscdp_find(struct manscdp_request *r, const struct xml_node *root);

/* The first lines of a message: prolog, <root>, CmdType, SN, DeviceID (left out when NULL). */
void manscdp_begin(struct buf *b, enum charset cs, enum manscdp_root root, const char *cmd_type, const char *sn,
                   const char *device_id);
/* The same of a Notify, whose SNs are ours. */
void manscdp_begin_notify(struct buf *b, enum charset cs, const char *cmd_type, uint32_t sn, const char *device_id);
void manscdp_end(struct buf *b, enum manscdp_root root);

/* The time in the child `name` of a query, in every form of walltime_parse_query; `end`: it ends a span. 0, -ENODATA: none is
 * given, -EBADMSG: it cannot be read; *why says more about both. */
int manscdp_time_read(const struct xml_node *node, const char *name, bool end, struct manscdp_when *out,
                      struct manscdp_unread *why);
int64_t manscdp_when_unix(const struct manscdp_when *w, int utc_offset_s);

/* UTF-8 to the link's charset. `out` has its memory; 0, -EMSGSIZE did not fit, -ENOSYS, -ENOMEM. */
int manscdp_convert(enum charset cs, const struct buf *utf8, struct buf *out);

/* Numbers are always numeric, whatever the config says: no blank, no exponent, no comma. */
void manscdp_put_degrees(struct buf *b, const char *name, double degrees);

#endif
