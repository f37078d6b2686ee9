# SPDX-License-Identifier: MIT
"""TargetTrack (2022): Auto, Manual with its area, Stop; no Response."""

import lib
from lib import check, equal
from _control import position, silent

AREA = ("<TargetArea><Length>640</Length><Width>360</Width><MidPointX>480</MidPointX><MidPointY>180</MidPointY>"
        "<LengthX>100</LengthX><LengthY>100</LengthY></TargetArea>")


def test(t):
    p, _ = t.start(platform={"version": "2022"})
    silent(p, lib.CHANNEL, "<TargetTrack>Manual</TargetTrack>")
    equal(position(p), (0.0, 0.0, 1.0), "Manual without an area")
    silent(p, lib.CHANNEL, f"<TargetTrack>Manual</TargetTrack><DeviceID2>{lib.channel_id(2)}</DeviceID2>{AREA}")
    one = position(p)
    check(15 <= one[0] < 40, f"not at the target: {one}")
    lib.until(lambda: position(p) != one, 2, "the head does not follow the target")
    silent(p, lib.CHANNEL, "<TargetTrack>Stop</TargetTrack>")
    one = position(p)
    lib.stays(lambda: position(p), one, 0.4, "position after Stop")
    silent(p, lib.CHANNEL, "<TargetTrack>Auto</TargetTrack>")
    lib.until(lambda: position(p) != one, 2, "Auto does not track")


lib.main(test)
