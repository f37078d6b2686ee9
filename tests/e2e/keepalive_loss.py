# SPDX-License-Identifier: MIT
"""Unanswered keepalives lead to a REGISTER. If that is answered, the stream goes on; if not, the device goes offline,
the stream ends, and it registers again when the platform is back."""

import time

import lib
from lib import check, equal


def start(t, **keys):
    p, d = t.start(platform={"keepalive_interval": 1, "keepalive_count": 2, **keys})
    call = p.invite(lib.CHANNEL)
    check(call.media.wait_units(5), "no media")
    return p, d, call


def test(t):
    """A platform that has forgotten the device ignores keepalives, but answers REGISTER."""
    p, d, call = start(t)
    first = p.wait_registered()
    p.statuses["Keepalive"] = None
    check(p.wait(lambda: p.wait_registered().call_id != first.call_id, 15 * lib.SLOW), "no new registration")
    p.statuses.clear()
    check(d.wait_status(lambda s: s["platforms"][0]["misses"] >= 2), "misses are not counted")
    check(call.media.wait_units(len(call.media.units) + 25), "the stream ended")
    equal(p.received("BYE"), [], "BYEs")
    check("offline" not in d.log(), "offline")
    call.close()


def test_gone(t):
    p, d, call = start(t)
    p.drop_in = lambda msg: True
    check(d.wait_log('offline reason="keepalives not answered"', timeout=15 * lib.SLOW), "still online")
    p.drop_in = None
    check(call.silent(), "media after the registration was lost")
    check(d.wait_status(lambda s: s["platforms"][0]["state"] == "online" and not s["sessions"], 15), "not online again")
    again = p.invite(lib.CHANNEL)
    equal(again.status, 200, "INVITE after the loss")
    again.close()


def test_timing(t):
    """With a short interval: 2 s until the keepalive is sent, 2 s until it counts as missed, then REGISTER."""
    p, d = t.start(platform={"keepalive_interval": 2, "keepalive_count": 1})
    registered = len(p.received("REGISTER"))
    check(p.wait_notes("Keepalive", 2, timeout=8 * lib.SLOW), "no keepalive")
    p.statuses["Keepalive"] = None
    since = time.monotonic()
    check(p.wait(lambda: len(p.received("REGISTER")) > registered, 10 * lib.SLOW), "no REGISTER")
    took = time.monotonic() - since
    check(3 < took < 4.8 * lib.SLOW, f"REGISTER after {took:.1f} s")


def test_refused(t):
    """The first 4xx to a Keepalive is enough."""
    p, d = t.start(platform={"keepalive_interval": 1})
    first = p.wait_registered()
    p.statuses["Keepalive"] = 403
    check(p.wait(lambda: p.wait_registered().call_id != first.call_id, 6 * lib.SLOW), "no new registration")
    p.statuses.clear()
    check(d.wait_state("online", timeout=10), "not online again")


lib.main(test, test_gone, test_timing, test_refused)
