# SPDX-License-Identifier: MIT
"""SIPp calls three times: INVITE, ACK, BYE, with media checked by our receiver."""

import _sipp
import lib
from lib import check


def test(t):
    s = _sipp.Sipp(t)
    d = s.register()
    receiver = lib.rtp.Receiver("udp")
    s.call("call", media_port=receiver.port)
    check(receiver.wait_units(10, 2), "no media")
    check(not receiver.faults, receiver.faults[:3])
    check(d.wait_status(lambda st: not st["sessions"]), "the session is left")
    receiver.close()
    receiver = lib.rtp.Receiver("udp", expect_gaps=True)
    s.call("call", calls=3, media_port=receiver.port)
    receiver.close()
    check(d.wait_status(lambda st: not st["sessions"] and len(st["ended"]) >= 4), "sessions are left")


lib.main(test)
