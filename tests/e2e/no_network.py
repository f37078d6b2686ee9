# SPDX-License-Identifier: MIT
"""Starts while the platform is unreachable and registers once it is reachable."""

import socket

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
    lib.stays(lambda: d.running(), True, 2, "running without a platform")
    p = t.platform(port=port)
    check(p.wait_online(15 * lib.SLOW), "not online after the platform started")


def test_tcp(t):
    p = t.platform()
    port = p.port
    text = t.config(p, platform={"transport": "tcp"})
    p.close()
    t.platforms.clear()
    d = t.daemon(text)
    lib.stays(lambda: d.running(), True, 1.5, "running without a platform")
    p = t.platform(port=port)
    check(p.wait_online(12 * lib.SLOW), "not online after the platform started")


def test_unknown_name(t):
    """A name that does not resolve: the daemon keeps trying, and the status has the error."""
    p = t.platform()
    d = t.daemon(t.config(p).replace(f"server = 127.0.0.1:{p.port}", "server = nosuchhost.invalid:5060"))
    check(d.wait_status(lambda s: s["platforms"][0]["last_error"], 8), "no error in status")
    check(d.running(), "exited")


def test_name(t):
    lib.need_localhost()
    p = t.platform()
    d = t.daemon(t.config(p).replace(f"server = 127.0.0.1:{p.port}", f"server = localhost:{p.port}"))
    check(p.wait_online(10), "not online at a server given by name")


lib.main(test_udp, test_tcp, test_unknown_name, test_name)
