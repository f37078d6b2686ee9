/* SPDX-License-Identifier: MIT */
/* What a platform notifies the device of (A.2.5): Broadcast. */
#ifndef MANSCDP_NOTIFY_H
#define MANSCDP_NOTIFY_H

#include "manscdp/message.h"

/* It has SourceID and TargetID instead of DeviceID; the answer's DeviceID is the target. */
int notify_broadcast_decode(struct manscdp_request *r, const struct xml_node *root);

#endif
