/* SPDX-License-Identifier: MIT */
/*
 * Control DeviceControl (A.2.3): the one table of what a platform can order, and its arguments.
 *
 * Everything that depends on the order alone is a column here: the router asks who may give it and for whom, the config
 * for its word, the app how it is handed to the boards.
 */
#ifndef MANSCDP_CONTROL_H
#define MANSCDP_CONTROL_H

#include "manscdp/request.h"

#define CONTROL_SPELLINGS 2u            /* elements of one order */

/* Whom an order is for, and so whom the boards are told of: see board_ops.control. */
enum control_target {
    CONTROL_CHANNEL,                    /* a channel; the device ID means the first one */
    CONTROL_CHANNELS,                   /* a channel; the device ID means all of them */
    CONTROL_ITEM,                       /* the device or any of its items */
    CONTROL_DEVICE,                     /* the device, whichever of its IDs was given */
};

struct control_command {
    enum gb_control_kind kind;
    const char *name;                   /* in lines about what a board did with it */
    const char *element[CONTROL_SPELLINGS];     /* children of the Control, each of which makes it this order */
    const char *word;                   /* in control_deny */
    enum control_target target;
    enum manscdp_answer answer;         /* MANSCDP_SILENT or MANSCDP_RESULT */
    bool moves;                         /* the camera: not with ptz = deny */
    bool dangerous;                     /* control_interval holds, and the log has each one that is permitted */
    bool harmless;                      /* from anybody who may send requests, to whatever address */
    bool builtin;                         /* the daemon does it; a board that has no such thing is no error */
    /* Reads the arguments from r->element into r->u.control.u. -EBADMSG what is required is missing or no such value,
     * -ERANGE out of range; PTZ: as ptz_decode. */
    int (*decode)(struct manscdp_request *r, const struct xml_node *root);
};

/* NULL: a kind that no DeviceControl has. */
const struct control_command *control_command_of(enum gb_control_kind kind);
/* The order in a Control; *element is the spelling that it has there. NULL: none that we know. */
const struct control_command *control_command_find(const struct xml_node *root, const char **element);
/* The decoder of the message's row: r->command and r->element are set. Errors as those of the order's own. */
int control_decode(struct manscdp_request *r, const struct xml_node *root);

#endif
