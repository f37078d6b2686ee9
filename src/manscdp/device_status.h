/* SPDX-License-Identifier: MIT */
/* Response DeviceStatus (A.2.6). */
#ifndef MANSCDP_DEVICE_STATUS_H
#define MANSCDP_DEVICE_STATUS_H

#include <stdbool.h>

#include "util/buf.h"
#include "util/walltime.h"

/* DutyStatus of an alarm input. */
struct duty_status {
    const char *id;
    bool alarm;
    bool off; /* off guard */
};

struct device_status {
    bool online;
    const char *reason; /* why Status is ERROR; "" = Status is OK */
    int encode, record; /* 1 on, 0 off, -1 omitted */
    char time[WALLTIME_TEXT];
    const struct duty_status *duty; /* borrowed */
    unsigned nduty;
};

/* Writes the part after DeviceID. */
void device_status_put(struct buf *b, const struct device_status *s);
/* Writes the part after Result ERROR. */
void device_status_put_error(struct buf *b);

#endif
