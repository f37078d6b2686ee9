# SPDX-License-Identifier: MIT
"""Wireshark's dissectors read what the device sends: SIP, SDP, RTP; nothing malformed."""

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


lib.main(test)
