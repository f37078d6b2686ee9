/* SPDX-License-Identifier: MIT */
/*
 * DeviceControl (A.2.3): the table of control commands, and the decoding of their arguments.
 *
 * Everything that depends on the command alone is a column here: target and permissions for the router, the word for
 * the config, the dispatch to boards for the app.
 */
#ifndef MANSCDP_CONTROL_H
#define MANSCDP_CONTROL_H

#include "manscdp/request.h"

#define CONTROL_SPELLINGS 2u /* element names of a command */

/* The target of a command, which decides how boards are called: see board_ops.control. */
enum control_target {
    CONTROL_CHANNEL,  /* a channel; the device ID means the first channel */
    CONTROL_CHANNELS, /* a channel; the device ID means all channels */
    CONTROL_ITEM,     /* the device or any of its items */
    CONTROL_DEVICE,   /* the device, also when the ID of an item was sent */
};

struct control_command {
    enum gb_control_kind kind;
    const char *name;                       /* in log lines */
    const char *element[CONTROL_SPELLINGS]; /* child of Control that identifies the command, in its spellings */
    const char *word;                       /* in the config, control_deny */
    enum control_target target;
    enum manscdp_answer answer; /* MANSCDP_SILENT or MANSCDP_RESULT */
    bool moves;                 /* moves the camera: refused with ptz = deny */
    bool dangerous;             /* rate-limited by control_interval, and logged when permitted */
    bool harmless;              /* sender ID and addressed device are not checked */
    bool builtin;               /* implemented by the daemon: -ENOTSUP from the board is no error */
    /* Reads the arguments from r->element into r->u.control.u. 0; -EBADMSG: missing or invalid; -ERANGE: out of range;
     * PTZ: as ptz_decode. */
    int (*decode)(struct manscdp_request *r, const struct xml_node *root);
};

/* NULL: a kind that is not a DeviceControl. */
const struct control_command *control_command_of(enum gb_control_kind kind);
/* Finds the command in a Control; *element: its spelling there. NULL: no known command. */
const struct control_command *control_command_find(const struct xml_node *root, const char **element);
/* Decodes a DeviceControl; r->command and r->element are set. Errors as from the command's decode. */
int control_decode(struct manscdp_request *r, const struct xml_node *root);

#endif
