# SPDX-License-Identifier: MIT
"""An INVITE replaces a session with the same Subject or destination, or the oldest at the limit; otherwise it adds a
viewer."""

import contextlib
import socket

import lib
from lib import check, equal, rtp, sdp


def flowing(call):
    count = len(call.media.units)
    return call.media.wait_units(count + 5, 3)


def test_same_subject(t):
    p, d = t.start()
    subject = f"{lib.CHANNEL}:0200000051,{lib.SERVER}:0"
    a = p.invite(lib.CHANNEL, ssrc="0200000051", subject=subject)
    check(a.media.wait_units(3), "no media")
    b = p.invite(lib.CHANNEL, ssrc="0200000052", subject=subject)
    equal(b.status, 200, "second INVITE")
    check(b.media.wait_units(3), "no media of the new session")
    check(a.silent(), "the old session still sends")
    equal(len(d.status()["sessions"]), 1, "sessions")
    b.close()


def test_empty_sequences_do_not_replace(t):
    p, d = t.start()
    calls = []
    for n, subject in enumerate((f"{lib.CHANNEL}:0,{lib.SERVER}:0", f"{lib.CHANNEL}:0,{lib.SERVER}:0",
                                 f"{lib.CHANNEL}:,{lib.SERVER}:")):
        calls.append(p.invite(lib.CHANNEL, ssrc=f"020000006{n}", subject=subject))
        equal(calls[-1].status, 200, "INVITE")
        check(calls[-1].media.wait_units(3), "no media")
    check(all(flowing(c) for c in calls), "the session was replaced")
    equal(len(d.status()["sessions"]), 3, "sessions")
    for call in calls:
        call.close()


def test_same_destination(t):
    """The same port with the same y= or none: the same viewer, whose session is replaced without a BYE."""
    p, d = t.start()
    subject = f"{lib.CHANNEL}:0,{lib.SERVER}:0"
    a = p.invite(lib.CHANNEL, ssrc="0200000071", subject=subject)
    check(a.media.wait_units(3), "no media")
    a.media.assembler.ssrc = None
    for n, y in enumerate(("0200000071", None, "0000000000", "0200000072"), 1):
        b = p.invite(lib.CHANNEL, ssrc=y, receiver=a.media, subject=subject)
        equal(b.status, 200, f"INVITE with y={y}")
        status = d.wait_status(lambda s, n=n: len(s["sessions"]) == 1 and len(s["ended"]) == n)
        check(status, f"y={y}: the old session of the same destination is left")
    equal({e["why"] for e in status["ended"]}, {"new INVITE for the same stream"}, "why")
    equal(p.received("BYE"), [], "BYE")
    b.close()


def test_one_port_for_all(t):
    """A media server with one port for all, which distinguishes viewers by y=: two viewers, which end independently."""
    p, d = t.start()
    subject = f"{lib.CHANNEL}:0,{lib.SERVER}:0"
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind(("127.0.0.1", 0))

        def arriving():
            """The SSRCs of the next packets, without those already queued."""
            server.setblocking(False)
            with contextlib.suppress(BlockingIOError):
                while server.recv(2048):
                    pass
            server.settimeout(5 * lib.SLOW)
            return {int.from_bytes(server.recv(2048)[8:12], "big") for _ in range(200)}
        calls = []
        for y in ("0200000121", "0200000122"):
            body = sdp.Offer(lib.CHANNEL, p.id, "127.0.0.1", server.getsockname()[1], y=y).to_bytes()
            calls.append(p.invite(lib.CHANNEL, ssrc=y, sdp_body=body, subject=subject))
            equal(calls[-1].status, 200, "INVITE")
        check(p.wait(lambda: arriving() == {200000121, 200000122}), "not both SSRCs")
        equal([int(s["ssrc"]) for s in d.status()["sessions"]], [200000121, 200000122], "sessions")
        equal(calls[0].bye().status, 200, "BYE")
        check(p.wait(lambda: arriving() == {200000122}), "only the other viewer")
        calls[1].bye()


def test_max_per_channel(t):
    p, d = t.start(media={"max_per_channel": 2}, channels=2)
    calls = [p.invite(lib.CHANNEL, ssrc=f"020000008{n}") for n in range(2)]
    other = p.invite(lib.channel_id(2), ssrc="0200000089")
    check(all(c.media.wait_units(3) for c in calls), "no media")
    third = p.invite(lib.CHANNEL, ssrc="0200000083")
    equal(third.status, 200, "third INVITE")
    check(third.media.wait_units(3), "no media at the third")
    check(calls[0].silent(), "the oldest session still sends")
    check(flowing(calls[1]) and flowing(other), "a session other than the oldest ended")
    for call in (calls[1], third, other):
        call.close()


