# SPDX-License-Identifier: MIT
"""`gbagentctl trace --pcap`: tshark decodes the capture without warnings, and it has no credentials."""

import contextlib
import re
import shutil
import signal
import socket
import subprocess
import time

import lib
from _trace import Trace, answers, follow
from lib import check, equal

CHECKSUMS = ("ip.check_checksum", "udp.check_checksum", "tcp.check_checksum")
COMPLAINTS = "_ws.malformed || _ws.expert.severity==error || _ws.expert.severity==warning || tcp.analysis.flags"


def need_v6():
    with contextlib.suppress(OSError), socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as s:
        s.bind(("::1", 0))
        return
    raise lib.Skip("there is no ::1")


def tshark(pcap, port, *args):
    lib.need(shutil.which("tshark"), "tshark is not installed")
    done = subprocess.run(["tshark", "-n", "-r", str(pcap), *(f"-o{name}:TRUE" for name in CHECKSUMS), "-d",
                           f"udp.port=={port},sip",
                           "-d", f"tcp.port=={port},sip", *args], capture_output=True, text=True, timeout=60)
    equal(done.returncode, 0, f"tshark: {done.stderr}")
    return [line.split("\t") for line in done.stdout.splitlines() if line]


def session(t, transport, host="127.0.0.1"):
    """Captures a registration, a long answer and a call."""
    udp = transport == "udp"
    p = t.platform(host=host, registrar=lib.Registrar(challenge=lib.Challenge(qop="auth"), silent=udp))
    d = t.daemon(t.config(p, channels=30, platform={"transport": transport}, log={"level": "trace"}))
    check(p.wait(lambda: p.received("REGISTER"), 10) if udp else p.wait_online(10 * lib.SLOW), "no REGISTER")
    pcap = t.folder / "trace.pcap"
    trace = follow(d, "main", "--pcap", str(pcap))
    before = d.platform()["registrations"]
    p.registrar.silent = False
    if not udp:
        p.drop_connections()
    check(d.wait_status(lambda s: s["platforms"][0]["registrations"] > before, 20), "not registered")
    p.catalog(lib.DEVICE)
    call = p.invite(lib.CHANNEL)
    check(call.media.wait_units(3), "no media")
    call.close()
    equal(trace.end(signal.SIGINT), 0, trace.err)
    check(re.fullmatch(r"gbagentctl: \d+ messages\n", trace.err), trace.err)
    rows = tshark(pcap, p.port, "-T", "fields", *(f"-e{name}" for name in (
        "sip.Method", "sip.Status-Code", "sip.CSeq.method", "ip.src", "ipv6.src", f"{transport}.srcport",
                                                                           f"{transport}.dstport",
        "frame.time_epoch")))
    equal(tshark(pcap, p.port, "-Y", COMPLAINTS), [], "complaints")
    equal(tshark(pcap, p.port, "-Y", "!sip"), [], "packets that are not SIP")
    order = [row[0] or f"{row[1]} {row[2]}" for row in rows]
    at = order.index("401 REGISTER")
    equal(order[at:at + 3], ["401 REGISTER", "REGISTER", "200 REGISTER"], "registration")
    check("REGISTER" in order[:at] or udp, f"before the 401: {order[:at]}")
    for want in ("INVITE", "200 INVITE", "ACK", "BYE", "200 BYE", "MESSAGE", "200 MESSAGE"):
        check(want in order, f"no {want} in {order}")
    check(order.count("MESSAGE") > 3, f"{order.count('MESSAGE')} messages")
    equal({row[3] or row[4] for row in rows}, {host}, "addresses")
    device = p.route().addr[1]
    equal({tuple(row[5:7]) for row in rows}, {(str(device), str(p.port)), (str(p.port), str(device))}, "ports")
    times = [float(row[7]) for row in rows]
    check(times == sorted(times) and abs(times[-1] - time.time()) < 30 * lib.SLOW, f"times {times[:3]}")
    check(any(round(x * 1e6) % 1000 for x in times), "no microseconds")
    data = pcap.read_bytes()
    check(len(answers(p)) >= 1, "no digest answers")
    for secret in answers(p):
        check(secret.encode() not in data, "a digest response is in the capture")
    equal(tshark(pcap, p.port, "-Y", 'sip.auth.username', "-T", "fields", "-esip.auth.username",
                 "-esip.auth.digest.response")[0],
          [f'"{lib.DEVICE}"', f'"{"*" * 32}"'], "credentials")
    check(data.count(b"<CmdType>Catalog<") >= 3, "bodies")
    return pcap


