# SPDX-License-Identifier: MIT
"""PTZPosition (2022): where the head points, while it moves too; ERROR for what has none."""

import time

import lib
from lib import check, equal
from _orders import position, ptz, tags


def test(t):
    p, _ = t.start(alarms=["door"], platform={"version": "2022"})
    equal(position(p), (0.0, 0.0, 1.0), "at the start")
    body = p.query("PTZPosition", lib.CHANNEL)
    equal((float(body.get("HorizontalFieldAngle")), float(body.get("VerticalFieldAngle"))), (60.0, 33.75), "angle of view")
    ptz(p, 0x04, 0, 0x80)                                       # down: the standard's tilt grows
    time.sleep(0.3)
    one = position(p)
    time.sleep(0.3)
    two = position(p)
    check(0 < one[1] < two[1], f"tilt {one} then {two}")
    ptz(p, 0)
    equal(tags(p.query("PTZPosition", "34020000001340000001")), [("Result", "ERROR")], "an alarm input has no head")
    equal(tags(p.query("PTZPosition", "34020000001310000099")), [("Result", "ERROR")], "nobody's")


lib.main(test)
