# SPDX-License-Identifier: MIT
"""A loudspeaker (type 137) is in the catalogue below the device if, and only if, it is configured."""

import lib
from lib import check, equal

SPEAKER = "34020000001370000001"


def test(t):
    p, d = t.start(extra=f"[audio {SPEAKER}]\nname = 喇叭\n")
    items, _, _ = p.catalog(lib.DEVICE)
    equal([i["DeviceID"] for i in items], [lib.CHANNEL, SPEAKER], "items")
    equal((items[1]["Name"], items[1]["ParentID"], items[1]["Parental"], items[1]["Status"]),
          ("喇叭", lib.DEVICE, "0", "ON"), "item")
    check("Info/PTZType" not in items[1], "a loudspeaker with a camera type")
    equal(p.query("DeviceInfo", lib.DEVICE).get("Channel"), "1", "video channels")


def test_none(t):
    p, _ = t.start()
    equal([i["DeviceID"] for i in p.catalog(lib.DEVICE)[0]], [lib.CHANNEL], "items")


lib.main(test, test_none)
