# SPDX-License-Identifier: MIT
"""The SIP trace: `gbagentctl trace` for one platform and for all, with limits; log level trace; masked credentials."""

import re
import signal
import socket
import time

import lib
from _trace import Trace, answers, follow
from lib import check, equal

SECRET = "open-sesame"

def test_live(t):
    """All messages as text, in order and with their addresses, until SIGINT."""
    p, d = t.start()
    trace = follow(d)
    p.query("DeviceInfo", lib.DEVICE)
    call = p.invite(lib.CHANNEL)
    check(call.media.wait_units(3), "no media")
    call.close()
    equal(trace.end(signal.SIGINT), 0, f"exit code: {trace.err}")
    seen = trace.messages()
    firsts = [(way, first.split(" ")[0] if way == "in" or "SIP/2.0 " not in first[:8] else first.split(" ")[1])
              for _, way, *_, first in seen]
    for want in (("in", "MESSAGE"), ("out", "MESSAGE"), ("out", "200"), ("in", "INVITE"), ("in", "ACK"), ("in", "BYE")):
        check(want in firsts, f"no {want} in {firsts}")
    check(firsts.index(("in", "INVITE")) < firsts.index(("in", "ACK")) < firsts.index(("in", "BYE")),
          f"order: {firsts}")
    local = f"{p.route().addr[0]}:{p.route().addr[1]}"
    equal({m[:1] + m[2:5] for m in seen}, {("main", "udp", local, f"{p.at}:{p.port}")}, "platform and addresses")
    check("\nv=0\n" in trace.out and "\n<CmdType>DeviceInfo</CmdType>\n" in trace.out, "no bodies")
    check("\r" not in trace.out, "a carriage return")


def test_masked(t):
    """Digest responses, cnonces and passwords appear neither in the trace nor in the log; the platform gets them
    unmasked."""
    p = t.platform(registrar=lib.Registrar(challenge=lib.Challenge(qop="auth")))
    t.passwords.add(SECRET)
    d = t.daemon(t.config(p, log={"level": "trace"}))
    check(p.wait_online(10 * lib.SLOW), "not online")
    trace = follow(d)
    url = f"http://camera:{SECRET}@127.0.0.1:1/pictures?token={SECRET}"
    body = ('<?xml version="1.0" encoding="GB2312"?>\n<Control>\n<CmdType>DeviceConfig</CmdType>\n<SN>5</SN>\n'
            f"<DeviceID>{lib.CHANNEL}</DeviceID>\n<SnapShotConfig><SnapNum>1</SnapNum><Interval>1</Interval><UploadURL>"
            f"{url}"
            f"</UploadURL><SessionID>{'1' * 32}</SessionID></SnapShotConfig>\n<Password>{SECRET}</Password>\n</Control>"
            "\n").encode()
    equal(p.message(body, lib.DEVICE).status, 200, "DeviceConfig")
    d.signal(signal.SIGHUP)
    d.stop()
    equal(trace.end(), 3, "exit code when the daemon ends")
    check("gbagentd has ended" in trace.err, trace.err)
    check(len(answers(p)) >= 2, "no digest answers")
    for text in (d.log(), trace.out):
        for secret in (*answers(p), SECRET):
            check(secret not in text, f"{secret} in\n{text}")
        check(f"http://camera:{'*' * len(SECRET)}@127.0.0.1:1/pictures?token={'*' * len(SECRET)}<" in text, "URL")
        check(f"<Password>{'*' * len(SECRET)}</Password>" in text, "Password")
        check(re.search(r'Authorization: Digest username="\d{20}".* response="\*{32}".* cnonce="\*+"', text),
              "Authorization")
    check(re.search(r" trace main: message-out transport=udp local=\S+ peer=\S+ bytes=\d+\n.* trace main: \| REGISTER "
                    r"sip:", d.log()),
          "the log's form")


def test_platforms(t):
    """Filtering by platform; messages from unknown sources are rate-limited and have no platform; unknown names
    fail."""
    a = t.platform()
    b = t.platform(server_id="44010000002000000001")
    d = t.daemon(t.config(a, b))
    check(a.wait_online(10 * lib.SLOW) and b.wait_online(10 * lib.SLOW), "not online")
    code, _, err = d.ctl("trace", "nobody", ok=None)
    equal((code, err), (1, "no platform nobody\n"), "an unknown name")
    one, two, both = follow(d, "main"), follow(d, "second"), follow(d)
    a.query("DeviceInfo", lib.DEVICE)
    b.query("DeviceStatus", lib.DEVICE)
    source = lib.UnknownSource("127.0.0.2")
    for _ in range(50):
        source.send(b.make("OPTIONS", lib.DEVICE), b.route().addr)
    check(d.wait_status(lambda s: s["unknown_sources"] >= 50), "unknown sources are not counted")
    # A malformed message from the server's address is shown under its platform.
    a.udp.sendto(b"OPTIONS sip:garbled\r\n\r\n", a.route().addr)
    a.query("DeviceInfo", lib.DEVICE)
    for trace in (one, two, both):
        equal(trace.end(signal.SIGTERM), 0, trace.err)
    equal({m[0] for m in one.messages()}, {"main"}, "of the first")
    equal({m[0] for m in two.messages()}, {"second"}, "of the second")
    equal({m[0] for m in both.messages()}, {"main", "second", "(unknown source)"}, "of both")
    check("OPTIONS sip:garbled" in [m[-1] for m in one.messages()], "no garbled message")
    check("DeviceInfo" in one.out and "DeviceStatus" not in one.out, "bodies of the first")
    unknown = [m for m in both.messages() if m[0] == "(unknown source)"]
    check(15 <= len(unknown) <= 25, f"{len(unknown)} messages of a flood from an unknown source")
    check(all(m[4].startswith("127.0.0.2:") for m in unknown), unknown)


