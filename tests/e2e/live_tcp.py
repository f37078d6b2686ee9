# SPDX-License-Identifier: MIT
"""A live view over TCP with the device connecting (RFC 4571), also when the platform opens its port late."""

import socket
import threading

import lib
from lib import check, equal, rtp


def test(t):
    p, d = t.start()
    call = p.invite(lib.CHANNEL, media="tcp-passive")
    equal(call.status, 200, "INVITE")
    equal((call.answer.proto, call.answer.attributes["setup"], call.answer.attributes["connection"]), ("TCP/RTP/AVP",
                                                                                                       "active", "new"),
          "answer")
    check(call.media.wait_units(60, 10), "no 60 access units")
    equal(call.media.faults, [], "faults")
    lib.runs(call.media.assembler.video(), lib.clip_units())
    equal(d.status()["sessions"][0]["transport"], "tcp", "transport in status")
    equal(call.close().status, 200, "BYE")
    equal(call.media.connections, 1, "connections")
    check(d.wait_status(lambda s: not s["sessions"]), "the session is left")


def test_late(t):
    """Monibuca opens its media port after the ACK: the device tries to connect again."""
    p, d = t.start()
    holder = socket.socket()
    holder.bind(("127.0.0.1", 0))
    receiver = rtp.Receiver("tcp-active", ssrc=200000001)       # opened below
    receiver.port = holder.getsockname()[1]
    receiver.mode = "tcp-passive"
    call = p.invite(lib.CHANNEL, media="tcp-passive", receiver=receiver)
    equal(call.status, 200, "INVITE")
    lib.stays(lambda: d.status()["sessions"][0]["state"], "connecting", 0.6, "session")
    holder.listen(1)
    receiver.sock = holder
    threading.Thread(target=receiver._tcp, daemon=True).start()
    check(receiver.wait_units(10, 6), "no media after the port was opened late")
    equal(receiver.faults, [], "faults")
    call.close()


def test_connection_before_ack(t):
    """Nothing is sent before the ACK."""
    p, _ = t.start()
    call = p.invite(lib.CHANNEL, media="tcp-passive", ack=False)
    lib.stays(lambda: call.media.assembler.packets, 0, 0.8, "packets before the ACK")
    call.send_ack()
    check(call.media.wait_units(5), "no media after the ACK")
    call.close()


lib.main(test, test_late, test_connection_before_ack)
