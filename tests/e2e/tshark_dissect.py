# SPDX-License-Identifier: MIT
"""Wireshark's dissectors find nothing malformed in what the device sends: SIP, SDP, RTP over UDP and TCP, elementary
streams, the program stream."""

import shutil
import subprocess

import lib
from lib import check, equal

# On loopback GSO packets are captured before segmentation.
EACH = {"send": "mmsg"}
# An address that no other test uses: their traffic is not captured.
HOST = "127.0.0.77"
PLATFORM = {"host": HOST}


def tshark(pcap, port, *args):
    done = subprocess.run(["tshark", "-n", "-r", str(pcap), "-d", f"udp.port=={port},sip", *args], capture_output=True,
                          text=True, timeout=60)
    equal(done.returncode, 0, f"tshark: {done.stderr}")
    return [line for line in done.stdout.splitlines() if line]


def sequence(rows):
    """Sequence numbers without a gap."""
    numbers = [int(r[0]) for r in rows]
    equal(numbers, [(numbers[0] + n) & 0xffff for n in range(len(numbers))], "sequence numbers")


def test(t):
    pcap = t.folder / "all.pcap"
    with lib.captured(pcap, f"host {HOST}"):
        p, d = t.start(platform_args=PLATFORM, channels=["大门"], alarms=["门磁"], channel={"audio": "sim:tone"},
                       media=EACH)
        p.catalog(lib.DEVICE)
        p.query("DeviceStatus", lib.DEVICE)
        d.ctl("alarm", "34020000001340000001", "method=2", "text=hello")
        check(p.wait_notes("Alarm"), "no alarm")
        call = p.invite(lib.CHANNEL)
        check(call.media.wait(lambda a: len(a.audio()) >= 20, 10), "no media")
        media, source = call.media.port, call.answer.port
        call.close()
        device = p.route().addr[1]
        d.stop()
    mine = f"udp.srcport=={device} || udp.srcport=={source}"
    bad = tshark(pcap, p.port, "-Y", f"({mine}) && (_ws.malformed || _ws.expert.severity==error)")
    equal(bad, [], "malformed")
    methods = set(tshark(pcap, p.port, "-Y", f"udp.srcport=={device} && sip.Method", "-T", "fields", "-e",
                         "sip.Method"))
    check({"REGISTER", "MESSAGE"} <= methods, f"methods {methods}")
    answers = tshark(pcap, p.port, "-Y", f"udp.srcport=={device} && sip.Status-Code==200 && sdp", "-T", "fields", "-e",
                     "sdp.media")
    check(answers and str(source) in answers[0], f"SDP {answers}")
    rtp = tshark(pcap, p.port, "-d", f"udp.port=={media},rtp", "-Y", f"udp.srcport=={source} && rtp", "-T", "fields",
                 "-e", "rtp.seq", "-e", "rtp.ssrc", "-e", "rtp.p_type")
    equal({row.split("\t", 1)[1] for row in rtp}, {f"0x{200000001:08x}\t96"}, "SSRC and payload type")
    sequence([row.split("\t") for row in rtp])
    check(len(rtp) >= 20, f"{len(rtp)} RTP packets")
    packets = len(tshark(pcap, p.port, "-Y", f"udp.srcport=={source}"))
    equal(len(rtp), packets, "packets that are RTP")


def over_tcp(t, media):
    """RFC 4571: according to Wireshark every length leads to the next RTP packet; it shows as many packets as were
    received."""
    pcap = t.folder / "all.pcap"
    with lib.captured(pcap, f"host {HOST}"):
        p, d = t.start(platform_args=PLATFORM, channel={"audio": "sim:tone"})
        call = p.invite(lib.CHANNEL, media=media)
        check(call.media.wait(lambda a: len(a.audio()) >= 40, 10), "no audio")
        port = call.answer.port if media == "tcp-active" else call.media.port
        call.close()
        count = call.media.assembler.packets
    side = "src" if media == "tcp-active" else "dst"
    decode = "-d", f"tcp.port=={port},rtp"
    equal(tshark(pcap, p.port, *decode, "-Y",
                 f"tcp.{side}port=={port} && (_ws.malformed || _ws.expert.severity==error)"), [], "malformed")
    rows = []
    for line in tshark(pcap, p.port, *decode, "-Y", f"tcp.{side}port=={port} && rtp", "-T", "fields",
                       *(f"-ertp.{name}" for name in ("seq", "p_type", "ssrc", "version", "rfc4571.len"))):
        rows += zip(*(column.split(",") for column in line.split("\t")))      # several packets in one segment
    check(len(rows) >= count > 40, f"{len(rows)} RTP packets, {count} received")
    equal({r[1:4] for r in rows}, {("96", f"0x{200000001:08x}", "2")}, "payload type, SSRC, version")
    check(all(13 <= int(r[4]) <= 1412 for r in rows), "lengths")
    sequence(rows)


