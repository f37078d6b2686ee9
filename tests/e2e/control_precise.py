# SPDX-License-Identifier: MIT
"""PTZPreciseCtrl (2022): any of pan, tilt and zoom, clamped to the head's range; no Response."""

import lib
from _control import position, silent, near, wait_near


def test(t):
    p, _ = t.start(platform={"version": "2022"})
    silent(p, lib.CHANNEL, "<PTZPreciseCtrl><Pan>30.5</Pan><Tilt>15.25</Tilt><Zoom>2.50</Zoom></PTZPreciseCtrl>")
    wait_near(p, (30.5, 15.25, 2.5), off=0.02)
    silent(p, lib.CHANNEL, "<PTZPreciseCtrl><Tilt>-30.00</Tilt></PTZPreciseCtrl>")
    wait_near(p, (30.5, -30, 2.5), off=0.02)
    silent(p, lib.CHANNEL, "<PTZPreciseCtrl><Pan>360</Pan><Tilt>120</Tilt><Zoom>4000</Zoom></PTZPreciseCtrl>")
    wait_near(p, (0, 90, 30), off=0.02)
    silent(p, lib.CHANNEL, "<PTZPreciseCtrl><Pan>x</Pan></PTZPreciseCtrl>")
    silent(p, lib.CHANNEL, "<PTZPreciseCtrl/>")
    near(position(p), (0, 90, 30))


lib.main(test)
