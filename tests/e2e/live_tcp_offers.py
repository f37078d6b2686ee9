# SPDX-License-Identifier: MIT
"""All kinds of TCP offers: who connects, from which port, how often; and the source port of UDP media."""

import socket

import lib
from lib import check, equal, sdp


def offer(p, port, setup, **kw):
    return sdp.Offer(lib.CHANNEL, p.id, p.host, port, tcp=True, setup=setup, **kw).to_bytes()


def rtp_packet(conn):
    file = conn.makefile("rb")
    packet = file.read(int.from_bytes(file.read(2), "big"))
    equal(packet[0], 0x80, "RTP")
    return packet


def test_we_connect(t):
    """setup passive, actpass and none: the device connects from the port of its answer."""
    p, d = t.start()
    for setup in ("passive", "actpass", None, "PASSIVE", "holdconn"):
        with socket.create_server(("127.0.0.1", 0)) as listener:
            listener.settimeout(5 * lib.SLOW)
            call = p.invite(lib.CHANNEL, media="tcp-passive", sdp_body=offer(p, listener.getsockname()[1], setup))
            equal(call.status, 200, f"setup:{setup}")
            equal((call.answer.proto, call.answer.attributes["setup"]), ("TCP/RTP/AVP", "active"),
                  f"answer to setup:{setup}")
            conn, peer = listener.accept()
            equal(peer, ("127.0.0.1", call.answer.port), f"setup:{setup}: the connection's source and the answer")
            rtp_packet(conn)
            call.bye()
            conn.close()
    check(d.wait_status(lambda s: not s["sessions"]), "sessions are left")


def test_we_listen(t):
    """setup active, whatever its port: the device listens for one connection on the port of its answer."""
    p, d = t.start()
    for port in (9, 0, 12345):
        call = p.invite(lib.CHANNEL, media="tcp-passive", sdp_body=offer(p, port, "active"))
        equal(call.status, 200, f"setup:active, port {port}")
        equal(call.answer.attributes["setup"], "passive", "answer")
        conn = socket.create_connection(("127.0.0.1", call.answer.port), 5)
        conn.settimeout(5 * lib.SLOW)
        rtp_packet(conn)
        try:
            second = socket.create_connection(("127.0.0.1", call.answer.port), 2)
            equal(second.recv(1), b"", "what a second connection got")
            second.close()
        except (ConnectionRefusedError, ConnectionResetError):
            pass
        call.bye()
        conn.close()
    check(d.wait_status(lambda s: not s["sessions"]), "sessions are left")


def test_media_server_elsewhere(t):
    """Media server and signalling have different addresses: both may connect, no third one."""
    p, d = t.start()
    # Of the loopback addresses only that of the signalling is allowed by default.
    for source, allowed in (("127.0.0.2", True), ("127.0.0.1", True), ("127.0.0.3", False)):
        call = p.invite(lib.CHANNEL, media="tcp-passive", media_ip="127.0.0.2",
                        sdp_body=sdp.Offer(lib.CHANNEL, p.id, "127.0.0.2", 9, tcp=True, setup="active").to_bytes())
        equal(call.status, 200, "INVITE")
        conn = socket.create_connection(("127.0.0.1", call.answer.port), 5, (source, 0))
        conn.settimeout(5 * lib.SLOW)
        if allowed:
            rtp_packet(conn)
        else:
            try:
                equal(conn.recv(1), b"", f"what {source} got")
            except ConnectionResetError:
                pass
            equal(d.status()["sessions"][0]["state"], "listening", "state")
        call.bye()
        conn.close()


def test_tries(t):
    """The port is closed: five attempts in the first six seconds, each from the port of the answer, then BYE."""
    p, d = t.start()
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        call = p.invite(lib.CHANNEL, media="tcp-passive", sdp_body=offer(p, holder.getsockname()[1], "passive"))
        equal(call.status, 200, "INVITE")
        # three attempts are refused
        lib.stays(lambda: d.status()["sessions"][0]["state"], "connecting", 2, "session")
        holder.listen(1)
        holder.settimeout(5 * lib.SLOW)
        conn, peer = holder.accept()
        equal(peer, ("127.0.0.1", call.answer.port), "source of the fourth attempt, and the answer")
        rtp_packet(conn)
        call.bye()
        conn.close()


def test_udp_port(t):
    """UDP media comes from the address and the even port of the answer."""
    p, _ = t.start()
    call = p.invite(lib.CHANNEL)
    check(call.media.wait_units(3), "no media")
    equal(call.media.peers, {("127.0.0.1", call.answer.port)}, "where media comes from")
    equal(call.answer.port % 2, 0, "port")
    call.close()


lib.main(test_we_connect, test_we_listen, test_media_server_elsewhere, test_tries, test_udp_port)
