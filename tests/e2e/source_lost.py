# SPDX-License-Identifier: MIT
"""A source that is not there: the offer gets 480, keepalives name the channel, and it is back as soon as it can be watched."""

import shutil

import lib
from lib import check, equal


def test(t):
    path = t.folder / "late.h264"
    p, d = t.start(source=f"sim:{path}")
    equal(p.invite(lib.CHANNEL).status, 480, "INVITE without a source")
    check(d.wait_status(lambda s: s["channels"][0]["state"] == "vlost"), "state in status")
    shutil.copy(lib.clip(), path)
    call = p.invite(lib.CHANNEL)
    equal(call.status, 200, "INVITE once it is there")
    check(call.media.wait_units(5, 10), "no media")
    check(d.wait_status(lambda s: s["channels"][0]["state"] == "on"), "state in status after it came back")
    call.close()


def test_told_at_once(t):
    """A channel that fails is named by a keepalive at once (GB/T 28181 9.6), not by the next one a minute later."""
    p, _ = t.start(source=f"sim:{t.folder}/nothing.h264", platform={"keepalive_interval": 60})
    check(len(p.wait_notes("Keepalive", 1, timeout=3 * lib.SLOW)) == 1, "no first keepalive")
    equal(p.invite(lib.CHANNEL).status, 480, "INVITE without a source")
    notes = p.wait_notes("Keepalive", 2, timeout=3 * lib.SLOW)
    check(len(notes) == 2, "no keepalive when the channel failed")
    equal(notes[1].body.get("Info/DeviceID"), lib.CHANNEL, "the faulty channel")


lib.main(test, test_told_at_once)
