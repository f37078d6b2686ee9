/* SPDX-License-Identifier: MIT */
/* Control DeviceControl (A.2.3): the arguments of each command. */
#ifndef MANSCDP_CONTROL_H
#define MANSCDP_CONTROL_H

#include "manscdp/message.h"

int control_ptz_decode(struct manscdp_request *r, const struct xml_node *root);     /* as ptz_decode */
int control_idr_decode(struct manscdp_request *r, const struct xml_node *root);     /* -EBADMSG: not "Send" */
int control_reset_alarm_decode(struct manscdp_request *r, const struct xml_node *root);

#endif
