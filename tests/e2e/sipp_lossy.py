# SPDX-License-Identifier: MIT
"""SIPp drops responses and duplicates requests: every call is established and ended once."""

import _sipp
import lib
from lib import check, equal


def test_lost(t):
    s = _sipp.Sipp(t)
    d = s.register()
    receiver = lib.rtp.Receiver("udp", expect_gaps=True)
    s.call("lossy", calls=5, media_port=receiver.port, timeout=60)
    check(receiver.assembler.packets > 10, "no media")
    check(d.wait_status(lambda st: not st["sessions"]), "sessions are left")
    equal(len(d.status()["ended"]), 5, "calls")
    receiver.close()


def test_doubled(t):
    s = _sipp.Sipp(t)
    d = s.register()
    receiver = lib.rtp.Receiver("udp")
    s.call("duplicate", media_port=receiver.port)
    check(receiver.wait_units(5, 2) and not receiver.faults, f"media: {receiver.faults[:3]}")
    check(d.wait_status(lambda st: not st["sessions"]), "the session is left")
    equal(len(d.status()["ended"]), 1, "calls")
    receiver.close()


lib.main(test_lost, test_doubled)
