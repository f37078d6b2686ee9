/* SPDX-License-Identifier: MIT */
/* Control DeviceControl (A.2.3): the arguments of each command. All: -EBADMSG what is required is missing or no such
 * value, -ERANGE out of range. */
#ifndef MANSCDP_CONTROL_H
#define MANSCDP_CONTROL_H

#include "manscdp/message.h"

int control_ptz_decode(struct manscdp_request *r, const struct xml_node *root);     /* as ptz_decode */
int control_idr_decode(struct manscdp_request *r, const struct xml_node *root);     /* -EBADMSG: not "Send" */
int control_reset_alarm_decode(struct manscdp_request *r, const struct xml_node *root);
int control_reboot_decode(struct manscdp_request *r, const struct xml_node *root);
int control_record_decode(struct manscdp_request *r, const struct xml_node *root);
int control_guard_decode(struct manscdp_request *r, const struct xml_node *root);
int control_format_decode(struct manscdp_request *r, const struct xml_node *root);
int control_upgrade_decode(struct manscdp_request *r, const struct xml_node *root);

/* control_head.c */
int control_drag_decode(struct manscdp_request *r, const struct xml_node *root);
int control_home_decode(struct manscdp_request *r, const struct xml_node *root);
/* Angles beyond what there can be are cut to it; -EBADMSG: none of the three. */
int control_precise_decode(struct manscdp_request *r, const struct xml_node *root);
int control_track_decode(struct manscdp_request *r, const struct xml_node *root);

#endif
