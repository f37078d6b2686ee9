/* SPDX-License-Identifier: MIT */
/* Notify VideoUploadNotify (2022, A.2.5): the video of a camera is available. */
#ifndef MANSCDP_VIDEO_UPLOAD_H
#define MANSCDP_VIDEO_UPLOAD_H

#include "manscdp/message.h"

struct video_upload {
    uint32_t sn;
    const char *device_id;
    char time[WALLTIME_TEXT];
    bool has_position; /* false: both are omitted */
    double longitude, latitude;
};

void video_upload_put(struct buf *b, enum charset cs, const struct video_upload *v);

#endif
