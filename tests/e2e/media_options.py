# SPDX-License-Identifier: MIT
"""[media] send, tcp_framing and dscp: the same frames by each way to send; '$' framing; the DSCP on the wire."""

import socket
import struct

import lib
from lib import check, equal


def test_send(t):
    """Each way to send, with key frames of several runs of 46 packets."""
    path = t.clip(size="1280x720", frames=50, gop=25, noise=30, qp=22)
    source = lib.clip_units(path)
    check(max(map(len, source)) > 150_000, "the clip's key frames are too small")
    for n, way in enumerate(("auto", "gso", "mmsg", "msg")):
        p = t.platform()
        d = t.daemon(t.config(p, source=f"sim:{path}", channel={"fps": 25}, media={"send": way}))
        check(p.wait_online(10), "the device did not come online")
        call = p.invite(lib.CHANNEL, ssrc=f"020000004{n}")
        check(call.media.wait_units(60, 15), f"{way}: no media")
        session = d.status()["sessions"][0]
        call.close()
        equal(call.media.faults, [], f"{way}: faults")
        lib.runs(call.media.assembler.video(), source)
        equal((session["dropped_frames"], session["send_errors"]), (0, 0), f"{way}: drops")
        print(way, session["packets"], "packets in", session["calls"], "calls")
        if way == "msg":
            equal(session["calls"], session["packets"], "calls")
        else:       # one per unit, four for paced ones
            check(session["calls"] <= 4.2 * session["frames"], f"{way}: {session}")
        d.stop()


def test_interleaved(t):
    """RFC 2326 10.12: '$', channel 0, length, packet."""
    p, _ = t.start(media={"tcp_framing": "interleaved"})
    call, conn = lib.invite_tcp(p)
    file, assembler = conn.makefile("rb"), lib.rtp.Assembler(200000001)
    while len(assembler.units) < 40:
        head = file.read(4)
        equal(head[:2], b"$\0", "framing")
        assembler.feed(file.read(int.from_bytes(head[2:], "big")), 0)
    equal(assembler.bad, [], "faults")
    lib.runs(assembler.video(), lib.clip_units())
    call.bye()
    conn.close()


def seen_dscp(p, family, host, level, options):
    """DSCP as received: (socket option that requests it, type of the control message)."""
    sock = socket.socket(family, socket.SOCK_DGRAM)
    sock.setsockopt(level, options[0], 1)
    sock.bind((host, 0))
    sock.settimeout(10)
    body = lib.sdp.Offer(lib.CHANNEL, p.id, host, sock.getsockname()[1]).to_bytes()
    call = p.invite(lib.CHANNEL, sdp_body=body)
    equal(call.status, 200, "INVITE")
    for _ in range(20):
        _, control, _, _ = sock.recvmsg(2048, 64)
        equal([data[0] for _, kind, data in control if kind == options[1]], [34 << 2], "TOS")
    call.bye()
    sock.close()


def test_dscp(t):
    """AF41 on UDP media, seen by the receiver."""
    p, _ = t.start(media={"dscp": 34})
    seen_dscp(p, socket.AF_INET, "127.0.0.1", socket.IPPROTO_IP, (13, socket.IP_TOS))                   # IP_RECVTOS


def test_dscp_6(t):
    lib.need(socket.has_ipv6, "no IPv6")
    try:
        p = t.platform(host="::1")
    except OSError:
        raise lib.Skip("no IPv6 on loopback") from None
    t.daemon(t.config(p, media={"dscp": 34}))
    check(p.wait_online(10 * lib.SLOW), "not online")
    seen_dscp(p, socket.AF_INET6, "::1", socket.IPPROTO_IPV6, (socket.IPV6_RECVTCLASS, socket.IPV6_TCLASS))


def test_dscp_tcp(t):
    """TCP is marked from the handshake on, which the receiver's kernel reports (IP_PKTOPTIONS)."""
    p, _ = t.start(media={"dscp": 34})
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.setsockopt(socket.IPPROTO_IP, 13, 1)
        body = lib.sdp.Offer(lib.CHANNEL, p.id, "127.0.0.1", listener.getsockname()[1], tcp=True).to_bytes()
        call = p.invite(lib.CHANNEL, media="tcp-passive", sdp_body=body)
        equal(call.status, 200, "INVITE")
        conn = listener.accept()[0]
    conn.setsockopt(socket.IPPROTO_IP, 13, 1)
    conn.settimeout(5 * lib.SLOW)
    for _ in range(20):
        check(conn.recv(65536), "no media")
    control = conn.getsockopt(socket.IPPROTO_IP, 9, 128)        # IP_PKTOPTIONS
    found, at = [], 0
    while at + 16 <= len(control):
        size, level, kind = struct.unpack_from("@NII", control, at)
        if (level, kind) == (socket.IPPROTO_IP, socket.IP_TOS):
            found.append(control[at + 16])
        at += (size + 7) & ~7
    equal(found, [34 << 2], "TOS")
    call.bye()
    conn.close()


lib.main(test_send, test_interleaved, test_dscp, test_dscp_6, test_dscp_tcp)
