/* SPDX-License-Identifier: MIT */
#include "manscdp/upgrade.h"

#include <stdio.h>

void upgrade_notify_put(struct buf *b, enum charset cs, const struct upgrade_notify *n)
{
    char sn[16];

    snprintf(sn, sizeof(sn), "%u", (unsigned)n->sn);
    manscdp_begin(b, cs, MANSCDP_NOTIFY, "DeviceUpgradeResult", sn, n->device_id);
    xml_put(b, "SessionID", n->session);
    xml_put(b, "UpgradeResult", n->reason == UPGRADE_OK ? "OK" : "ERROR");
    xml_put(b, "Firmware", n->firmware);
    if (n->reason != UPGRADE_OK)
        xml_putf(b, "UpgradeFailedReason", "%02u", (unsigned)n->reason);
    manscdp_end(b, MANSCDP_NOTIFY);
}
