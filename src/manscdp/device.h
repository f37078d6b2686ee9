/* SPDX-License-Identifier: MIT */
/* Response DeviceInfo and DeviceStatus (A.2.6). */
#ifndef MANSCDP_DEVICE_H
#define MANSCDP_DEVICE_H

#include "manscdp/message.h"

void device_info_report(struct buf *b, const struct manscdp_request *r, const struct manscdp_facts *f);
void device_status_report(struct buf *b, const struct manscdp_request *r, const struct manscdp_facts *f);

#endif
