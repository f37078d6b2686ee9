/* SPDX-License-Identifier: MIT */
#include "manscdp/media_status.h"

void media_status_put(struct buf *b, enum charset cs, uint32_t sn, const char *device_id)
{
    manscdp_begin_notify(b, cs, "MediaStatus", sn, device_id);
    xml_put(b, "NotifyType", "121");
    manscdp_end(b, MANSCDP_NOTIFY);
}
