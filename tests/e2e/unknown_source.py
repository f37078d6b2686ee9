# SPDX-License-Identifier: MIT
"""Messages from unknown sources, other ports or addresses than the platform's, are counted and never answered."""

import lib
from lib import check, equal, manscdp


def kinds(p, call):
    yield p.make("OPTIONS", lib.DEVICE)
    yield p.make("MESSAGE", lib.DEVICE, body=manscdp.build("Query", "Catalog", 1, lib.DEVICE))
    yield p.make("MESSAGE", lib.CHANNEL, body=manscdp.build("Control", "DeviceControl", 2, lib.CHANNEL,
                                                            f"<PTZCmd>{manscdp.ptz(1, 9)}</PTZCmd>"))
    yield p.make("INVITE", lib.CHANNEL, body=lib.sdp.Offer(lib.CHANNEL, p.id, "127.0.0.1", 20000).to_bytes(),
                 content_type="application/sdp")
    yield p.make("REGISTER", lib.DEVICE)
    yield p.make("NOSUCH", lib.DEVICE)
    yield call.make("BYE")
    yield call.make("BYE", call_id="guess@127.0.0.1")
    yield b"garbage\r\n\r\n"
    yield b"SIP/2.0 403 Forbidden\r\nVia: SIP/2.0/UDP 127.0.0.1;branch=z9hG4bK1\r\nCSeq: 1 REGISTER\r\n\r\n"
    yield b"\r\n\r\n"
    yield b"\0" * 1400


def test(t):
    p, d = t.start()
    call = p.invite(lib.CHANNEL)
    check(call.media.wait_units(3), "no media")
    for ip in ("127.0.0.1", "127.0.0.2"):
        source = lib.UnknownSource(ip)
        for msg in kinds(p, call):
            source.send(msg, call.route.addr)
        equal(source.bytes_back(), 0, f"bytes to an unknown source at {ip}")
    count = len(call.media.units)
    check(call.media.wait_units(count + 10), "the stream was stopped by an unknown source")
    equal(len(d.status()["sessions"]), 1, "sessions")
    equal(d.platform()["state"], "online", "state")
    check(not any("pan" in l for l in d.log().splitlines() if "sim" in l and "ptz" in l.lower()),
          "an unknown source moved the camera")
    call.close()


def test_counted(t):
    """Messages from other ports of an allowed host are counted."""
    p, d = t.start()
    source = lib.UnknownSource()
    for _ in range(5):
        source.send(p.make("OPTIONS", lib.DEVICE), p.route().addr)
    check(d.wait_status(lambda s: s["unknown_sources"] >= 5), "not counted")


def test_allowed(t):
    """allow = CIDR with allow_any_port accepts another source."""
    p, d = t.start(platform={"allow": "127.0.0.0/8", "allow_any_port": "yes"})
    source = lib.UnknownSource()
    source.send(p.make("OPTIONS", lib.DEVICE), p.route().addr)
    check(source.bytes_back() > 100, "an allowed source was ignored")


lib.main(test, test_counted, test_allowed)
