# SPDX-License-Identifier: MIT
"""RTCP on the port after the media's: sender reports with the right clock, reports of the receiver in `status`, BYE."""

import socket
import struct
import subprocess
import time

import lib
from lib import check, equal


def receiver_pair(ssrc):
    """A media receiver and a socket on the port after it."""
    for _ in range(50):
        media = lib.rtp.Receiver("udp", ssrc=ssrc)
        control = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        try:
            control.bind(("127.0.0.1", media.port + 1))
            control.settimeout(8 * lib.SLOW)
            return media, control
        except (OSError, OverflowError):
            control.close()
            media.close()
    raise lib.Skip("no two adjacent ports")


def packets(data):
    """The packets of a compound packet (RFC 3550 6.1): [(type, count, body)]."""
    result = []
    while data:
        check(len(data) >= 4 and data[0] >> 6 == 2, f"RTCP {data.hex()}")
        size = 4 * (int.from_bytes(data[2:4], "big") + 1)
        check(size <= len(data), "RTCP length")
        result.append((data[1], data[0] & 31, data[4:size]))
        data = data[size:]
    return result


def report(ssrc, fraction, lost, jitter):
    """RR with one block, and SDES."""
    block = struct.pack(">IIIIII", ssrc, fraction << 24 | lost & 0xffffff, 70000, jitter, 0, 0)
    return struct.pack(">BBHI", 0x81, 201, 7, 4711) + block + struct.pack(">BBHIBBBB", 0x81, 202, 2, 4711, 1, 1, 0x7a,
                                                                          0)


def test(t):
    p, d = t.start()
    media, control = receiver_pair(200000001)
    call = p.invite(lib.CHANNEL, receiver=media)
    equal(call.status, 200, "INVITE")
    equal(call.answer.port % 2, 0, "media port is even")
    check(media.wait_units(5), "no media")
    seen = []
    for _ in range(2):
        data, peer = control.recvfrom(2048)
        now, at = time.time(), media.units[-1]
        equal(peer, (call.answer.ip, call.answer.port + 1), "reports come from the port after the media's")
        parts = packets(data)
        equal([kind for kind, _, _ in parts], [200, 202], "SR and SDES")
        ssrc, high, low, stamp, count, size = struct.unpack(">IIIIII", parts[0][2])
        equal(ssrc, 200000001, "SSRC")
        check(abs(high - 2208988800 + low / 2**32 - now) < 1, "NTP is not the wall clock")
        # The last frame was sent a moment ago, or arrives just now: its timestamp is near that of the report.
        behind = ((stamp - at.timestamp + 2**31) % 2**32 - 2**31) / 90000
        check(abs(behind) < 0.5 * lib.SLOW, f"RTP timestamp of the report is {behind} s after the frame's")
        # The receiver may not yet have read packets sent before the report.
        check(count > 0 and p.wait(lambda: count <= media.assembler.packets) and size < 1500 * count,
              f"{count} packets, {size} bytes")
        seen.append((high + low / 2**32, stamp, count))
    wall, clock = seen[1][0] - seen[0][0], (seen[1][1] - seen[0][1]) % 2**32 / 90000
    check(4 < wall < 6 and abs(wall - clock) < 0.1, f"{wall} s between reports, {clock} s on the media clock")
    check(seen[1][2] > seen[0][2], "the packet count does not increase")

    control.sendto(b"\x81\xc9\x00\xff rubbish", peer)
    control.sendto(report(4711, 255, 9, 9), peer)               # of another stream
    control.sendto(report(200000001, 64, 12, 450), peer)
    status = d.wait_status(lambda s: s["sessions"][0]["reports"] == 1)
    check(status, "the receiver's report is not in status")
    session = status["sessions"][0]
    equal((session["report_lost"], session["report_loss_permille"], session["report_jitter_us"]), (12, 250, 5000),
          "reported")

    equal(call.bye().status, 200, "BYE")
    parts = packets(control.recv(2048))
    equal([kind for kind, _, _ in parts], [200, 202, 203], "RTCP BYE")
    equal(parts[2][2], struct.pack(">I", 200000001), "SSRC of the BYE")
    control.close()


def test_silence(t):
    """A receiver whose reports stop counts as gone; one that never sent any does not."""
    p, d = t.start(media={"report_timeout": 3})
    quiet = p.invite(lib.CHANNEL, ssrc="0200000002")
    media, control = receiver_pair(200000001)
    call = p.invite(lib.CHANNEL, receiver=media)
    check(media.wait_units(5) and quiet.media.wait_units(5), "no media")
    control.sendto(report(200000001, 0, 0, 0), (call.answer.ip, call.answer.port + 1))
    check(d.wait_status(lambda s: s["ended"], 15), "the session did not end")
    status = d.status()
    equal([e["why"] for e in status["ended"]], ["receiver reports stopped"], "why")
    equal(len(status["sessions"]), 1, "sessions")
    check(call.wait_bye(3), "no BYE")
    quiet.close()
    control.close()


def test_max_session_time(t):
    p, d = t.start(media={"max_session_time": 2})
    call = p.invite(lib.CHANNEL)
    check(call.media.wait_units(5), "no media")
    check(d.wait_status(lambda s: s["ended"], 6), "the session did not end")
    equal(d.status()["ended"][0]["why"], "max_session_time", "why")
    check(call.wait_bye(3), "no BYE")


def test_interleaved_tcp(t):
    """RTCP over TCP only if configured; whole packets, interleaved with the media."""
    p, d = t.start(media={"rtcp": "all"})
    call, conn = lib.invite_tcp(p)
    file, kinds, end = conn.makefile("rb"), [], time.monotonic() + 8 * lib.SLOW
    while 200 not in kinds and time.monotonic() < end:
        packet = file.read(int.from_bytes(file.read(2), "big"))
        kinds.append(packet[1])
        if packet[1] == 200:
            equal([kind for kind, _, _ in packets(packet)], [200, 202], "SR and SDES")
        else:
            equal(packet[0], 0x80, "RTP")
    check(200 in kinds, "no sender report")
    call.bye()
    conn.close()


def test_off(t):
    p, d = t.start(media={"rtcp": "off"})
    media, control = receiver_pair(200000001)
    control.settimeout(6)
    call = p.invite(lib.CHANNEL, receiver=media)
    check(media.wait_units(5), "no media")
    try:
        control.recv(2048)
        check(False, "a report came")
    except TimeoutError:
        pass
    call.close()


def test_dissected(t):
    """Wireshark finds nothing malformed."""
    media, control = receiver_pair(200000001)
    pcap = t.folder / "rtcp.pcap"
    with lib.captured(pcap, f"udp dst port {media.port + 1}"):
        p, _ = t.start()
        call = p.invite(lib.CHANNEL, receiver=media)
        control.recv(2048)
        call.bye()
        control.recv(2048)
    done = subprocess.run(["tshark", "-n", "-r", str(pcap), "-d", f"udp.port=={media.port + 1},rtcp", "-T", "fields",
                           "-e", "rtcp.pt",
                           "-e", "rtcp.length_check", "-e", "_ws.malformed"], capture_output=True, text=True,
                          timeout=60)
    lines = done.stdout.splitlines()
    equal([line.split("\t")[0] for line in lines], ["200,202", "200,202,203"], f"dissected {done.stderr}")
    check(all("Malformed" not in line for line in lines), "malformed")
    control.close()


lib.main(test, test_silence, test_max_session_time, test_interleaved_tcp, test_off, test_dissected)
