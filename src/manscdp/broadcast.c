/* SPDX-License-Identifier: MIT */
#include "manscdp/broadcast.h"

#include <errno.h>

int broadcast_decode(struct manscdp_request *r, const struct xml_node *root)
{
    return span_copy(span_of(xml_text(root, "TargetID")), r->device_id, sizeof(r->device_id)) ? 0 : -EBADMSG;
}
