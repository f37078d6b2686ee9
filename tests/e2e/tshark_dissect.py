# SPDX-License-Identifier: MIT
"""Wireshark's dissectors read what the device sends: SIP, SDP, RTP, the program stream; nothing malformed."""

import shutil
import signal
import subprocess
import time

import lib
from lib import check, equal


def tshark(pcap, port, *args):
    done = subprocess.run(["tshark", "-n", "-r", str(pcap), "-d", f"udp.port=={port},sip", *args], capture_output=True,
                          text=True, timeout=60)
    equal(done.returncode, 0, f"tshark: {done.stderr}")
    return [line for line in done.stdout.splitlines() if line]


def test(t):
    lib.need(shutil.which("tcpdump") and shutil.which("tshark"), "tcpdump or tshark is not installed")
    pcap = t.folder / "all.pcap"
    dump = subprocess.Popen(["tcpdump", "-i", "lo", "-U", "-w", str(pcap), "-B", "8192", "udp"],
                            stdout=subprocess.DEVNULL,
                            stderr=subprocess.PIPE, text=True, cwd=t.folder)
    time.sleep(0.7)
    lib.need(dump.poll() is None, "tcpdump may not capture here")
    try:
        p, d = t.start(channels=["大门"], alarms=["门磁"])
        p.catalog(lib.DEVICE)
        p.query("DeviceStatus", lib.DEVICE)
        d.ctl("alarm", "34020000001340000001", "method=2", "text=hello")
        check(p.wait_notes("Alarm"), "no alarm")
        call = p.invite(lib.CHANNEL)
        check(call.media.wait_units(20), "no media")
        media, source = call.media.port, call.answer.port
        call.close()
        device = p.route().addr[1]
        d.stop()
        time.sleep(0.5)
    finally:
        dump.send_signal(signal.SIGINT)
        dump.wait(5)
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
                 "-e", "rtp.ssrc", "-e", "rtp.p_type")
    equal(set(rtp), {f"0x{200000001:08x}\t96"}, "SSRC and payload type")
    check(len(rtp) >= 20, f"{len(rtp)} RTP packets")
    packets = len(tshark(pcap, p.port, "-Y", f"udp.srcport=={source}"))
    equal(len(rtp), packets, "packets that are RTP")


def test_program_stream(t):
    """Pictures and sound: every pack, clock reference and time stamp as Wireshark reads them."""
    lib.need(shutil.which("tshark"), "tshark is not installed")
    p, _ = t.start(channel={"audio": "sim:tone"})
    call = p.invite(lib.CHANNEL)
    check(call.media.wait(lambda a: len(a.audio()) >= 60, 10), "no sound")
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
    equal(([r[0] for r in rows].count("0xbb"), [r[0] for r in rows].count("0xbc")), (maps, maps), "system headers and PSMs")
    check(all(a.scr < b.scr for a, b in zip(units, units[1:])), "SCR does not rise")


lib.main(test, test_program_stream)
