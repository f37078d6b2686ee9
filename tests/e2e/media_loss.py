# SPDX-License-Identifier: MIT
"""Media that nobody takes ends the session: TCP reset, TCP closed, ICMP unreachable, TCP never accepted."""

import lib
from lib import check, equal, rtp


def over(d):
    return d.wait_status(lambda s: not s["sessions"] and s["ended"], 15)


def test_tcp_reset(t):
    p, d = t.start()
    call = p.invite(lib.CHANNEL, media="tcp-passive")
    check(call.media.wait_units(3), "no media")
    call.media.reset()
    check(call.wait_bye(5 * lib.SLOW), "no BYE after the reset")
    check(over(d), "session is left")


def test_tcp_closed(t):
    p, d = t.start()
    call = p.invite(lib.CHANNEL, media="tcp-passive")
    check(call.media.wait_units(3), "no media")
    call.media.close()
    check(call.wait_bye(5 * lib.SLOW), "no BYE after the close")
    check(over(d), "session is left")


def test_unreachable(t):
    p, d = t.start()
    call = p.invite(lib.CHANNEL)
    check(call.media.wait_units(3), "no media")
    call.media.close()
    check(call.wait_bye(8 * lib.SLOW), "no BYE although the port is closed")
    check(over(d), "session is left")


def test_tcp_refused(t):
    """Nobody listens: tried several times, then BYE."""
    p, d = t.start()
    receiver = rtp.Receiver("tcp-passive")
    receiver.close()
    call = p.invite(lib.CHANNEL, media="tcp-passive", receiver=receiver)
    equal(call.status, 200, "INVITE")
    check(call.wait_bye(14 * lib.SLOW), "no BYE although nobody listens")
    check(over(d), "session is left")


lib.main(test_tcp_reset, test_tcp_closed, test_unreachable, test_tcp_refused)
