# SPDX-License-Identifier: MIT
"""PTZCmd 89 and 8A: a scan between two edges, its speed, its end."""

import time

import lib
from lib import check, equal
from _orders import position, ptz, wait_near


def test(t):
    p, _ = t.start(platform={"version": "2022"})
    for edge, pan in ((1, 350), (2, 10)):
        p.control(lib.CHANNEL, f"<PTZPreciseCtrl><Pan>{pan}</Pan></PTZPreciseCtrl>")
        wait_near(p, (pan, 0, 1))
        ptz(p, 0x89, 0, edge)
    ptz(p, 0x8A, 0, 0xff, 0xf)                                  # as fast as it can: 60 degrees a second
    ptz(p, 0x89, 0, 0)
    seen = set()
    for _ in range(15):
        pan = position(p)[0]
        check(pan >= 349 or pan <= 11, f"outside of the edges: {pan}")
        seen.add(round(pan))
        time.sleep(0.07)
    check(len(seen) > 5, f"it hardly moves: {seen}")
    ptz(p, 0)
    at = position(p)
    time.sleep(0.5)
    equal(position(p), at, "it goes on")


lib.main(test)
