# SPDX-License-Identifier: MIT
"""The systemd protocol: READY, RELOADING, WATCHDOG, STOPPING."""

import contextlib
import os
import signal
import socket
import time

import lib
from lib import check, equal


def collect(sock, word, seconds):
    got, end = "", time.monotonic() + seconds
    while word not in got and time.monotonic() < end:
        with contextlib.suppress(TimeoutError):
            got += sock.recv(4096).decode() + "\n"
    return got


def test(t):
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    sock.bind(str(t.folder / "notify"))
    sock.settimeout(0.2)
    os.environ["NOTIFY_SOCKET"] = str(t.folder / "notify")
    os.environ["WATCHDOG_USEC"] = "1000000"
    try:
        p, d = t.start()
    finally:
        del os.environ["NOTIFY_SOCKET"], os.environ["WATCHDOG_USEC"]
    check("READY=1" in collect(sock, "READY=1", 3), "no READY=1")
    check("WATCHDOG=1" in collect(sock, "WATCHDOG=1", 2), "no WATCHDOG=1")
    d.signal(signal.SIGHUP)
    text = collect(sock, "READY=1", 3)
    check("RELOADING=1" in text and "MONOTONIC_USEC=" in text and "READY=1" in text, f"reload: {text!r}")
    d.signal(signal.SIGTERM)
    check("STOPPING=1" in collect(sock, "STOPPING=1", 3), "no STOPPING=1")
    equal(d.wait_exit(), 0, "exit code")
    sock.close()


lib.main(test)