def test_limits(t):
    p, d = t.start()
    fds = d.fds()
    trace = follow(d, "--count", "3")
    for _ in range(3):
        p.query("DeviceInfo", lib.DEVICE)
    equal((trace.end(), len(trace.messages())), (0, 3), "--count")
    start = time.monotonic()
    equal(Trace(d, "main", "--seconds=1").end(), 0, "--seconds")
    check(0.9 < time.monotonic() - start < 5 * lib.SLOW, f"{time.monotonic() - start} s")
    for wrong in (["--count", "0"], ["--count", "x"], ["--seconds", "-1"], ["a", "b"], ["--nonsense"], ["--pcap"]):
        equal(d.ctl("trace", *wrong, ok=None)[0], 2, f"trace {wrong}")
    check(d.ctl("--json", "trace", ok=None)[0] == 1, "JSON")
    many = [follow(d) for _ in range(4)]
    code, _, err = d.ctl("trace", ok=None)
    equal((code, err), (1, "too many traces running\n"), "a fifth")
    d.ctl("status")
    for trace in many:
        equal(trace.end(signal.SIGINT), 0, trace.err)
    check(d.wait_status(lambda _: d.fds() <= fds), "descriptors are left")
    trace = follow(d, "--count", "1")
    p.query("DeviceInfo", lib.DEVICE)
    equal(trace.end(), 0, "after those have gone")


def test_slow(t):
    """A reader that stops reading fills a bounded queue, delays nobody else, and sees how many messages it lost."""
    p, d = t.start()
    before = d.rss_kb()
    with socket.socket(socket.AF_UNIX) as slow:
        slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        slow.connect(str(d.socket))
        slow.sendall(b"trace\n")
        for _ in range(400):
            p.query("Catalog", lib.DEVICE)
        check(d.rss_kb() - before < 1024 or lib.SLOW > 1, f"{d.rss_kb() - before} KB more")
        equal(d.platform()["state"], "online", "state")
        slow.settimeout(5 * lib.SLOW)
        got = slow.recv(65536)
        p.query("DeviceInfo", lib.DEVICE)
        while b"DeviceInfo" not in got:
            got += slow.recv(65536)
        lost = sum(int(n) for n in re.findall(rb"lost (\d+)\n", got))
        shown = len(re.findall(rb"sip (?:in|out) udp \d+ ", got))
        check(lost > 100 and shown > 10 and 1600 <= lost + shown <= 1620, f"{lost} lost, {shown} seen")


def test_reload(t):
    """A trace survives a reload; the log level changes by reload and by gbagentctl."""
    p, d = t.start(log={"level": "info"})
    trace = follow(d)
    p.query("DeviceInfo", lib.DEVICE)
    check("message-in" not in d.log(), "a trace in the log at level info")
    d.write_config(t.config(p, log={"level": "trace"}))
    d.ctl("reload")
    p.query("DeviceStatus", lib.DEVICE)
    check(d.wait_log("<CmdType>DeviceStatus"), "no trace in the log after the reload")
    d.ctl("log", "info")
    size = len(d.log())
    p.query("Catalog", lib.DEVICE)
    check("message-" not in d.log()[size:], "still a trace in the log")
    d.ctl("log", "trace")
    p.query("PresetQuery", lib.CHANNEL)
    check(d.wait_log("<CmdType>PresetQuery"), "no trace in the log")
    equal(trace.end(signal.SIGINT), 0, trace.err)
    for name in ("DeviceInfo", "DeviceStatus", "Catalog", "PresetQuery"):
        check(f"<CmdType>{name}<" in trace.out, f"no {name}")


def test_control_bytes(t):
    """Control bytes and invalid UTF-8 are escaped, in the trace and in the log."""
    p, d = t.start(log={"level": "trace"})
    trace = follow(d)
    p.message(b"\x1b[2J\x00\xff\x9b\tend", lib.DEVICE)
    equal(trace.end(signal.SIGINT), 0, trace.err)
    for text in (trace.out, d.log()):
        check("\\x1b[2J\\x00\\xff\\x9b\\x09end" in text, text)
        check("\x1b" not in text and "\x00" not in text, "control bytes")


lib.main(test_live, test_masked, test_platforms, test_limits, test_slow, test_reload, test_control_bytes)
