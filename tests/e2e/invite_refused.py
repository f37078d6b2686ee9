# SPDX-License-Identifier: MIT
"""Offers that cannot be served are refused with the right status, without leaks."""

import socket

import lib
from lib import check, equal


def refused(p, status, channel=lib.CHANNEL, **kw):
    call = p.invite(channel, **kw)
    equal(call.status, status, f"INVITE {channel} {kw}")


def test_channel(t):
    p, d = t.start()
    refused(p, 404, "34020000001310000099")
    refused(p, 404, "nonsense")
    equal(d.status()["sessions"], [], "sessions")


def test_source_not_ready(t):
    p, d = t.start(source=f"sim:{t.folder}/missing.h264")
    refused(p, 480)
    equal(d.status()["sessions"], [], "sessions")


def test_addresses(t):
    p, d = t.start()
    for ip in ("224.0.0.1", "239.1.2.3", "255.255.255.255", "0.0.0.0", "169.254.1.1", "camera.example.org", "999.1.1.1",
               ""):
        refused(p, 488, media_ip=ip)
    for port in ("0", "80", "1023", "65536", "-1", "x"):
        refused(p, 488, port=port)
    equal(d.status()["sessions"], [], "sessions")


def test_offers(t):
    p, d = t.start()
    for body in (b"v=0\r\n", b"garbage",
                 b"v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=Play\r\nt=0 0\r\nm=audio 30000 RTP/AVP 8\r\n",
                 b"m=video 30000 RTP/AVP 96\r\n", b"c=IN IP4 127.0.0.1\r\n",
                 b"v=0\r\n" + b"m=video 30000 RTP/AVP 96\r\n" * 1000):
        call = p.invite(lib.CHANNEL, sdp_body=body)
        check(call.status in (400, 488), f"{body[:30]!r}: {call.status}")
    call = p.invite(lib.CHANNEL, sdp_body=b"")
    check(call.status in (400, 488), f"no offer: {call.status}")
    equal(d.status()["sessions"], [], "sessions")


def test_full(t):
    p, d = t.start(channels=3, media={"max_sessions": 2})
    calls = [p.invite(lib.channel_id(n), ssrc=f"020000004{n}") for n in (1, 2)]
    refused(p, 486, lib.channel_id(3), ssrc="0200000043")
    equal(calls[0].close().status, 200, "BYE")
    third = p.invite(lib.channel_id(3), ssrc="0200000044")
    equal(third.status, 200, "INVITE when there is room again")
    third.close()
    calls[1].close()


def test_media_allow(t):
    """Link-local destinations if `allow` names them."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        lib.need(s.connect_ex(("169.254.1.1", 9)) == 0, "no route to a link-local address")
    p, _ = t.start(media={"media_allow": "169.254.0.0/16"})
    call = p.invite(lib.CHANNEL, media_ip="169.254.1.1")
    check(call.status in (200, 480, 503), f"allowed link-local address: {call.status}")
    if call.status == 200:
        call.close()


lib.main(test_channel, test_source_not_ready, test_addresses, test_offers, test_full, test_media_allow)
