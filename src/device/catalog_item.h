/* SPDX-License-Identifier: MIT */
/* The catalog entry of an item of the device, for answers to queries and for NOTIFYs of changes. */
#ifndef DEVICE_CATALOG_ITEM_H
#define DEVICE_CATALOG_ITEM_H

#include "device/device.h"
#include "manscdp/catalog.h"

#define CATALOG_CODE_SIZE 12u

/* Fills in *out; its texts are borrowed from the device and from code[]. */
void catalog_item_of(const struct device *d, const struct device_item *item, struct catalog_item *out,
                     char code[CATALOG_CODE_SIZE]);

#endif
