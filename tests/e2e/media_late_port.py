# SPDX-License-Identifier: MIT
"""UDP media to a closed port: a media server may open its port some seconds after the answer."""

import time

import lib
from lib import check, equal, rtp


def test_port_stays_closed(t):
    """BYE after five seconds of ICMP errors."""
    p, d = t.start()
    receiver = rtp.Receiver()
    receiver.close()
    start = time.monotonic()
    call = p.invite(lib.CHANNEL, receiver=receiver)
    check(call.wait_bye(12 * lib.SLOW), "no BYE although the port is closed")
    check(time.monotonic() - start > 4.5, "ended early")
    status = d.wait_status(lambda s: not s["sessions"] and s["ended"], 5)
    check(status, "the session is left")
    equal([e["why"] for e in status["ended"]], ["unreachable"], "why")


def test_port_opens_late(t):
    """A media server that opens its port four seconds after the answer gets the stream, starting with a key frame."""
    p, d = t.start()
    receiver = rtp.Receiver(ssrc=200000001)
    receiver.close()
    call = p.invite(lib.CHANNEL, receiver=receiver)
    lib.stays(lambda: call.ended_by_device, False, 4, "BYE before the port was opened")
    late = call.media = rtp.Receiver(ssrc=200000001, port=receiver.port, expect_gaps=True)
    check(late.wait_key(8), "no key frame after the port was opened")
    check(late.wait_units(60, 8), "the stream has stopped")
    equal([s["state"] for s in d.status()["sessions"]], ["running"], "session")
    check(not call.ended_by_device, "BYE although the port is open")
    call.close()


lib.main(test_port_stays_closed, test_port_opens_late)
