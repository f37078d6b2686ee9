/* SPDX-License-Identifier: MIT */
/* Notify Broadcast (A.2.5): a platform wants to play sound on a camera. */
#ifndef MANSCDP_BROADCAST_H
#define MANSCDP_BROADCAST_H

#include "manscdp/request.h"

/* It has SourceID and TargetID instead of DeviceID; device_id becomes TargetID. 0, -EBADMSG. */
int broadcast_decode(struct manscdp_request *r, const struct xml_node *root);

#endif
