# SPDX-License-Identifier: MIT
"""Sixty calls one after the other leak no descriptor, no session and hardly any memory."""

import lib
from lib import check, equal


def cycle(p, n):
    call = p.invite(lib.CHANNEL, ssrc=f"02{n:08d}", media="tcp-passive" if n % 3 == 0 else "udp")
    equal(call.status, 200, f"INVITE {n}")
    check(call.media.wait_units(1), f"no media in call {n}")
    equal(call.close().status, 200, f"BYE {n}")


def test(t):
    p, d = t.start(log={"level": "info"})
    for n in range(10):
        cycle(p, n)
    d.wait_status(lambda s: not s["sessions"])
    fds, rss = d.fds(), d.rss_kb()
    for n in range(10, 70):
        cycle(p, n)
    check(d.wait_status(lambda s: not s["sessions"]), "sessions are left")
    check(d.fds() <= fds, f"{d.fds()} descriptors, {fds} before")
    check(d.rss_kb() - rss < 600 or lib.SLOW > 1, f"{d.rss_kb()} kB, {rss} before")


lib.main(test)
