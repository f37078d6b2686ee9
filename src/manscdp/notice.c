/* SPDX-License-Identifier: MIT */
#include "manscdp/notice.h"

#include <stdio.h>

static const char *number(uint32_t sn, char out[16])
{
    snprintf(out, 16, "%u", (unsigned)sn);
    return out;
}

void media_status_put(struct buf *b, enum charset cs, uint32_t sn, const char *device_id)
{
    char text[16];

    manscdp_begin(b, cs, MANSCDP_NOTIFY, "MediaStatus", number(sn, text), device_id);
    xml_put(b, "NotifyType", "121");
    manscdp_end(b, MANSCDP_NOTIFY);
}

void video_upload_put(struct buf *b, enum charset cs, const struct video_upload *v)
{
    char text[16];

    manscdp_begin(b, cs, MANSCDP_NOTIFY, "VideoUploadNotify", number(v->sn, text), v->device_id);
    xml_put(b, "Time", v->time);
    if (v->has_position) {
        manscdp_put_degrees(b, "Longitude", v->longitude);
        manscdp_put_degrees(b, "Latitude", v->latitude);
    }
    manscdp_end(b, MANSCDP_NOTIFY);
}
