# SPDX-License-Identifier: MIT
"""Signalling over TCP: one connection for everything; messages split and joined arbitrarily."""

import time

import lib
from lib import check, equal, manscdp


def test(t):
    p, d = t.start(platform={"transport": "tcp"}, channels=30)
    check(all(not m.route.udp for m in p.received()), "messages over UDP")
    items, notes, _ = p.catalog(lib.DEVICE)
    equal(len(items), 30, "channels")
    check(len(notes) < 30, "messages over TCP are not larger")
    equal(len(p.connections), 1, "connections")
    # one byte at a time, after CRLF keep-alives
    conn = p.connections[0]
    conn.send(b"\r\n\r\n")
    msg = p.make("MESSAGE", lib.DEVICE, body=manscdp.build("Query", "DeviceInfo", 901, lib.DEVICE))
    p.send(msg, pieces=40)
    equal(p.final(msg).status, 200, "cut message")
    check(p.wait_notes("DeviceInfo", sn="901"), "no DeviceInfo")
    # three in one segment
    three = [p.make("MESSAGE", lib.DEVICE, body=manscdp.build("Query", "DeviceStatus", sn, lib.DEVICE)) for sn in (902,
                                                                                                                   903,
                                                                                                                   904)]
    p.send(b"".join(m.to_bytes() for m in three))
    for m in three:
        equal(p.final(m).status, 200, "joined message")
    for sn in (902, 903, 904):
        check(p.wait_notes("DeviceStatus", sn=str(sn)), f"no answer to {sn}")


def test_call(t):
    p, _ = t.start(platform={"transport": "tcp"})
    call = p.invite(lib.CHANNEL)
    equal(call.status, 200, "INVITE")
    check(call.media.wait_units(10), "no media")
    check(not call.media.faults, call.media.faults[:3])
    equal(call.close().status, 200, "BYE")


lib.main(test, test_call)
