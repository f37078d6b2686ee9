/* SPDX-License-Identifier: MIT */
/*
 * A request of a platform as manscdp/table.c reads it: which command, and its arguments.
 *
 * A command that only reports is one struct and one function in its family's file, one row of manscdp/table.c and one
 * of agent/router_query.c, which fills the struct. What a DeviceControl orders is one row of manscdp/control.c.
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

/* What is done with a request. */
enum manscdp_action {
    MANSCDP_IGNORE,             /* nothing to do */
    MANSCDP_UNSUPPORTED,        /* a command of the standard that this version does not do */
    MANSCDP_DEVICE_CONTROL,                /* order, u.control */
    MANSCDP_CONFIG,             /* u.config.block, to apply and keep */
    /* Questions; how each is answered is in agent/router_query.c. */
    MANSCDP_CATALOG,            /* u.span */
    MANSCDP_INFO,
    MANSCDP_STATUS,
    MANSCDP_DOWNLOAD,           /* u.config.want */
    MANSCDP_RECORDS,            /* u.records */
    MANSCDP_PRESETS,
    MANSCDP_MOBILE_POSITION,
    MANSCDP_HOME,
    MANSCDP_CRUISE_TRACKS,
    MANSCDP_CRUISE_TRACK,              /* u.number */
    MANSCDP_PTZ_POSITION,
    MANSCDP_STORAGE,
};

/* What the platform is due after the SIP 200. */
enum manscdp_answer {
    MANSCDP_SILENT,             /* none, or the response type has no Result to say ERROR with */
    MANSCDP_RESULT,             /* a Response with Result */
    MANSCDP_CONTENT,            /* a Response with content; ERROR by Result when there is none */
    MANSCDP_LIST,               /* a Response without Result, unless it is ERROR */
};

struct control_command;
struct manscdp_request;

struct manscdp_row {
    enum manscdp_root root;
    const char *cmd_type;               /* NULL: every other one of this root */
    enum manscdp_action action;
    enum manscdp_answer answer;         /* MANSCDP_DEVICE_CONTROL: the order says it */
    /* Reads the arguments; 0 or a negative errno. NULL: it has none. */
    int (*decode)(struct manscdp_request *r, const struct xml_node *root);
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
    const struct control_command *command;  /* of a DeviceControl that we know (manscdp/control.h); NULL with all else */
    const char *element;                /* the child that gives the order: one of command->element */
    int error;                          /* the arguments are unusable: the decoder's negative errno */
    struct manscdp_bad_time bad_time;       /* the argument that error is about, where it is a time */
    bool no_speed;                      /* PTZCmd: directions, and all their speeds 0; u.control has the least speed */
    union {
        struct gb_control control;
        struct manscdp_span span;       /* Catalog: when its items were added */
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

#endif
