# SPDX-License-Identifier: MIT
"""A Catalog of one channel: all elements that platforms need, in order, with a Chinese name."""

import lib
from lib import check, equal

ORDER = ["DeviceID", "Name", "Manufacturer", "Model", "Owner", "CivilCode", "Block", "Address", "Parental", "ParentID",
         "SafetyWay",
         "RegisterWay", "Secrecy", "IPAddress", "Port", "Password", "Status", "Longitude", "Latitude", "Info"]


def test(t):
    p, _ = t.start(channels=["大门 <东> & \"西\""], channel={"civil_code": "340200", "address": "一号路",
                                                         "longitude": "117.28",
                                                           "latitude": "31.86"})
    items, notes, _ = p.catalog(lib.DEVICE)
    equal(len(items), 1, "items")
    item, body = items[0], notes[0].body
    equal((body.kind, body.device_id, body.get("SumNum"), body.encoding), ("Response", lib.DEVICE, "1", "GB2312"),
          "body")
    for name, want in {"DeviceID": lib.CHANNEL, "Name": "大门 <东> & \"西\"", "CivilCode": "340200", "Address": "一号路",
                       "Parental": "0", "ParentID": lib.DEVICE, "RegisterWay": "1", "Secrecy": "0",
                       "Status": "ON"}.items():
        equal(item.get(name), want, name)
    equal((float(item["Longitude"]), float(item["Latitude"])), (117.28, 31.86), "position")
    for name in ("Manufacturer", "Model", "Owner", "SafetyWay"):
        check(item.get(name), f"no {name}")
    equal(item["_order"], [n for n in ORDER if n in item], "order of elements")


def test_2022(t):
    p, _ = t.start(platform={"version": "2022"})
    check(p.received("REGISTER")[0].get("X-GB-Ver") == "3.0", "no X-GB-Ver")
    items, notes, _ = p.catalog(lib.DEVICE)
    equal(notes[0].body.encoding, "GB18030", "encoding")
    check("Owner" not in items[0] and "SafetyWay" not in items[0], "2016 elements for a 2022 platform")


def test_rare_character(t):
    """Characters outside GB2312 are replaced; GB18030 has them all."""
    p, _ = t.start(channels=["a\U00020bb7b镕"])
    items, _, _ = p.catalog(lib.DEVICE)
    equal(items[0]["Name"], "a?b?", "name in GB2312")


lib.main(test, test_2022, test_rare_character)
