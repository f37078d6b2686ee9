# SPDX-License-Identifier: MIT
"""IPv6 for server, Contact, Via, SDP and media, over ::1."""

import contextlib
import socket

import lib
from lib import check, equal


def need_v6():
    with contextlib.suppress(OSError), socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as s:
        s.bind(("::1", 0))
        return
    raise lib.Skip("no IPv6 on loopback")


def session(t, media="udp", **platform):
    need_v6()
    p = t.platform(host="::1")
    d = t.daemon(t.config(p, platform=platform))
    check(p.wait_online(10 * lib.SLOW), "not online")
    register = p.received("REGISTER")[0]
    check(" [::1]:" in register.get("Via"), register.get("Via"))
    check("@[::1]:" in register.get("Contact"), register.get("Contact"))
    check(d.platform()["server"].startswith("[::1]:"), d.platform()["server"])
    equal(p.query("DeviceInfo", lib.DEVICE).get("Result"), "OK", "DeviceInfo")
    call = p.invite(lib.CHANNEL, media=media)
    equal(call.status, 200, "INVITE")
    check(b"\r\nc=IN IP6 ::1\r\n" in call.response.body, call.response.body)
    check(b" IN IP6 ::1\r\n" in call.response.body.split(b"\r\ns=")[0] + b"\r\n", call.response.body)
    check("@[::1]:" in call.response.get("Contact"), call.response.get("Contact"))
    check(call.media.wait_units(10), "no media")
    lib.runs(call.media.assembler.video()[:10], lib.clip_units())
    equal(call.close().status, 200, "BYE")
    s = p.subscribe("Alarm", lib.DEVICE)
    equal(s.status, 200, "SUBSCRIBE")
    check(s.wait(1), "no NOTIFY")
    check("@[::1]:" in s.notifies[0].get("Contact"), s.notifies[0].get("Contact"))
    d.ctl("alarm", lib.CHANNEL, "method=5", "type=2")
    check(s.wait_bodies(1), "no NOTIFY of the alarm")
    return p


def test_udp(t):
    session(t)


def test_tcp(t):
    session(t, transport="tcp")


def test_media_tcp(t):
    session(t, "tcp-passive")


def test_media_listen(t):
    session(t, "tcp-active")


def test_name(t):
    """A name with both kinds of address: the one that answers is used."""
    need_v6()
    p = t.platform(host="::1")
    lib.need("::1" in lib.need_localhost(), "localhost is not ::1 here")
    d = t.daemon(t.config(p, platform={"server": f"localhost:{p.port}", "transport": "tcp"}))
    check(p.wait_online(20 * lib.SLOW), "not online")
    check(d.running())


def test_other_family(t):
    """::1 from a platform on 127.0.0.1 is refused, and vice versa; so is IP4 with an IPv6 literal."""
    need_v6()
    p, d = t.start()
    equal(p.invite(lib.CHANNEL, media_ip="::1", address_type="IP4").status, 488, "c=IN IP4 ::1")
    equal(p.invite(lib.CHANNEL, media_ip="::1").status, 488, "c=IN IP6 ::1")
    equal(p.invite(lib.CHANNEL, media_ip="fe80::1").status, 488, "c=IN IP6 fe80::1")
    equal(d.status()["sessions"], [], "sessions")


def test_other_family_6(t):
    need_v6()
    p = t.platform(host="::1")
    t.daemon(t.config(p))
    check(p.wait_online(10 * lib.SLOW), "not online")
    equal(p.invite(lib.CHANNEL, media_ip="127.0.0.1").status, 488, "c=IN IP4 127.0.0.1")


lib.main(test_udp, test_tcp, test_media_tcp, test_media_listen, test_name, test_other_family, test_other_family_6)
