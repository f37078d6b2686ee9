/* SPDX-License-Identifier: MIT */
/* Notify DeviceUpgradeResult (2022: 9.13, A.2.5.9). */
#ifndef MANSCDP_UPGRADE_H
#define MANSCDP_UPGRADE_H

#include "manscdp/message.h"

/* UpgradeFailedReason, as two digits. */
enum upgrade_reason {
    UPGRADE_OK = 0,
    UPGRADE_TIMEOUT = 1, /* the download took too long */
    UPGRADE_DAMAGED = 2, /* the package is damaged */
    UPGRADE_SYSTEM = 3,  /* system error */
    UPGRADE_OTHER = 99,
};

struct upgrade_notify {
    uint32_t sn;
    const char *device_id, *session;
    const char *firmware;       /* the running version */
    enum upgrade_reason reason; /* UPGRADE_OK: success */
};

void upgrade_notify_put(struct buf *b, enum charset cs, const struct upgrade_notify *n);

#endif
