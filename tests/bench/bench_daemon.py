# SPDX-License-Identifier: MIT
"""Rows that need the whole daemon: memory, wake-ups, latencies, SIP messages per second. Linux only, over loopback."""
import pathlib
import re
import socket
import statistics
import struct
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "e2e"))
import lib  # noqa: E402

SO_TIMESTAMPNS = 35
SERVER = "34020000002000000001"
RESTARTS, CALLS, VIEWERS, STREAMS = 5, 11, 32, 16
REQUESTS, WINDOW = 12000, 32


def cpu_ns(pid):
    return int(pathlib.Path(f"/proc/{pid}/schedstat").read_text().split()[0])


def switches(pid):
    """Context switches of all its threads, voluntary and involuntary."""
    total = 0
    for status in pathlib.Path(f"/proc/{pid}/task").glob("*/status"):
        total += sum(int(n) for n in re.findall(r"voluntary_ctxt_switches:\s+(\d+)", status.read_text())[:1])
    return total


# ---- a platform without threads, with the kernel's timestamps ---------------------------------------------------

class Line:
    """A UDP socket that receives packets with their arrival time, ns."""

    def __init__(self):
        self.sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.sock.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
        for option in (33, socket.SO_RCVBUF):       # 33: SO_RCVBUFFORCE, root only
            try:
                self.sock.setsockopt(socket.SOL_SOCKET, option, 16 << 20)
                break
            except OSError:
                pass
        self.sock.bind(("127.0.0.1", 0))
        self.port = self.sock.getsockname()[1]

    def receive(self, timeout=5.0):
        """(bytes, ns, sender); None after the timeout."""
        self.sock.settimeout(timeout)
        try:
            data, extra, _, sender = self.sock.recvmsg(4096, 256)
        except (TimeoutError, BlockingIOError):
            return None
        for level, kind, value in extra:
            if (level, kind) == (socket.SOL_SOCKET, SO_TIMESTAMPNS):
                seconds, ns = struct.unpack("qq", value[:16])
                return data, seconds * 1000000000 + ns, sender
        raise RuntimeError("no timestamp")

    def drain(self):
        """The packets received so far."""
        got = []
        while (one := self.receive(0.0)) is not None:
            got.append(one)
        return got


class Plain(Line):
    """Accepts every REGISTER, answers requests, and makes calls."""

    def __init__(self):
        super().__init__()
        self.device, self.number, self.answered = None, 0, 0

    def config(self):
        return f"[platform main]\nserver = 127.0.0.1:{self.port}\nid = {SERVER}\npassword = x\n"

    def next(self, timeout=5.0):
        """The next response; requests before it are answered 200."""
        while (got := self.receive(timeout)) is not None:
            text = got[0].decode("utf-8", "replace")
            if text.startswith("SIP/2.0"):
                return text, got[1]
            self.device = got[2]
            copied = "".join(line + "\r\n" for line in text.split("\r\n\r\n")[0].split("\r\n")
                             if line.split(":")[0] in ("Via", "From", "To", "Call-ID", "CSeq"))
            extra = "Expires: 86400\r\n" if text.startswith("REGISTER") else ""
            self.sock.sendto(f"SIP/2.0 200 OK\r\n{copied}{extra}Content-Length: 0\r\n\r\n".encode(), self.device)
            self.answered += 1
            if text.startswith("REGISTER"):
                return text, got[1]
        return None

    def request(self, method, target, call, cseq=1, to_tag="", extra="", body=""):
        self.number += 1
        at = f"127.0.0.1:{self.port}"
        text = (f"{method} sip:{target}@{self.device[0]}:{self.device[1]} SIP/2.0\r\nVia: SIP/2.0/UDP {at};rport;"
                f"branch=z9hG4bK{self.number}\r\n"
                f"From: <sip:{SERVER}@3402000000>;tag=f{call}\r\nTo: <sip:{target}@3402000000>{to_tag}\r\nCall-ID: "
                f"c{call}@bench\r\n"
                f"CSeq: {cseq} {method}\r\nMax-Forwards: 70\r\nContact: <sip:{SERVER}@{at}>\r\n{extra}"
                f"Content-Length: {len(body)}\r\n\r\n{body}")
        sent = time.clock_gettime_ns(time.CLOCK_REALTIME)
        self.sock.sendto(text.encode(), self.device)
        return sent

    def invite(self, channel, port, ack=True):
        """(call, To tag, ns from INVITE to 200)."""
        self.number += 1
        call = self.number
        body = (f"v=0\r\no={channel} 0 0 IN IP4 127.0.0.1\r\ns=Play\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=video {port} "
                "RTP/AVP 96\r\n"
                f"a=rtpmap:96 PS/90000\r\na=recvonly\r\ny={200000000 + call:010d}\r\n")
        sent = self.request("INVITE", channel, call,
                            extra=f"Subject: {channel}:{call},{SERVER}:0\r\nContent-Type: application/sdp\r\n",
                            body=body)
        while (got := self.next()) is not None:
            if "INVITE\r\n" in got[0] and not got[0].startswith("SIP/2.0 1"):
                break
        if not got or not got[0].startswith("SIP/2.0 200"):
            raise RuntimeError(f"no call: {got}")
        tag = re.search(r"^To:[^\r]*(;tag=[^\r;]+)", got[0], re.M).group(1)
        self.request("ACK", channel, call, to_tag=tag)
        return call, tag, got[1] - sent

    def bye(self, channel, call, tag):
        self.request("BYE", channel, call, 2, tag)
        while (got := self.next()) is not None and "BYE\r\n" not in got[0]:
            pass


