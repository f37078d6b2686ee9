# SPDX-License-Identifier: MIT
"""A board with a thread: signals reach the daemon and not the thread, so it reloads and leaves as it should."""

import pathlib
import signal

import lib
from lib import check, equal


def start(t):
    p, d = t.start(source="probe:", program="tests/gbagentd.probe")
    check(d.wait_log("probe: its thread runs"), "the board's thread")
    check(len(list(pathlib.Path(f"/proc/{d.proc.pid}/task").iterdir())) > 1, "there is no second thread")
    return p, d


def test_reload(t):
    p, d = start(t)
    for n in range(1, 4):
        d.signal(signal.SIGHUP)
        check(p.wait(lambda: d.log().count("config reloaded") == n or not d.running()), f"reload {n}")
        check(d.running(), "SIGHUP has ended it")


def leave(t, number):
    p, d = start(t)
    d.signal(number)
    equal(d.wait_exit(), 0, "exit code")
    check("probe: closed" in d.log(), "the board was not closed")
    equal(p.received("REGISTER")[-1].get("Expires"), "0", "Expires of the last REGISTER")
    check(not p.devices, "still registered")


def test_sigterm(t):
    leave(t, signal.SIGTERM)


def test_sigint(t):
    leave(t, signal.SIGINT)


lib.main(test_reload, test_sigterm, test_sigint)