def first_rtp(conn):
    """The SSRC of the first packet on a connection."""
    file = conn.makefile("rb")
    packet = file.read(int.from_bytes(file.read(2), "big"))
    return int.from_bytes(packet[8:12], "big")


def ends(conn):
    """The device closes the connection."""
    with contextlib.suppress(ConnectionResetError):
        while conn.recv(65536):
            pass
    conn.close()
    return True


def test_srs(t):
    """SRS repeats its INVITE of the device ID without a BYE when it lost the media, with its only port and the same y=.
    A BYE would make it give up."""
    p, d = t.start()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(5 * lib.SLOW)
        before, ssrc = None, 200001234
        for _ in range(3):
            body = sdp.Offer(lib.DEVICE, p.id, "127.0.0.1", listener.getsockname()[1], tcp=True, setup=None,
                             style="srs",
                             y=f"{ssrc:010d}").to_bytes()
            call = p.invite(lib.DEVICE, media="tcp-passive", sdp_body=body, content_type="Application/SDP",
                            subject=f"{lib.DEVICE}:{ssrc:010d},{p.id}:0")
            equal(call.status, 200, "INVITE")
            conn = listener.accept()[0]
            conn.settimeout(5 * lib.SLOW)
            equal(first_rtp(conn), ssrc, "SSRC")
            check(before is None or ends(before), "the previous connection is open")
            equal(len(d.status()["sessions"]), 1, "sessions")
            before = conn
        equal(p.received("BYE"), [], "BYE")
        equal([e["why"] for e in d.status()["ended"]], ["new INVITE with the same Subject"] * 2, "why")
        call.bye()
        before.close()


def test_akstream(t):
    """AKStream opens a stream again without BYE, at another port: at the limit the oldest session ends, with BYE."""
    p, d = t.start(media={"max_per_channel": 1})
    a = p.invite(lib.CHANNEL, style="akstream", ssrc="0200000101")
    check(a.media.wait_units(3), "no media")
    b = p.invite(lib.CHANNEL, style="akstream", ssrc="0200000102")
    equal(b.status, 200, "second INVITE")
    check(b.media.wait_units(3), "no media of the new session")
    check(a.wait_bye(3), "no BYE for the oldest")
    check(a.silent(), "the old session still sends")
    equal([int(s["ssrc"]) for s in d.status()["sessions"]], [200000102], "sessions")
    b.close()


def test_solution(t):
    """GB28181.Solution: another y= each time, 0 in the Subject. Another port or another y= is another viewer."""
    p, d = t.start()
    subject = f"{lib.CHANNEL}:0,{lib.SERVER}:0"

    def offer(port, y):
        return "\r\n".join(["v=0", f"o={p.id} 0 0 IN IP4 127.0.0.1", "s=Play", "c=IN IP4 127.0.0.1", "t=0 0",
                            f"m=video {port} RTP/AVP 96 98", "a=recvonly", f"y={y}", "a=rtpmap:96 PS/90000",
                            "a=rtpmap:98 H264/90000", ""]).encode()
    receivers = [rtp.Receiver("udp") for _ in range(2)]
    calls = [p.invite(lib.CHANNEL, receiver=r, sdp_body=offer(r.port, y), subject=subject)
             for r, y in zip(receivers, ("0192837465", "0987654321"))]
    equal([c.status for c in calls], [200, 200], "INVITE")
    check(all(r.wait_units(3) for r in receivers), "no media")
    equal(len(d.status()["sessions"]), 2, "two ports are two viewers")
    again = p.invite(lib.CHANNEL, receiver=receivers[0], sdp_body=offer(receivers[0].port, "0555555555"),
                     subject=subject)
    equal(again.status, 200, "new INVITE")
    equal(sorted(int(x["ssrc"]) for x in d.status()["sessions"]), [192837465, 555555555, 987654321], "sessions")
    check(flowing(calls[1]), "the other session ended")
    for call in (again, *calls):
        equal(call.bye().status, 200, "BYE")
    for r in receivers:
        r.close()


lib.main(test_same_subject, test_empty_sequences_do_not_replace, test_same_destination, test_one_port_for_all,
         test_max_per_channel,
         test_srs, test_akstream, test_solution)
