# SPDX-License-Identifier: MIT
"""SIGTERM: BYE for all calls, REGISTER with Expires 0, exit within 2 seconds."""

import signal
import time

import lib
from lib import check, equal


def test(t):
    p, d = t.start()
    call = p.invite(lib.CHANNEL)
    check(call.media.wait_units(5), "no media")
    start = time.monotonic()
    d.signal(signal.SIGTERM)
    equal(d.wait_exit(3), 0, "exit code")
    check(time.monotonic() - start < 2.5 * lib.SLOW, "it took too long")
    last = p.received("REGISTER")[-1]
    equal(last.get("Expires"), "0", "Expires of the last REGISTER")
    check(last.get("Authorization"), "the challenge to the unregistration was not answered")
    equal(last.call_id, p.received("REGISTER")[0].call_id, "Call-ID")
    check(not p.devices, "still registered")
    check(call.ended_by_device, "no BYE for the call")


def test_platform_gone(t):
    p, d = t.start()
    p.registrar.silent = True
    start = time.monotonic()
    d.signal(signal.SIGTERM)
    equal(d.wait_exit(5), 0, "exit code")
    check(time.monotonic() - start < 3 * lib.SLOW, "it waited for a silent platform")


def test_before_registered(t):
    p = t.platform(registrar=lib.Registrar(silent=True))
    d = t.daemon(t.config(p))
    check(p.wait(lambda: p.received("REGISTER"), 5), "no REGISTER")
    d.signal(signal.SIGTERM)
    equal(d.wait_exit(4), 0, "exit code")


lib.main(test, test_platform_gone, test_before_registered)
