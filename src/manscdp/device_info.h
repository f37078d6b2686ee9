/* SPDX-License-Identifier: MIT */
/* Response DeviceInfo (A.2.6). */
#ifndef MANSCDP_DEVICE_INFO_H
#define MANSCDP_DEVICE_INFO_H

#include "manscdp/edition.h"
#include "util/buf.h"

/* Texts are borrowed; "" = none. */
struct device_info {
    const char *name, *manufacturer, *model; /* of the requested ID: the device or an item */
    const char *firmware;
    unsigned channels, alarm_inputs; /* of the device */
};

/* Writes the part after DeviceID. */
void device_info_put(struct buf *b, enum gb_edition edition, const struct device_info *info);

#endif
