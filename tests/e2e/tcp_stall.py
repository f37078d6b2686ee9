# SPDX-License-Identifier: MIT
"""A TCP message that never ends makes the device close the connection after 10 seconds; live streams are not
affected."""

import time

import lib
from lib import check, equal


def test(t):
    p, d = t.start(platform={"transport": "tcp"})
    call = p.invite(lib.CHANNEL)
    check(call.media.wait_units(3), "no media")
    conn = p.connections[0]
    start = time.monotonic()
    conn.send(b"MESSAGE sip:x@y SIP/2.0\r\nVia: SIP/2.0/TCP 127.0.0.1;branch=z9hG4bKstall\r\nContent-Le")
    check(p.wait(lambda: not conn.open, 14 * lib.SLOW), "the connection was not closed")
    check(8 <= time.monotonic() - start <= 13 * lib.SLOW, f"closed after {time.monotonic() - start:.1f} s")
    check(p.wait(lambda: len(p.connections) > 1 and p.connections[1].open, 8), "no new connection")


def test_framing(t):
    """Wrong or absurd lengths make the device close the connection and reconnect."""
    for length in ("-1", "0x10", "99999999999", "4294967328", "5, 6"):
        p, d = t.start(platform={"transport": "tcp"})
        conn = p.connections[0]
        conn.send("OPTIONS sip:x@y SIP/2.0\r\nVia: SIP/2.0/TCP 127.0.0.1;branch=z9hG4bKbad\r\nContent-Length: "
                  f"{length}\r\n\r\n".encode())
        check(p.wait(lambda: not conn.open, 3), f"Content-Length: {length} was accepted")
        check(p.wait(lambda: len(p.connections) > 1, 8), "no new connection")
        p.errors.clear()
        d.stop()


lib.main(test, test_framing)
