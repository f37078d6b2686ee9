# SPDX-License-Identifier: MIT
"""Media that cannot be delivered ends the session, with BYE and the reason in `status`: TCP reset, closed, blocked or
never accepted, ICMP unreachable for five seconds. A lost registration ends it, too."""

import select
import socket
import time

import lib
from lib import check, equal, rtp


def over(d, why):
    status = d.wait_status(lambda s: not s["sessions"] and s["ended"], 15)
    check(status, "the session is left")
    equal([e["why"] for e in status["ended"]], [why], "why")


def test_tcp_reset(t):
    p, d = t.start()
    call = p.invite(lib.CHANNEL, media="tcp-passive")
    check(call.media.wait_units(3), "no media")
    call.media.reset()
    check(call.wait_bye(5 * lib.SLOW), "no BYE after the reset")
    over(d, "closed")


def test_tcp_closed(t):
    p, d = t.start()
    call = p.invite(lib.CHANNEL, media="tcp-passive")
    check(call.media.wait_units(3), "no media")
    call.media.close()
    check(call.wait_bye(5 * lib.SLOW), "no BYE after the close")
    over(d, "closed")


def test_unreachable(t):
    p, d = t.start()
    call = p.invite(lib.CHANNEL)
    check(call.media.wait_units(3), "no media")
    call.media.close()
    start = time.monotonic()
    check(call.wait_bye(12 * lib.SLOW), "no BYE although the port is closed")
    check(time.monotonic() - start > 4.5, "ended early")
    over(d, "unreachable")


def test_tcp_refused(t):
    """The port is closed: several attempts, then BYE."""
    p, d = t.start()
    receiver = rtp.Receiver("tcp-passive")
    receiver.close()
    call = p.invite(lib.CHANNEL, media="tcp-passive", receiver=receiver)
    equal(call.status, 200, "INVITE")
    check(call.wait_bye(14 * lib.SLOW), "no BYE although the port is closed")
    over(d, "media connection refused")


def test_blocked(t):
    """The receiver's window stays closed: ten seconds."""
    path = t.clip(size="1280x720", frames=50, gop=25, noise=60, qp=20)
    p, d = t.start(source=f"sim:{path}", channel={"fps": 25})
    call, conn = lib.invite_tcp(p)
    start = time.monotonic()
    check(call.wait_bye(25 * lib.SLOW), "no BYE although nothing is read")
    check(time.monotonic() - start > 9.5, "ended early")
    over(d, "blocked")
    conn.close()


def test_connection_unanswered(t):
    """A firewall drops the SYN."""
    p, d = t.start()
    with socket.create_server(("127.0.0.1", 0), backlog=0) as listener:
        # The listener's queue is full, so the kernel does not answer the device's SYN.
        fill = [socket.socket() for _ in range(3)]
        for s in fill:
            s.setblocking(False)
            s.connect_ex(listener.getsockname())
        check(select.select([], fill[:1], [], 5)[1], "the first connection is not accepted")
        body = lib.sdp.Offer(lib.CHANNEL, p.id, "127.0.0.1", listener.getsockname()[1], tcp=True).to_bytes()
        call = p.invite(lib.CHANNEL, media="tcp-passive", sdp_body=body)
        start = time.monotonic()
        check(call.wait_bye(14 * lib.SLOW), "no BYE although the SYN is not answered")
        check(time.monotonic() - start > 9, "ended early")
        over(d, "media connection timed out")
        for s in fill:
            s.close()


def test_registration_lost(t):
    """Keepalives and REGISTER are no longer answered: the views end, with BYE."""
    p, d = t.start(platform={"keepalive_interval": 1, "keepalive_count": 2})
    call = p.invite(lib.CHANNEL)
    check(call.media.wait_units(3), "no media")
    p.drop_in = lambda msg: msg.method in ("MESSAGE", "REGISTER")
    check(call.wait_bye(20 * lib.SLOW), "no BYE after the registration was lost")
    p.drop_in = None
    over(d, "registration lost")
    check(call.silent(), "media after the registration was lost")
    check(d.wait_state("online", timeout=15), "not online again")


lib.main(test_tcp_reset, test_tcp_closed, test_unreachable, test_tcp_refused, test_blocked, test_connection_unanswered,
         test_registration_lost)