def unit_starts(packets):
    """Arrival times of the first packet of each frame: the one after a marker."""
    starts, marked = [], False
    for data, at, _ in packets:
        if marked:
            starts.append(at)
        marked = bool(data[1] & 0x80)
    return starts


def unit_start_near(line, packets, at):
    """When the unit next to `at` was first seen: reads on until a later unit starts. packets: those already read."""
    while not (starts := unit_starts(packets)) or starts[-1] <= at:
        packet = line.receive()
        if packet is None:
            raise RuntimeError("no media")
        packets.append(packet)
    return min(starts, key=lambda start: abs(start - at))


def latency(p, channel):
    """INVITE to the first packet while the source is open: to the 200, and from when the key frame was sent to an
    existing viewer. The wait for that frame, at most one frame interval, cannot be shortened by us."""
    first, second = Line(), Line()
    call, tag, _ = p.invite(channel, first.port)
    if first.receive() is None:
        raise RuntimeError("no media")
    answers, sends, totals = [], [], []
    for n in range(CALLS):
        time.sleep(1.1 + n % 5 * 0.013)         # at most one key frame request a second is passed to a source
        packets = first.drain()[-1:]
        second.drain()
        began = time.clock_gettime_ns(time.CLOCK_REALTIME)
        other, other_tag, answered = p.invite(channel, second.port)
        packet = second.receive()
        if packet is None:
            raise RuntimeError("no media")
        nearest = unit_start_near(first, packets, packet[1])
        answers.append(answered)
        sends.append(max(packet[1] - nearest, 0))
        totals.append(packet[1] - began)
        p.bye(channel, other, other_tag)
    p.bye(channel, call, tag)
    return {
        "invite_to_200_ms": statistics.median(answers) / 1e6,
        "invite_to_packet_ms": statistics.median(a + s for a, s in zip(answers, sends)) / 1e6,
        "invite_to_packet_with_wait_ms": statistics.median(totals) / 1e6,
    }


def sip_rate(p, pid):
    """Messages handled per second of CPU: OPTIONS and DeviceInfo queries, whose answers are answered."""
    query = ("<?xml version=\"1.0\"?>\r\n<Query>\r\n<CmdType>DeviceInfo</CmdType>\r\n<SN>{}</SN>\r\n"
                 f"<DeviceID>{lib.DEVICE}</DeviceID>\r\n</Query>\r\n")
    p.answered = waiting = handled = 0
    before, began = cpu_ns(pid), time.monotonic()
    for n in range(REQUESTS):
        if n % 5 == 4:
            p.request("MESSAGE", lib.DEVICE, 100000 + n, extra="Content-Type: Application/MANSCDP+xml\r\n",
                      body=query.format(n))
        else:
            p.request("OPTIONS", lib.DEVICE, 100000 + n)
        waiting += 1
        while waiting >= WINDOW and p.next(1.0) is not None:
            waiting -= 1
            handled += 1
    while waiting and p.next(0.5) is not None:
        waiting -= 1
        handled += 1
    took, wall = cpu_ns(pid) - before, time.monotonic() - began
    handled += p.answered
    return {"sip_messages_per_cpu_second": handled / took * 1e9, "sip_messages_per_second": handled / wall,
            "sip_messages_unanswered": waiting}


