# SPDX-License-Identifier: MIT
"""position_format = list: MobilePosition in the form of 2022."""

import lib
from lib import check, equal


def test(t):
    p, d = t.start(channel={"longitude": "117.28", "latitude": "31.86"},
                   platform={"version": "2022", "position_format": "list"})
    s = p.subscribe("MobilePosition", lib.CHANNEL)
    body = s.wait_bodies(1)[0]
    equal([c.tag for c in body.root], ["CmdType", "SN", "DeviceID", "Time", "SumNum", "DeviceList"], "elements")
    equal((body.device_id, body.get("SumNum"), body.root.find("DeviceList").get("Num")), (lib.CHANNEL, "1", "1"),
          "head")
    item = body.items()[0]
    equal(item["_order"][:4], ["DeviceID", "CaptureTime", "Longitude", "Latitude"], "item")
    equal(item["DeviceID"], lib.CHANNEL, "DeviceID of the item")
    check(abs(float(item["Longitude"]) - 117.28) < 0.01, "Longitude")


lib.main(test)
