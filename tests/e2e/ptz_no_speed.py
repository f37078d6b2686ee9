# SPDX-License-Identifier: MIT
"""Directions with speed 0: the only stop command of some platforms, the slowest movement from others. If one axis has a
speed, the other one does not move."""

from _control import position, ptz
import lib
from lib import check, equal


def lines(d):
    return [line.split(" command=", 1)[1].split(" focus")[0] for line in d.log().splitlines() if "sim: ptz " in line]


def expect(p, d, code, want):
    n = len(lines(d)) + 1
    ptz(p, *code)
    check(p.wait(lambda: len(lines(d)) >= n, 3 * lib.SLOW), f"{code} did not reach the board")
    equal(lines(d)[-1], want, f"{code}")


def test(t):
    p, d = t.start(platform={"version": "2022"})
    expect(p, d, (0x02, 0, 0, 0), "move pan=-1 tilt=0 zoom=0")
    expect(p, d, (0x00, 0, 0, 0), "stop pan=0 tilt=0 zoom=0")
    expect(p, d, (0x0a, 0xff, 0, 0), "move pan=-255 tilt=0 zoom=0")
    expect(p, d, (0x0a, 0, 0, 0), "stop pan=0 tilt=0 zoom=0")
    at = position(p)
    expect(p, d, (0x0a, 0, 0, 0), "stop pan=0 tilt=0 zoom=0")
    equal(position(p), at, "position after the stop")


lib.main(test)
