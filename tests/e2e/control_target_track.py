# SPDX-License-Identifier: MIT
"""TargetTrack (2022): Auto, Manual with its area, Stop; no answer."""

import time

import lib
from lib import check, equal
from _orders import position, silent

AREA = ("<TargetArea><Length>640</Length><Width>360</Width><MidPointX>480</MidPointX><MidPointY>180</MidPointY>"
        "<LengthX>100</LengthX><LengthY>100</LengthY></TargetArea>")


def test(t):
    p, _ = t.start(platform={"version": "2022"})
    silent(p, lib.CHANNEL, "<TargetTrack>Manual</TargetTrack>")
    equal(position(p), (0.0, 0.0, 1.0), "Manual without an area")
    silent(p, lib.CHANNEL, f"<TargetTrack>Manual</TargetTrack><DeviceID2>{lib.channel_id(2)}</DeviceID2>{AREA}")
    one = position(p)
    check(15 <= one[0] < 40, f"not at the target: {one}")
    time.sleep(0.3)
    check(position(p) != one, "it does not follow")
    silent(p, lib.CHANNEL, "<TargetTrack>Stop</TargetTrack>")
    one = position(p)
    time.sleep(0.4)
    equal(position(p), one, "it follows after Stop")
    silent(p, lib.CHANNEL, "<TargetTrack>Auto</TargetTrack>")
    check(position(p) != one, "Auto does nothing")


lib.main(test)
