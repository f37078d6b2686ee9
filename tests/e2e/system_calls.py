# SPDX-License-Identifier: MIT
"""What strace counts in the daemon: one call that sends for each access unit and viewer, by GSO, sendmmsg or TCP, one wake-up and
one timer for each picture, nothing else; registered and idle it sleeps."""

import re
import shutil
import signal
import subprocess
import time

import lib
from lib import check, equal

SLEEPS = ("pselect6", "pselect6_time64", "select", "_newselect")


def needs(t):
    lib.need(shutil.which("strace"), "strace is not installed")
    lib.need(not lib.RUN, "runs under an emulator")
    lib.need((lib.BIN / "gbagentd").exists(), "gbagentd is not built")
    lib.need(b"__asan_init" not in (lib.BIN / "gbagentd").read_bytes(), "a sanitizer is in the program")


class Counter:
    """strace, from now until finish()."""

    def __init__(self, t, d):
        self.path = t.folder / "strace.txt"
        self.proc = subprocess.Popen(["strace", "-c", "-f", "-o", str(self.path), "-p", str(d.proc.pid)], stdout=subprocess.DEVNULL,
                                     stderr=subprocess.PIPE, text=True)
        lib.need("attached" in self.proc.stderr.readline(), "strace may not attach here")

    def finish(self):
        """{name: count}"""
        self.proc.send_signal(signal.SIGINT)
        self.proc.communicate(timeout=10)
        rows = re.findall(r"^\s*[\d.]+\s+[\d.]+\s+\d+\s+(\d+)\s+(?:\d+\s+)?(\w+)$", self.path.read_text(), re.M)
        return {name: int(count) for count, name in rows if name != "total"}


def watched(t, media, call, way):
    """Views from INVITE to BYE: calls that sent media, access units that came, packets. Key pictures are of more packets than a
    GSO message holds."""
    path = t.clip(size="1280x720", frames=50, gop=25, noise=14, qp=26)
    p = t.platform()
    d = t.daemon(t.config(p, source=f"sim:{path}", channel={"fps": 25}, media={"send": way, "pacing": "off", "rtcp": "off"},
                          log={"level": "info"}))
    check(p.wait_online(10), "the device did not come online")
    counter = Counter(t, d)
    views = [p.invite(lib.CHANNEL, media=m, ssrc=f"020000000{n}") for n, m in enumerate(media)]
    for view in views:
        check(view.media.wait_units(100, 15), "no media")
    for view in views:
        equal(view.close().status, 200, "BYE")
        equal(view.media.faults, [], "faults")
    calls = counter.finish()
    equal(d.stop(), 0, "exit code")
    units = [u for view in views for u in view.media.units]
    one = max(len(view.media.units) for view in views)
    print(media, way, len(units), calls)
    check(max(u.packets for u in units) > 46, "the clip's key pictures are small")
    sent, slept, timers = calls.pop(call, 0), sum(calls.pop(name, 0) for name in SLEEPS), calls.pop("timerfd_settime", 0)
    # Of each view some for INVITE, ACK and BYE.
    check(slept <= one * 1.05 + 12 * len(views) and timers <= one * 1.05 + 5, f"{slept} wake-ups, {timers} timers, {one} pictures")
    equal({name: n for name, n in calls.items() if n > 15 * len(views)}, {}, "other calls")
    return sent, len(units), sum(u.packets for u in units)


def one(t, media, call, way):
    needs(t)
    sent, units, _ = watched(t, media, call, way)
    check(units <= sent + 2 * len(media) and sent <= 1.05 * units, f"{sent} calls of {call}, {units} units for {len(media)} viewers")


def test_gso(t):
    one(t, ["udp"], "sendmmsg", "gso")


def test_mmsg(t):
    one(t, ["udp"], "sendmmsg", "mmsg")


def test_three_viewers(t):
    one(t, ["udp", "udp", "udp"], "sendmmsg", "auto")


def test_tcp(t):
    one(t, ["tcp-passive", "tcp-active"], "sendmsg", "auto")


def test_single(t):
    """Without either there is one call a packet."""
    needs(t)
    sent, _, packets = watched(t, ["udp"], "sendmsg", "msg")
    check(packets <= sent <= 1.05 * packets, f"{sent} calls, {packets} packets")


def test_idle(t):
    needs(t)
    _, d = t.start(log={"level": "info"})
    time.sleep(6)                           # what became of REGISTER is over
    counter = Counter(t, d)
    time.sleep(10)
    calls = counter.finish()
    slept = sum(calls.get(name, 0) for name in SLEEPS)
    # Other tests make interfaces; the kernel tells, and that is read.
    check(slept <= 1 + calls.get("recvfrom", 0), f"{slept} wake-ups in ten idle seconds, {calls}")


lib.main(test_gso, test_mmsg, test_three_viewers, test_tcp, test_single, test_idle)
