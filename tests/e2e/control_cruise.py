# SPDX-License-Identifier: MIT
"""PTZCmd 84 to 88: a cruise is built, named, queried (2022), run and stopped."""

import lib
from lib import check, equal
from _control import position, ptz, tags, wait_near


def test(t):
    p, _ = t.start(platform={"version": "2022"})
    equal(tags(p.query("CruiseTrackListQuery", lib.CHANNEL)), [("SumNum", "0")], "no track")
    p.control(lib.CHANNEL, "<PTZPreciseCtrl><Pan>40</Pan></PTZPreciseCtrl>")
    wait_near(p, (40, 0, 1))
    ptz(p, 0x81, 0, 1)
    p.control(lib.CHANNEL, "<PTZPreciseCtrl><Pan>100</Pan></PTZPreciseCtrl>")
    wait_near(p, (100, 0, 1))
    ptz(p, 0x81, 0, 2)
    ptz(p, 0x84, 3, 1, name="<CruiseTrackName>巡航一</CruiseTrackName>")
    ptz(p, 0x84, 3, 2)
    ptz(p, 0x86, 3, 15)                                         # speed
    ptz(p, 0x87, 3, 2)                                          # stay, seconds
    equal(tags(p.query("CruiseTrackListQuery", lib.CHANNEL)),
          [("SumNum", "1"), ("CruiseTrackList", [("CruiseTrack", [("Number", "3"), ("Name", "巡航一")])])], "tracks")
    point = lambda preset: ("CruisePoint", [("PresetIndex", preset), ("StayTime", "2"), ("Speed", "15")])
    equal(tags(p.query("CruiseTrackQuery", lib.CHANNEL, "<Number>3</Number>")),
          [("Number", "3"), ("Name", "巡航一"), ("SumNum", "2"), ("CruisePointList", [point("1"), point("2")])], "points")
    ptz(p, 0x88, 3, 0)
    wait_near(p, (40, 0, 1))
    wait_near(p, (100, 0, 1))
    wait_near(p, (40, 0, 1))
    ptz(p, 0)
    lib.stays(lambda: position(p), position(p), 2.5, "position after the stop")
    # Delete a point, then the whole cruise.
    ptz(p, 0x85, 3, 1)
    body = p.query("CruiseTrackQuery", lib.CHANNEL, "<Number>3</Number>")
    equal(body.get("SumNum"), "1", "points after deleting one")
    ptz(p, 0x85, 3, 0)
    equal(tags(p.query("CruiseTrackListQuery", lib.CHANNEL)), [("SumNum", "0")], "tracks after deleting")
    equal(tags(p.query("CruiseTrackQuery", lib.CHANNEL, "<Number>3</Number>")),
          [("Result", "ERROR"), ("Number", "3"), ("SumNum", "0")], "a track that is gone")


def test_speed_of_twelve_bits(t):
    p, d = t.start(platform={"version": "2022"})
    ptz(p, 0x84, 1, 3)
    ptz(p, 0x86, 1, 0x2c, 1)                                    # 0x12c
    check(d.wait_log("command=cruise-speed pan=0 tilt=0 zoom=0 focus=0 iris=0 number=1 value=300"),
          "the board received another value")
    body = p.query("CruiseTrackQuery", lib.CHANNEL, "<Number>1</Number>")
    equal(body.root.find("CruisePointList/CruisePoint/Speed").text, "15", "speed")


lib.main(test, test_speed_of_twelve_bits)
