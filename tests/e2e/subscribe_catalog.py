# SPDX-License-Identifier: MIT
"""Catalog subscription: with all channels online the first NOTIFY is empty; a source lost and recovered is sent as OFF
and ON."""

import shutil

import lib
from lib import check, equal


def test(t):
    path = t.folder / "clip.h264"
    shutil.copy(lib.clip(), path)
    p, d = t.start(source=f"sim:{path}", platform={"notify_batch": "0"})
    s = p.subscribe("Catalog", lib.DEVICE)
    equal(s.status, 200, "SUBSCRIBE")
    equal(s.granted, 600, "Expires")
    equal(s.response.body, b"", "body of the 200")
    first = s.wait(1)
    check(first and not first[0].body, "the first NOTIFY is not empty")
    check(first[0].get("Subscription-State").startswith("active;expires=6")
          or "active;expires=59" in first[0].get("Subscription-State"),
          "Subscription-State")
    path.unlink()
    d.write_config(t.config(p, source=f"sim:{path}", channel={"fps": "24"}, platform={"notify_batch": "0"}))
    d.ctl("reload")
    body = s.wait_bodies(1)[0]
    equal((body.kind, body.cmd, body.device_id, body.get("SumNum")), ("Notify", "Catalog", lib.DEVICE, "1"), "NOTIFY")
    equal(body.root.find("DeviceList").get("Num"), "1", "Num")
    equal(body.items()[0]["_order"], ["DeviceID", "Event"], "Item")
    equal(s.events(), [(lib.CHANNEL, "OFF")], "events")
    shutil.copy(lib.clip(), path)
    s.wait_bodies(2, timeout=40 * lib.SLOW)
    equal(s.events(), [(lib.CHANNEL, "OFF"), (lib.CHANNEL, "ON")], "events")


def test_offline_first(t):
    """The first NOTIFY lists what is offline."""
    p, _ = t.start(channels=3, source=f"sim:{t.folder}/none.h264")
    s = p.subscribe("Catalog", lib.DEVICE)
    check(s.wait_bodies(1), "the first NOTIFY has no body")
    equal(s.events(), [(lib.channel_id(n), "OFF") for n in (1, 2, 3)], "events")
    check(s.notifies[0].body, "an empty NOTIFY before it")


def test_mon(t):
    """No Event header, and a second SUBSCRIBE with two Call-IDs replaces the first."""
    p, d = t.start(channels=2, platform={"notify_batch": "0"})
    s = p.subscribe("Catalog", lib.DEVICE, style="mon")
    equal(s.status, 200, "SUBSCRIBE without Event")
    equal(len(s.wait(1)), 1, "first NOTIFY")
    equal(s.refresh().status, 200, "SUBSCRIBE with two Call-IDs")
    equal(len(s.response.all("Call-ID")), 1, "Call-IDs in the answer")
    d.write_config(t.config(p, channels=1, platform={"notify_batch": "0"}))
    d.ctl("reload")
    s.wait_bodies(1)
    equal(s.events(), [(lib.channel_id(2), "DEL")], "events")


lib.main(test, test_offline_first, test_mon)
