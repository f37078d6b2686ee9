# SPDX-License-Identifier: MIT
"""Unanswered keepalives: offline, then a new registration that succeeds; the stream is released."""

import lib
from lib import check, equal


def test(t):
    p, d = t.start(platform={"keepalive_interval": 1, "keepalive_count": 2})
    call = p.invite(lib.CHANNEL)
    check(call.media.wait_units(5), "no media")
    first = p.wait_registered()
    p.statuses["Keepalive"] = None
    check(p.wait(lambda: p.wait_registered().call_id != first.call_id, 15 * lib.SLOW), "no new registration")
    p.statuses.clear()
    check(call.silent(), "media goes on after the link was lost")
    check(d.wait_status(lambda s: s["platforms"][0]["state"] == "online" and not s["sessions"]), "not online again")
    check(d.platform()["misses"] >= 0)
    again = p.invite(lib.CHANNEL)
    equal(again.status, 200, "INVITE after the loss")
    again.close()


def test_refused(t):
    """The first 4xx to a Keepalive is enough."""
    p, d = t.start(platform={"keepalive_interval": 1})
    first = p.wait_registered()
    p.statuses["Keepalive"] = 403
    check(p.wait(lambda: p.wait_registered().call_id != first.call_id, 6 * lib.SLOW), "no new registration")
    p.statuses.clear()
    check(d.wait_state("online", timeout=10), "not online again")


lib.main(test, test_refused)
