# SPDX-License-Identifier: MIT
"""Keepalive names the channels without a picture (VLOST) in Info, as 2016 writes it, until they have one again; 2011 knows no
Info."""

import shutil

import lib
from _keepalive import last, says
from lib import check, equal

LOST, OTHER = lib.channel_id(2), lib.channel_id(3)


def start(t, clip, **keys):
    """Two channels that are lost: their clip is there when the daemon starts, and gone when somebody wants to see it."""
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
    equal((first.body.kind, first.body.device_id, last(p)), ("Notify", lib.DEVICE, says()), "at the start")
    p.invite(OTHER)
    check(p.wait(lambda: last(p) == says(OTHER), 5 * lib.SLOW), f"{OTHER} is not reported: {last(p)}")
    p.invite(LOST)
    check(p.wait(lambda: last(p) == says(LOST, OTHER), 5 * lib.SLOW), f"{LOST} is not reported: {last(p)}")
    equal([c["state"] for c in d.status()["channels"]], ["on", "on", "off", "off"], "states: camera, door, the lost ones")
    shutil.copyfile(lib.clip(), clip)
    check(p.wait(lambda: last(p) == says(), 40 * lib.SLOW), f"somebody is still reported: {last(p)}")


def test_at_once(t):
    """A new fault does not wait for the end of the interval."""
    p, d = start(t, t.folder / "nothing.h264", keepalive_interval=3600)
    p.invite(LOST)
    check(p.wait_notes("Keepalive", 2, timeout=5 * lib.SLOW), "not told at once")
    equal(last(p), says(LOST), "the second keepalive")
    check(d.running())


def test_2011(t):
    p, d = start(t, t.folder / "nothing.h264", version="2011", keepalive_interval=3600)
    p.invite(LOST)
    check(p.wait_notes("Keepalive", 2, timeout=5 * lib.SLOW), "not told at once")
    equal(last(p), says(), "keepalive of 2011")
    check(d.running())


lib.main(test, test_at_once, test_2011)