def plain_rows():
    with tempfile.TemporaryDirectory() as temp:
        t, p = lib.T(pathlib.Path(temp)), Plain()
        text = t.config(channels=1, channel={"fps": 25}, media={"max_sessions": 32, "max_per_channel": 32},
                        log={"level": "warn"})
        d = t.daemon(text + p.config())
        while not (got := p.next(10)) or not got[0].startswith("REGISTER"):
            if got is None:
                raise RuntimeError("the device did not register")
        p.next(0.5)
        result = latency(p, lib.CHANNEL)
        result.update(sip_rate(p, d.proc.pid))
        t.finish()
    return result


# ---- memory, wake-ups, start ---------------------------------------------------------------------------------

class Idle:
    """A daemon that is registered and idle while other rows are measured."""

    def __init__(self, temp):
        self.t = lib.T(pathlib.Path(temp))
        self.p = self.t.platform()
        self.d = self.t.daemon(self.t.config(self.p, channels=4, log={"level": "warn"}))
        lib.check(self.p.wait_online(10), "the device did not come online")
        time.sleep(3)
        self.began, self.before = time.monotonic(), switches(self.d.proc.pid)

    def finish(self):
        while time.monotonic() - self.began < 60:
            time.sleep(1)
        slept, took = switches(self.d.proc.pid) - self.before, time.monotonic() - self.began
        self.t.finish()
        return {"wakeups_idle_per_minute": slept * 60 / took}


def view(p, channel, n):
    call = p.invite(channel, ssrc=f"02001{n:05d}", subject=f"{channel}:02001{n:05d},{p.id}:{n + 1}")
    lib.check(call.status == 200 and call.media.wait_units(5, 20), "no media")
    return call


def registered(temp, channels):
    """A platform and a registered, idle daemon."""
    t = lib.T(pathlib.Path(temp))
    p = t.platform()
    d = t.daemon(t.config(p, channels=channels, media={"max_sessions": 128, "max_per_channel": 128},
                          log={"level": "info"}))
    lib.check(p.wait_online(10), "the device did not come online")
    time.sleep(1)
    return t, p, d


def memory(binary, prefix):
    """RSS with one channel, with sixteen and no stream, one, sixteen, and the increase per additional viewer."""
    lib.BIN, before = binary, lib.BIN
    result = {}
    try:
        with tempfile.TemporaryDirectory() as temp:
            t, _, d = registered(temp, 1)
            result["rss_idle_kb"] = d.rss_kb()
            t.finish()
        with tempfile.TemporaryDirectory() as temp:
            t, p, d = registered(temp, STREAMS)
            result["rss_16_channels_kb"] = idle = d.rss_kb()
            calls = [view(p, lib.CHANNEL, 0)]
            result["rss_1_stream_kb"] = d.rss_kb()
            calls += [view(p, lib.channel_id(n + 1), n) for n in range(1, STREAMS)]
            result["rss_16_streams_kb"] = many = d.rss_kb()
            result["rss_per_stream_kb"] = (many - idle) / STREAMS
            calls += [view(p, lib.CHANNEL, 100 + n) for n in range(VIEWERS)]
            result["rss_per_viewer_kb"] = (d.rss_kb() - many) / VIEWERS
            for call in calls:
                call.close()
            t.finish()
    finally:
        lib.BIN = before
    return {f"{prefix}{key}": value for key, value in result.items()}


def live_and_starts():
    result, took = {}, []
    with tempfile.TemporaryDirectory() as temp:
        t = lib.T(pathlib.Path(temp))
        p = t.platform()
        config = t.config(p, channels=1, log={"level": "warn"})
        for n in range(RESTARTS):
            start = time.monotonic()
            d = t.daemon(config, name=f"gbagentd{n}")
            lib.check(p.wait(lambda: lib.DEVICE in p.devices and p.devices[lib.DEVICE].since > start, 10),
                      "the device did not register")
            took.append((p.devices[lib.DEVICE].since - start) * 1000)
            lib.check(p.wait_online(10), "the device did not come online")
            if n + 1 < RESTARTS:
                d.stop()
        result["start_to_registered_ms"] = statistics.median(took)
        time.sleep(1)
        call = view(p, lib.CHANNEL, 0)
        before, frames = switches(d.proc.pid), len(call.media.assembler.units)
        time.sleep(8)
        slept, frames = switches(d.proc.pid) - before, len(call.media.assembler.units) - frames
        result["wakeups_per_frame"] = slept / frames if frames else None
        call.close()
        t.finish()
    return result