def test_tcp_connecting(t):
    over_tcp(t, "tcp-passive")


def test_tcp_listening(t):
    over_tcp(t, "tcp-active")


def elementary(t, number, name, kinds, field, **config):
    """Wireshark finds the codec by the rtpmap of the SDP, and NAL unit types in the packets."""
    pcap = t.folder / "all.pcap"
    with lib.captured(pcap, f"host {HOST}"):
        p, d = t.start(platform_args=PLATFORM, media=EACH, **config)
        rx = lib.rtp.Receiver("udp", HOST)
        body = (f"v=0\r\no={lib.CHANNEL} 0 0 IN IP4 {HOST}\r\ns=Play\r\nc=IN IP4 {HOST}\r\nt=0 0\r\n"
                f"m=video {rx.port} RTP/AVP {number}\r\na=recvonly\r\na=rtpmap:{number} {name}/90000\r\n"
                "y=0200000001\r\n").encode()
        call = p.invite(lib.CHANNEL, receiver=rx, sdp_body=body)
        equal(call.status, 200, "INVITE")
        check(rx.wait(lambda a: a.packets >= 150, 15), "no media")
        source = call.answer.port
        call.close()
    decode = "-d", f"udp.port=={source},rtp"
    mine = f"udp.srcport=={source}"
    equal(tshark(pcap, p.port, *decode, "-Y", f"{mine} && (_ws.malformed || _ws.expert.severity==error)"), [],
          "malformed")
    rows = [line.split("\t") for line in tshark(pcap, p.port, *decode, "-Y", f"{mine} && rtp", "-T", "fields",
                                                "-ertp.seq", "-ertp.p_type",
                                                f"-e{field}")]
    check(len(rows) >= 150, f"{len(rows)} packets")
    equal({r[1] for r in rows}, {str(number)}, "payload type")
    sequence(rows)
    found = {int(k) for r in rows for k in r[2].split(",") if k}
    check(kinds <= found, f"NAL unit types {found}")


def test_elementary_h264(t):
    path = t.clip(frames=50, gop=25, qp=20)
    elementary(t, 98, "H264", {7, 8, 28}, "h264.nal_unit_hdr", source=f"sim:{path}", channel={"fps": 50})


def test_elementary_h265(t):
    path = t.clip(frames=50, gop=25, qp=20, h265=True, extra=":open-gop=0")
    elementary(t, 99, "H265", {32, 33, 34, 1, 49}, "h265.nal_unit_type", source=f"sim:{path}", channel={"fps": 50})


def test_program_stream(t):
    """Video and audio: all packs, clock references and timestamps according to Wireshark."""
    lib.need(shutil.which("tshark"), "tshark is not installed")
    p, _ = t.start(channel={"audio": "sim:tone"})
    call = p.invite(lib.CHANNEL)
    check(call.media.wait(lambda a: len(a.audio()) >= 60, 10), "no audio")
    call.close()
    path = t.folder / "got.mpg"
    call.media.save(path)
    units = [u.ps for u in call.media.units if u.ps]
    equal(tshark(path, p.port, "-Y", "_ws.malformed || _ws.expert.severity==error"), [], "malformed")
    rows = [line.split("\t") for line in tshark(path, p.port, "-T", "fields", *(f"-empeg-pes.{name}" for name in (
        "stream", "scr", "pts", "scrambling_control", "data_alignment")))]
    ticks = lambda seconds: round(float(seconds) * 90000)
    equal([ticks(r[1]) for r in rows if r[0] == "0xba"], [u.scr for u in units], "SCR")
    equal([(r[0], ticks(r[2])) for r in rows if r[0] in ("0xe0", "0xc0") and r[2]],
          [("0xe0" if u.video else "0xc0", u.pts) for u in units], "stream and PTS")
    equal({r[0] for r in rows}, {"0xba", "0xbb", "0xbc", "0xe0", "0xc0"}, "start codes")
    maps = sum(1 for u in units if u.psm)
    equal(([r[0] for r in rows].count("0xbb"), [r[0] for r in rows].count("0xbc")), (maps, maps),
          "system headers and PSMs")
    check(all(a.scr < b.scr for a, b in zip(units, units[1:])), "SCR does not increase")


lib.main(test, test_tcp_connecting, test_tcp_listening, test_elementary_h264, test_elementary_h265, test_program_stream)
