# SPDX-License-Identifier: MIT
"""PTZPosition (2022): where the head points, also while it moves; ERROR for an ID that has no PTZ head."""

import lib
from lib import equal
from _control import position, ptz, tags


def test(t):
    p, _ = t.start(alarms=["door"], platform={"version": "2022"})
    equal(position(p), (0.0, 0.0, 1.0), "initially")
    body = p.query("PTZPosition", lib.CHANNEL)
    equal((float(body.get("HorizontalFieldAngle")), float(body.get("VerticalFieldAngle"))), (60.0, 33.75),
          "angle of view")
    ptz(p, 0x04, 0, 0x80)                                       # down: the standard's tilt increases
    tilt = lambda: position(p)[1]
    one = lib.until(lambda: max(tilt(), 0), 2, "it does not tilt down")
    lib.until(lambda: tilt() > one, 2, f"tilt stays at {one}")
    ptz(p, 0)
    equal(tags(p.query("PTZPosition", "34020000001340000001")), [("Result", "ERROR")], "of an alarm input")
    equal(tags(p.query("PTZPosition", "34020000001310000099")), [("Result", "ERROR")], "of an unknown ID")


lib.main(test)
