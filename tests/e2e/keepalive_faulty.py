# SPDX-License-Identifier: MIT
"""Keepalive lists channels without video (VLOST) in Info, in the form of 2016, until they recover; 2011 has no Info."""

import shutil

import lib
from _keepalive import last, report
from lib import check, equal

LOST, OTHER = lib.channel_id(2), lib.channel_id(3)


def start(t, clip, **keys):
    """Two lost channels: their clip exists at startup and is gone at the INVITE."""
    shutil.copyfile(lib.clip(), clip)
    p = t.platform()
    extra = "".join(f"[channel {i}]\nname = lost\nsource = sim:{clip}\n" for i in (LOST, OTHER))
    d = t.daemon(t.config(p, alarms=["door"], platform=keys, extra=extra))
    check(p.wait_online(), "not online")
    check(p.wait_notes("Keepalive"), "no keepalive")
    clip.unlink()
    return p, d


def test(t):
    clip = t.folder / "later.h264"
    p, d = start(t, clip, keepalive_interval=2)
    first = p.wait_notes("Keepalive")[0]
    equal([e.tag for e in first.body.root][:3], ["CmdType", "SN", "DeviceID"], "head")
    equal((first.body.kind, first.body.device_id, last(p)), ("Notify", lib.DEVICE, report()), "initially")
    p.invite(OTHER)
    check(p.wait(lambda: last(p) == report(OTHER), 5 * lib.SLOW), f"{OTHER} is not reported: {last(p)}")
    p.invite(LOST)
    check(p.wait(lambda: last(p) == report(LOST, OTHER), 5 * lib.SLOW), f"{LOST} is not reported: {last(p)}")
    equal([c["state"] for c in d.status()["channels"]], ["on", "on", "off", "off"],
          "states: camera, door, the lost channels")
    shutil.copyfile(lib.clip(), clip)
    check(p.wait(lambda: last(p) == report(), 40 * lib.SLOW), f"a channel is still reported: {last(p)}")


def test_at_once(t):
    """A new fault is reported before the interval ends."""
    p, d = start(t, t.folder / "nothing.h264", keepalive_interval=3600)
    p.invite(LOST)
    check(p.wait_notes("Keepalive", 2, timeout=5 * lib.SLOW), "not reported immediately")
    equal(last(p), report(LOST), "the second keepalive")
    check(d.running())


def test_2011(t):
    p, d = start(t, t.folder / "nothing.h264", version="2011", keepalive_interval=3600)
    p.invite(LOST)
    check(p.wait_notes("Keepalive", 2, timeout=5 * lib.SLOW), "not reported immediately")
    equal(last(p), report(), "keepalive of 2011")
    check(d.running())


lib.main(test, test_at_once, test_2011)
