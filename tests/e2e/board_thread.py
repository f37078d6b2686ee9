# SPDX-License-Identifier: MIT
"""A board with a thread: signals are delivered to the daemon, not the thread, so that it reloads and exits properly. A
program started by a board inherits no descriptors."""

import pathlib
import signal

import lib
from lib import check, equal


def start(t):
    p, d = t.start(source="probe:", program="tests/gbagentd.probe")
    check(d.wait_log("probe: thread-running"), "the board's thread")
    check(len(list(pathlib.Path(f"/proc/{d.proc.pid}/task").iterdir())) > 1, "no second thread")
    return p, d


def test_reload(t):
    p, d = start(t)
    for n in range(1, 4):
        d.signal(signal.SIGHUP)
        check(p.wait(lambda: d.log().count("config: reloaded\n") == n or not d.running()), f"reload {n}")
        check(d.running(), "SIGHUP ended the daemon")


def leave(t, number):
    p, d = start(t)
    d.signal(number)
    equal(d.wait_exit(), 0, "exit code")
    check("probe: close" in d.log(), "the board was not closed")
    equal(p.received("REGISTER")[-1].get("Expires"), "0", "Expires of the last REGISTER")
    check(not p.devices, "still registered")


def test_sigterm(t):
    leave(t, signal.SIGTERM)


def test_sigint(t):
    leave(t, signal.SIGINT)


def test_descriptors(t):
    """All descriptors of a streaming daemon are close-on-exec."""
    p, d = t.start(platform={"transport": "tcp"})
    calls = [p.invite(lib.CHANNEL), p.invite(lib.CHANNEL, media="tcp-passive", ssrc="0200000009")]
    for call in calls:
        check(call.media.wait_units(5, 10), "no media")
    infos = [f for f in pathlib.Path(f"/proc/{d.proc.pid}/fdinfo").iterdir() if int(f.name) > 2]
    check(len(infos) > 6, f"{len(infos)} descriptors")
    for info in infos:
        flags = int(info.read_text().split("flags:")[1].split()[0], 8)
        check(flags & 0o2000000, f"descriptor {info.name}, {(info.parent.parent / 'fd' / info.name).readlink()}")
    for call in calls:
        call.close()


lib.main(test_reload, test_sigterm, test_sigint, test_descriptors)