def test_udp(t):
    session(t, "udp")


def test_tcp(t):
    session(t, "tcp")


def test_ipv6_udp(t):
    need_v6()
    session(t, "udp", "::1")


def test_ipv6_tcp(t):
    need_v6()
    session(t, "tcp", "::1")


def test_live(t):
    """Piped into tshark; gbagentctl ends when tshark does."""
    lib.need(shutil.which("tshark"), "tshark is not installed")
    p, d = t.start()
    with subprocess.Popen(["tshark", "-n", "-l", "-i", "-", "-d", f"udp.port=={p.port},sip"], stdin=subprocess.PIPE,
                          stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL) as shark:
        trace = subprocess.Popen([*lib.RUN, str(lib.BIN / "gbagentctl"), "-s", str(d.socket), "trace", "--pcap", "-"],
                                 stdout=shark.stdin, stderr=subprocess.DEVNULL)
        shark.stdin.close()
        seen = b""
        end = time.monotonic() + 20 * lib.SLOW
        while b"MESSAGE" not in seen and time.monotonic() < end:
            p.query("DeviceInfo", lib.DEVICE)
            seen += shark.stdout.readline()
        check(b"MESSAGE" in seen, f"tshark shows {seen}")
        shark.kill()
    end = time.monotonic() + 10 * lib.SLOW
    while trace.poll() is None and time.monotonic() < end:
        p.query("DeviceInfo", lib.DEVICE)
    check(trace.poll() is not None, "gbagentctl goes on without a reader")


def test_unwritable(t):
    p, d = t.start()
    code, _, err = d.ctl("trace", "--pcap", str(t.folder / "nowhere" / "x"), ok=None)
    check(code == 1 and "No such file" in err, err)
    trace = Trace(d, "--pcap", "/dev/full")
    equal(trace.end(), 1, "exit code")
    equal(trace.err, "gbagentctl: /dev/full: No space left on device\n", "reason")
    with open("/dev/full", "wb") as full:
        text = Trace(d, stdout=full)

        def ended():
            p.query("DeviceInfo", lib.DEVICE)                   # something to print, once the daemon has its request
            return text.proc.poll() is not None
        lib.until(ended, 10 * lib.SLOW, "the end of a text trace")
        equal(text.proc.returncode, 1, "exit code of a text trace")
        equal(text.proc.stderr.read(), b"gbagentctl: standard output: No space left on device\n", "reason")


def test_stop_blocked(t):
    """SIGINT ends a trace that is writing to a pipe that no one reads."""
    p, d = t.start()
    trace = follow(d)
    for _ in range(200):
        p.query("Catalog", lib.DEVICE)
    trace.proc.send_signal(signal.SIGINT)
    equal(trace.proc.wait(10 * lib.SLOW), 0, "exit code")
    equal(trace.proc.stderr.read(), b"", "errors")


def test_reader_gone(t):
    """A trace without messages ends when the reader of its pipe does."""
    _, d = t.start()
    trace = follow(d, "--pcap", "-")
    trace.proc.stdout.close()
    equal(trace.proc.wait(10 * lib.SLOW), 0, "exit code")


lib.main(test_udp, test_tcp, test_ipv6_udp, test_ipv6_tcp, test_live, test_unwritable,
         test_stop_blocked, test_reader_gone)
