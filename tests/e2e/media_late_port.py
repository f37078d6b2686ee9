# SPDX-License-Identifier: MIT
"""UDP media that nobody listens to yet: a media server may open its port some seconds after the answer."""

import time

import lib
from lib import check, equal, rtp


def test_nobody_ever_listens(t):
    """Five seconds of ICMP errors, then BYE."""
    p, d = t.start()
    receiver = rtp.Receiver()
    receiver.close()
    start = time.monotonic()
    call = p.invite(lib.CHANNEL, receiver=receiver)
    check(call.wait_bye(12 * lib.SLOW), "no BYE although nobody listens")
    check(time.monotonic() - start > 4.5, "ended early")
    status = d.wait_status(lambda s: not s["sessions"] and s["ended"], 5)
    check(status, "session is left")
    equal([e["why"] for e in status["ended"]], ["unreachable"], "why")


def test_port_opens_late(t):
    """A media server that listens only four seconds after the answer gets the stream, from a key picture on."""
    p, d = t.start()
    receiver = rtp.Receiver(ssrc=200000001)
    receiver.close()
    call = p.invite(lib.CHANNEL, receiver=receiver)
    # What goes by here is what the test is about.
    time.sleep(4)
    check(not call.ended_by_device, "ended while nobody listened yet")
    late = call.media = rtp.Receiver(ssrc=200000001, port=receiver.port, expect_gaps=True)
    check(late.wait_key(8), "no key picture after the port was opened")
    check(late.wait_units(60, 8), "the stream stops")
    equal([s["state"] for s in d.status()["sessions"]], ["running"], "session")
    check(not call.ended_by_device, "ended although somebody listens")
    call.close()


lib.main(test_nobody_ever_listens, test_port_opens_late)
