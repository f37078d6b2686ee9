# SPDX-License-Identifier: MIT
"""A live view over TCP with the platform connecting (setup:active in the offer): the device accepts that platform
only."""

import socket

import lib
from lib import check, equal


def test(t):
    p, d = t.start()
    call = p.invite(lib.CHANNEL, media="tcp-active")
    equal(call.status, 200, "INVITE")
    equal((call.answer.proto, call.answer.attributes["setup"]), ("TCP/RTP/AVP", "passive"), "answer")
    check(call.media.wait_units(30, 10), "no 30 access units")
    equal(call.media.faults, [], "faults")
    lib.runs(call.media.assembler.video(), lib.clip_units())
    equal(call.close().status, 200, "BYE")
    check(d.wait_status(lambda s: not s["sessions"]), "the session is left")


def test_unknown_source(t):
    """A connection from an address other than those of the offer and the signalling is closed; the right one is still
    accepted."""
    p, d = t.start()
    call = p.invite(lib.CHANNEL, media="tcp-active", ack=False)
    equal(call.status, 200, "INVITE")
    other = socket.socket()
    other.bind(("127.0.0.9", 0))
    other.settimeout(3)
    other.connect(("127.0.0.1", call.answer.port))
    try:
        equal(other.recv(1), b"", "data on the refused connection")
    except ConnectionResetError:
        pass
    call.send_ack()
    check(call.media.wait_units(10, 10), "no media for the platform after a refused connection")
    call.close()


def test_nobody(t):
    """No connection: BYE after ten seconds, and the reason in the status."""
    p, d = t.start()
    call = p.invite(lib.CHANNEL, media="tcp-active", ack=False)
    call.media.connections = 1              # not by the test platform
    call.send_ack()
    equal(d.status()["sessions"][0]["state"], "listening", "state")
    check(d.wait_status(lambda s: not s["sessions"], 12), "the session is left")
    equal(d.status()["ended"][0]["why"], "no media connection", "why")
    check(call.ended_by_device or p.received("BYE"), "no BYE")


lib.main(test, test_unknown_source, test_nobody)
