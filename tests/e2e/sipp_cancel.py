# SPDX-License-Identifier: MIT
"""SIPp cancels an INVITE already answered: the call goes on until its BYE."""

import _sipp
import lib
from lib import check


def test(t):
    s = _sipp.Sipp(t)
    d = s.register()
    receiver = lib.rtp.Receiver("udp")
    s.call("cancel", calls=3, media_port=receiver.port)
    check(d.wait_status(lambda st: not st["sessions"]), "the session is left")
    receiver.close()


lib.main(test)
