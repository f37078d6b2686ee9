# SPDX-License-Identifier: MIT
"""What a reload adds, changes and removes: ADD and UPDATE with the whole item, DEL with its ID, in messages of limited
size, one after the other, SumNum and Num counting the items of each."""

import lib
from lib import check, equal

KEYS = {"notify_batch": "0"}
FULL_2016 = ["DeviceID", "Event", "Name", "Manufacturer", "Model", "Owner", "CivilCode", "Address", "Parental",
             "ParentID", "SafetyWay",
             "RegisterWay", "Secrecy", "Status", "Longitude", "Latitude"]


def test(t):
    p, d = t.start(channels=["东门", "西门"], platform=KEYS)
    s = p.subscribe("Catalog", lib.DEVICE)
    s.wait(1)
    d.write_config(t.config(p, channels=["东门二"], platform=KEYS))
    d.ctl("reload")
    check(p.wait(lambda: len(s.events()) >= 2), "no NOTIFY")
    equal(sorted(s.events()), [(lib.CHANNEL, "UPDATE"), (lib.channel_id(2), "DEL")], "events")
    item = next(i for b in s.bodies() for i in b.items() if i["Event"] == "UPDATE")
    equal([n for n in item["_order"] if n in FULL_2016], FULL_2016, "order of the elements")
    equal((item["Name"], item["ParentID"], item["Status"]), ("东门二", lib.DEVICE, "ON"), "item")


def test_many(t):
    """60 new channels: every message is below the size limit and sent only after the answer to the last one."""
    p, d = t.start(channels=1, platform=KEYS)
    s = p.subscribe("Catalog", lib.DEVICE)
    s.wait(1)
    d.write_config(t.config(p, channels=61, platform=KEYS))
    d.ctl("reload")
    check(p.wait(lambda: len(s.events()) >= 60, 10), f"only {len(s.events())} of 60")
    lib.stays(s.events, [(lib.channel_id(n), "ADD") for n in range(2, 62)], 0.3, "events")
    for body in s.bodies():
        equal((body.get("SumNum"), body.root.find("DeviceList").get("Num")), (str(len(body.items())),) * 2,
              "SumNum, Num")
    log = [m for m in p.log if m.is_request and m.method == "NOTIFY" or not m.is_request and m.cseq_method == "NOTIFY"]
    for one, two in zip(log, log[1:]):
        check(one.is_request != two.is_request, "a NOTIFY before the last one was answered")


def test_2022(t):
    keys = {**KEYS, "version": "2022"}
    p, d = t.start(channels=1, platform=keys)
    s = p.subscribe("Catalog", lib.DEVICE)
    s.wait(1)
    d.write_config(t.config(p, channels=2, platform=keys))
    d.ctl("reload")
    item = s.wait_bodies(1)[0].items()[0]
    equal((item["DeviceID"], item["Event"]), (lib.channel_id(2), "ADD"), "item")
    check("Owner" not in item and "SafetyWay" not in item, "2016 elements for a 2022 platform")
    equal(s.bodies()[0].encoding, "GB18030", "encoding")


def test_one_channel(t):
    """A subscription to one channel reports only that one."""
    p, d = t.start(channels=["a", "b"], platform=KEYS)
    s = p.subscribe("Catalog", lib.CHANNEL)
    s.wait(1)
    d.write_config(t.config(p, channels=["a2", "b2"], platform=KEYS))
    d.ctl("reload")
    body = s.wait_bodies(1)[0]
    lib.stays(s.events, [(lib.CHANNEL, "UPDATE")], 0.3, "events")
    equal(body.device_id, lib.CHANNEL, "DeviceID")


lib.main(test, test_many, test_2022, test_one_channel)
