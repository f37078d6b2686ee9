/* SPDX-License-Identifier: MIT */
#include "manscdp/video_upload.h"

void video_upload_put(struct buf *b, enum charset cs, const struct video_upload *v)
{
    manscdp_begin_notify(b, cs, "VideoUploadNotify", v->sn, v->device_id);
    xml_put(b, "Time", v->time);
    if (v->has_position) {
        manscdp_put_degrees(b, "Longitude", v->longitude);
        manscdp_put_degrees(b, "Latitude", v->latitude);
    }
    manscdp_end(b, MANSCDP_NOTIFY);
}
