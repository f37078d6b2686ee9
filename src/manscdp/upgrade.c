/* SPDX-License-Identifier: MIT */
#include "manscdp/upgrade.h"

void upgrade_notify_put(struct buf *b, enum charset cs, const struct upgrade_notify *n)
{
    manscdp_begin_notify(b, cs, "DeviceUpgradeResult", n->sn, n->device_id);
    xml_put(b, "SessionID", n->session);
    xml_put(b, "UpgradeResult", n->reason == UPGRADE_OK ? "OK" : "ERROR");
    xml_put(b, "Firmware", n->firmware);
    if (n->reason != UPGRADE_OK)
        xml_putf(b, "UpgradeFailedReason", "%02u", (unsigned)n->reason);
    manscdp_end(b, MANSCDP_NOTIFY);
}
