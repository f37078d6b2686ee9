# SPDX-License-Identifier: MIT
"""PTZCmd 89 and 8A: a scan between its two limits, its speed, its end."""

import lib
from lib import check
from _control import position, ptz, wait_near


def test(t):
    p, _ = t.start(platform={"version": "2022"})
    for edge, pan in ((1, 350), (2, 10)):
        p.control(lib.CHANNEL, f"<PTZPreciseCtrl><Pan>{pan}</Pan></PTZPreciseCtrl>")
        wait_near(p, (pan, 0, 1), off=0.01)                     # at rest: the scan may not begin outside its limits
        ptz(p, 0x89, 0, edge)
    ptz(p, 0x8A, 0, 0xff, 0xf)                                  # at maximum speed: 60 degrees a second
    ptz(p, 0x89, 0, 0)
    seen = []

    def back_and_forth():
        pan = position(p)[0]
        check(pan >= 349 or pan <= 11, f"outside the limits: {pan}")
        seen.append((pan + 180) % 360 - 180)
        turns = sum((b - a) * (c - b) < 0 for a, b, c in zip(seen, seen[1:], seen[2:]))
        return turns >= 2 and len({round(pan) for pan in seen}) > 5
    lib.until(back_and_forth, 4, lambda: f"it does not scan: {seen}")
    ptz(p, 0)
    lib.stays(lambda: position(p), position(p), 0.5, "position after the stop")


lib.main(test)
