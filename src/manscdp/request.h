/* SPDX-License-Identifier: MIT */
/*
 * A decoded request: the command and its arguments.
 *
 * A query needs a struct and a function in the file of its family, a row in manscdp/table.c, and a row in
 * agent/router_query.c, which fills in the struct. A control command needs a row in manscdp/control.c.
 */
#ifndef MANSCDP_REQUEST_H
#define MANSCDP_REQUEST_H

#include <stdbool.h>

#include "codec/gbid.h"
#include "codec/xml.h"
#include "gbagent/board.h"
#include "gbagent/control.h"
#include "gbagent/settings.h"
#include "manscdp/message.h"

#define MANSCDP_TYPE_SIZE 32u

/* How a request is handled. */
enum manscdp_action {
    MANSCDP_IGNORE,         /* no action */
    MANSCDP_UNSUPPORTED,    /* not supported */
    MANSCDP_DEVICE_CONTROL, /* command, u.control */
    MANSCDP_CONFIG,         /* u.config.block, to apply and store */
    /* Queries, answered by agent/router_query.c. */
    MANSCDP_CATALOG, /* u.period */
    MANSCDP_INFO,
    MANSCDP_STATUS,
    MANSCDP_DOWNLOAD, /* u.config.want */
    MANSCDP_RECORDS,  /* u.records */
    MANSCDP_PRESETS,
    MANSCDP_MOBILE_POSITION,
    MANSCDP_HOME,
    MANSCDP_CRUISE_TRACKS,
    MANSCDP_CRUISE_TRACK, /* u.number */
    MANSCDP_PTZ_POSITION,
    MANSCDP_STORAGE,
};

/* The answer after the SIP 200. */
enum manscdp_answer {
    MANSCDP_SILENT,  /* none; also where the response type has no Result for an ERROR */
    MANSCDP_RESULT,  /* a Response with Result */
    MANSCDP_CONTENT, /* a Response with content, or Result ERROR */
    MANSCDP_LIST,    /* a Response with content without Result, or Result ERROR */
};

struct control_command;
struct manscdp_request;

struct manscdp_row {
    enum manscdp_root root;
    const char *cmd_type; /* NULL: all other commands of this root */
    enum manscdp_action action;
    enum manscdp_answer answer; /* DeviceControl: see control_command.answer instead */
    /* Reads the arguments. 0 or a negative errno; NULL: no arguments. */
    int (*decode)(struct manscdp_request *r, const struct xml_node *root);
};

/* A RecordInfo query. start_unix_s and end_unix_s of `query` are filled in by the router, which knows the time zone. */
struct manscdp_records {
    struct board_record_query query;
    struct manscdp_time start, end;
    int utc_offset_s; /* of the times, seconds east of UTC; filled in with them */
    bool indistinct;  /* IndistinctQuery: all records, wherever they are stored */
    bool centre;      /* only records stored by the platform: its ID is in To */
};

struct manscdp_request {
    enum manscdp_root root;
    char cmd_type[MANSCDP_TYPE_SIZE];
    char sn[MANSCDP_SN_SIZE];              /* "" = missing */
    char device_id[GBID_SIZE];             /* "" = missing */
    const struct manscdp_row *row;         /* never NULL after manscdp_decode */
    const struct control_command *command; /* of a known DeviceControl (manscdp/control.h); otherwise NULL */
    const char *element;                   /* the child with the command: one of command->element */
    int error;                             /* invalid arguments: the decoder's negative errno; otherwise 0 */
    struct manscdp_bad_time bad_time;      /* the invalid argument, if it is a time */
    bool no_speed;                         /* PTZCmd: directions, all with speed 0; u.control has speed 1 */
    union {
        struct gb_control control;
        struct manscdp_period period; /* Catalog: when the items were added */
        struct manscdp_records records;
        struct {
            struct gb_setting *block; /* DeviceConfig: owned, until manscdp_request_free */
            unsigned n;
            unsigned want; /* ConfigDownload: bit mask by enum gb_block */
            bool unknown;  /* ConfigDownload: it also names an unknown block */
        } config;
        unsigned number; /* of a cruise track */
        bool result_ok;  /* Result of a Response */
    } u;
};

#endif
