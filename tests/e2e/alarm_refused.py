# SPDX-License-Identifier: MIT
"""An Alarm answered 400 does not end the registration; a lost one is sent again."""

import lib
from lib import check, equal


def test_400(t):
    p, d = t.start(platform={"keepalive_interval": 1})
    p.statuses["Alarm"] = 400
    d.ctl("alarm", "method=2")
    check(p.wait_notes("Alarm"), "no alarm")
    check(p.wait_notes("Keepalive", len(p.find_notes("Keepalive")) + 2), "keepalives have stopped")
    equal(p.wait_registered().registrations, 1, "registrations")
    equal(d.platform()["state"], "online", "state")


def test_lost(t):
    p, d = t.start()
    lost = []
    p.drop_in = lambda m: b"<CmdType>Alarm" in m.body and len(lost) < 2 and not lost.append(1)
    d.ctl("alarm", "method=2")
    check(p.wait_notes("Alarm", timeout=6), "the alarm was not sent again")
    equal(len(p.find_notes("Alarm")), 1, "alarms")


lib.main(test_400, test_lost)
