# SPDX-License-Identifier: MIT
"""A missing source: the channel is off from startup, an INVITE is answered 480, keepalives list the channel, and it
comes on as soon as the file exists."""

import shutil

import lib
from lib import check, equal


def test(t):
    path = t.folder / "late.h264"
    p, d = t.start(source=f"sim:{path}")
    equal(d.status()["channels"][0]["state"], "off", "state at the start")
    check(f'channel: off channel={lib.CHANNEL} reason="{path}: No such file or directory"' in d.log(), "the reason")
    equal(p.invite(lib.CHANNEL).status, 480, "INVITE without a source")
    equal(d.status()["channels"][0]["state"], "off", "state after the INVITE")
    shutil.copy(lib.clip(), path)
    check(d.wait_status(lambda s: s["channels"][0]["state"] == "on", 40), "the source is back, but the channel is off")
    call = p.invite(lib.CHANNEL)
    equal(call.status, 200, "INVITE with the source back")
    check(call.media.wait_units(5, 10), "no media")
    call.close()


def test_viewed_at_once(t):
    """An INVITE makes the daemon look for the source immediately."""
    path = t.folder / "late.h264"
    p, d = t.start(source=f"sim:{path}")
    shutil.copy(lib.clip(), path)
    call = p.invite(lib.CHANNEL)
    equal(call.status, 200, "INVITE with the source back")
    check(call.media.wait_units(5, 10), "no media")
    check(d.wait_status(lambda s: s["channels"][0]["state"] == "on", 2), "state in status after it came back")
    call.close()


def test_reported_immediately(t):
    """A failing channel is reported by a keepalive immediately (GB/T 28181 9.6), not by the next one a minute later."""
    path = t.folder / "soon_gone.h264"
    shutil.copy(lib.clip(), path)
    p, _ = t.start(source=f"sim:{path}", platform={"keepalive_interval": 60})
    check(len(p.wait_notes("Keepalive", 1, timeout=3 * lib.SLOW)) == 1, "no first keepalive")
    path.unlink()
    equal(p.invite(lib.CHANNEL).status, 480, "INVITE without a source")
    notes = p.wait_notes("Keepalive", 2, timeout=3 * lib.SLOW)
    check(len(notes) == 2, "no keepalive when the channel failed")
    equal(notes[1].body.get("Info/DeviceID"), lib.CHANNEL, "the faulty channel")


lib.main(test, test_viewed_at_once, test_reported_immediately)
