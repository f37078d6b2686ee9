/* SPDX-License-Identifier: MIT */
/* Response DeviceInfo (A.2.6). */
#ifndef MANSCDP_DEVICE_INFO_H
#define MANSCDP_DEVICE_INFO_H

#include "manscdp/edition.h"
#include "util/buf.h"

/* Borrowed text; "" where there is none. */
struct device_info {
    const char *name, *manufacturer, *model;    /* of whom was asked: the device or one of its items */
    const char *firmware;
    unsigned channels, alarm_inputs;            /* of the device */
};

/* What follows DeviceID. */
void device_info_put(struct buf *b, enum gb_edition edition, const struct device_info *info);

#endif
