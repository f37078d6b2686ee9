/* SPDX-License-Identifier: MIT */
/* Notify MediaStatus (A.2.5). */
#ifndef MANSCDP_MEDIA_STATUS_H
#define MANSCDP_MEDIA_STATUS_H

#include "manscdp/message.h"

/* NotifyType 121: the recording was sent completely. */
void media_status_put(struct buf *b, enum charset cs, uint32_t sn, const char *device_id);

#endif
