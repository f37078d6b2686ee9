# SPDX-License-Identifier: MIT
"""Starts without its platform being reachable and comes up by itself when it is."""

import socket
import time

import lib
from lib import check


def free_port():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def test_udp(t):
    p = t.platform()
    port = p.port
    text = t.config(p)
    p.close()
    t.platforms.clear()
    d = t.daemon(text)
    time.sleep(2)
    check(d.running(), "ended without a platform")
    p = t.platform(port=port)
    check(p.wait_online(15 * lib.SLOW), "not online after the platform came")


def test_tcp(t):
    p = t.platform()
    port = p.port
    text = t.config(p, platform={"transport": "tcp"})
    p.close()
    t.platforms.clear()
    d = t.daemon(text)
    time.sleep(1.5)
    check(d.running(), "ended without a platform")
    p = t.platform(port=port)
    check(p.wait_online(12 * lib.SLOW), "not online after the platform came")


def test_unknown_name(t):
    """A name that no DNS knows: it goes on trying, and says why."""
    p = t.platform()
    d = t.daemon(t.config(p).replace(f"server = 127.0.0.1:{p.port}", "server = nosuchhost.invalid:5060"))
    check(d.wait_status(lambda s: s["platforms"][0]["last_error"], 8), "no error in status")
    check(d.running(), "ended")


def test_name(t):
    lib.need_localhost()
    p = t.platform()
    d = t.daemon(t.config(p).replace(f"server = 127.0.0.1:{p.port}", f"server = localhost:{p.port}"))
    check(p.wait_online(10), "a server given by name")


lib.main(test_udp, test_tcp, test_unknown_name, test_name)
