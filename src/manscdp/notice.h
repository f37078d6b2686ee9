/* SPDX-License-Identifier: MIT */
/* Notifies without a subscription (A.2.5): MediaStatus, VideoUploadNotify. */
#ifndef MANSCDP_NOTICE_H
#define MANSCDP_NOTICE_H

#include "manscdp/message.h"

#define MANSCDP_CONTENT_TYPE "Application/MANSCDP+xml"

/* NotifyType 121: the recording was sent to its end. */
void media_status_put(struct buf *b, enum charset cs, uint32_t sn, const char *device_id);
/* 2022. has_position false leaves the two out. */
struct video_upload {
    uint32_t sn;
    const char *device_id;
    char time[WALLTIME_TEXT];
    bool has_position;
    double longitude, latitude;
};
void video_upload_put(struct buf *b, enum charset cs, const struct video_upload *v);

#endif
