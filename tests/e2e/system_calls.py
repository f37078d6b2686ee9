# SPDX-License-Identifier: MIT
"""System calls counted by strace: one send call per access unit and viewer, by GSO, sendmmsg or TCP, one wake-up and
one timer per frame, nothing else; registered and idle, the daemon sleeps."""

import re
import shutil
import signal
import subprocess

import lib
from lib import check, equal

SLEEPS = ("pselect6", "pselect6_time64", "select", "_newselect")


def needs(t):
    lib.need(shutil.which("strace"), "strace is not installed")
    lib.need_plain_build()


class Counter:
    """strace, from now until finish()."""

    def __init__(self, t, d):
        self.path = t.folder / "strace.txt"
        self.proc = subprocess.Popen(["strace", "-c", "-f", "-o", str(self.path), "-p", str(d.proc.pid)],
                                     stdout=subprocess.DEVNULL,
                                     stderr=subprocess.PIPE, text=True)
        lib.need("attached" in self.proc.stderr.readline(), "strace may not attach here")

    def finish(self):
        """{name: count}"""
        self.proc.send_signal(signal.SIGINT)
        self.proc.communicate(timeout=10)
        rows = re.findall(r"^\s*[\d.]+\s+[\d.]+\s+\d+\s+(\d+)\s+(?:\d+\s+)?(\w+)$", self.path.read_text(), re.M)
        return {name: int(count) for count, name in rows if name != "total"}


def watched(t, media, call, way):
    """Views from INVITE to BYE: (calls that sent media, access units received, packets). Key frames have more packets
    than one GSO message holds."""
    path = t.clip(size="1280x720", frames=50, gop=25, noise=14, qp=26)
    p = t.platform()
    d = t.daemon(t.config(p, source=f"sim:{path}", channel={"fps": 25},
                          media={"send": way, "pacing": "off", "rtcp": "off"},
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
    check(max(u.packets for u in units) > 46, "the clip's key frames are too small")
    sent, slept, timers = calls.pop(call, 0), sum(calls.pop(name, 0) for name in SLEEPS), calls.pop("timerfd_settime",
                                                                                                    0)
    # Each view has some for INVITE, ACK and BYE.
    check(slept <= one * 1.05 + 12 * len(views) and timers <= one * 1.05 + 5,
          f"{slept} wake-ups, {timers} timers, {one} frames")
    equal({name: n for name, n in calls.items() if n > 15 * len(views)}, {}, "other calls")
    return sent, len(units), sum(u.packets for u in units)


def one(t, media, call, way):
    needs(t)
    sent, units, _ = watched(t, media, call, way)
    check(units <= sent + 2 * len(media) and sent <= 1.05 * units,
          f"{sent} calls of {call}, {units} units for {len(media)} viewers")


def test_gso(t):
    one(t, ["udp"], "sendmmsg", "gso")


def test_mmsg(t):
    one(t, ["udp"], "sendmmsg", "mmsg")


def test_three_viewers(t):
    one(t, ["udp", "udp", "udp"], "sendmmsg", "auto")


def test_tcp(t):
    one(t, ["tcp-passive", "tcp-active"], "sendmsg", "auto")


def test_single(t):
    """Without GSO and sendmmsg there is one call per packet."""
    needs(t)
    sent, _, packets = watched(t, ["udp"], "sendmsg", "msg")
    check(packets <= sent <= 1.05 * packets, f"{sent} calls, {packets} packets")


def test_idle(t):
    needs(t)
    _, d = t.start(log={"level": "info"})
    lib.stays(lambda: d.running(), True, 6, "running")         # the transactions of REGISTER have ended
    counter = Counter(t, d)
    lib.stays(lambda: d.running(), True, 10, "running")
    calls = counter.finish()
    slept = sum(calls.get(name, 0) for name in SLEEPS)
    # Other tests add and remove interfaces, of which the kernel notifies the daemon.
    check(slept <= 1 + calls.get("recvfrom", 0), f"{slept} wake-ups in ten idle seconds, {calls}")


lib.main(test_gso, test_mmsg, test_three_viewers, test_tcp, test_single, test_idle)
