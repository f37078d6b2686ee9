/* SPDX-License-Identifier: MIT */
/*
 * The envelope of every MANSCDP message (GB/T 28181 A.1, A.2) and the table of the commands we know.
 *
 * A command that only reports is one function in its family's file and one row of manscdp/table.c. One that acts
 * has an action as well, which core/router carries out.
 */
#ifndef MANSCDP_MESSAGE_H
#define MANSCDP_MESSAGE_H

#include <stdbool.h>
#include <stdint.h>

#include "codec/charset.h"
#include "codec/gbid.h"
#include "codec/xml.h"
#include "gbagent/ptz.h"
#include "manscdp/edition.h"
#include "util/buf.h"
#include "util/walltime.h"

#define MANSCDP_SN_SIZE 72u             /* an SN is text: some platforms send a UUID */
#define MANSCDP_TYPE_SIZE 32u
#define MANSCDP_BODY_MAX 8192u          /* bytes of a body we send */

enum manscdp_root { MANSCDP_CONTROL, MANSCDP_QUERY, MANSCDP_NOTIFY, MANSCDP_RESPONSE };

/* What the core does with a request. */
enum manscdp_action {
    MANSCDP_IGNORE,             /* nothing to do */
    MANSCDP_REPORT,             /* answer at once from what the core knows */
    MANSCDP_CATALOG,            /* answer in pages */
    MANSCDP_STATUS,             /* the board is asked first */
    MANSCDP_PTZ,
    MANSCDP_IDR,
    MANSCDP_RESET_ALARM,
    MANSCDP_UNSUPPORTED,        /* a command of the standard that this version does not do */
};

/* What the platform is due after the SIP 200. */
enum manscdp_answer {
    MANSCDP_SILENT,             /* none, or the response type has no Result to say ERROR with */
    MANSCDP_RESULT,             /* a Response with Result */
    MANSCDP_CONTENT,            /* a Response with content; ERROR by Result when there is none */
    MANSCDP_LIST,               /* a Response without Result */
};

/* Which of the types that ConfigDownload asks for. */
enum manscdp_config { MANSCDP_CONFIG_BASIC = 1u << 0, MANSCDP_CONFIG_OTHER = 1u << 1 };

struct manscdp_row;

struct manscdp_request {
    enum manscdp_root root;
    char cmd_type[MANSCDP_TYPE_SIZE];
    char sn[MANSCDP_SN_SIZE];           /* "" when there was none */
    char device_id[GBID_SIZE];          /* "" when there was none */
    const struct manscdp_row *row;      /* never NULL after manscdp_decode */
    int error;                          /* the arguments are unusable: the decoder's negative errno */
    union {
        struct ptz_cmd ptz;
        unsigned config;                /* enum manscdp_config bits */
        struct {
            char method[16];            /* AlarmMethod as sent, "" = all */
            unsigned type;              /* 0 = all */
        } reset;
        bool result_ok;                 /* a Response of the platform */
    } u;
};

/* DutyStatus of an alarm input. */
struct manscdp_duty {
    const char *id;
    bool alarm;
};

/* What answers are made of: the core fills in all of it for one answer, whatever the command. */
struct manscdp_facts {
    enum gb_edition edition;
    enum charset charset;
    const char *name, *manufacturer, *model, *firmware;     /* of the device */
    const char *target_name;                                /* of the ID that was asked for */
    unsigned channels, alarm_inputs;
    uint32_t expires_s, heartbeat_s, heartbeat_count;
    bool has_position;
    double longitude, latitude;
    char time[WALLTIME_TEXT];
    bool ok;                            /* false: the answer is ERROR */
    bool online;                        /* DeviceStatus: Online */
    const char *reason;                 /* DeviceStatus: why Status is ERROR; "" = it is OK */
    int encode, record;                 /* 1 on, 0 off, -1 left out */
    const struct manscdp_duty *duty;
    unsigned nduty;
};

struct manscdp_row {
    enum manscdp_root root;
    const char *cmd_type;               /* NULL: every other one of this root */
    const char *element;                /* child that makes it this command; NULL: any */
    enum manscdp_action action;
    enum manscdp_answer answer;
    /* Reads the arguments; 0 or a negative errno. NULL: it has none. */
    int (*decode)(struct manscdp_request *r, const struct xml_node *root);
    /* Writes what follows DeviceID in the answer. NULL: nothing. */
    void (*report)(struct buf *b, const struct manscdp_request *r, const struct manscdp_facts *f);
};

/* A body as it came. -EBADMSG: no XML, an unknown root, no CmdType or one that is too long; -E2BIG: past the limits of
 * codec/xml.h; -ENOMEM. */
int manscdp_decode(struct manscdp_request *r, struct span body, enum charset fallback);

/* The row of (root, CmdType, first element that has one); there is always one. */
const struct manscdp_row *manscdp_find(enum manscdp_root root, const char *cmd_type, const struct xml_node *node);

/* The first lines of a message: prolog, <root>, CmdType, SN, DeviceID (left out when NULL). */
void manscdp_begin(struct buf *b, enum charset cs, enum manscdp_root root, const char *cmd_type, const char *sn,
                   const char *device_id);
void manscdp_end(struct buf *b, enum manscdp_root root);

/* A whole answer, UTF-8: what the row reports, or Result ERROR when f->ok is false or there is nothing to report. */
void manscdp_respond(struct buf *b, const struct manscdp_request *r, const struct manscdp_facts *f);

/* UTF-8 to the link's charset. `out` has its memory; 0, -EMSGSIZE did not fit, -ENOSYS, -ENOMEM. */
int manscdp_convert(enum charset cs, const struct buf *utf8, struct buf *out);

/* Numbers are always numeric, whatever the config says: no blank, no exponent, no comma. */
void manscdp_put_degrees(struct buf *b, const char *name, double degrees);

#endif
