/* SPDX-License-Identifier: MIT */
/* Notify Broadcast (A.2.5): a platform wants to be heard in a camera's loudspeaker. */
#ifndef MANSCDP_BROADCAST_H
#define MANSCDP_BROADCAST_H

#include "manscdp/request.h"

/* It has SourceID and TargetID instead of DeviceID; the answer's DeviceID is the target. */
int broadcast_decode(struct manscdp_request *r, const struct xml_node *root);

#endif
