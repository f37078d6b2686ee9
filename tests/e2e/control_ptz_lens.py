# SPDX-License-Identifier: MIT
"""PTZCmd 40 to 4A (focus, iris) and 8C, 8D (auxiliary switches) reach the board unchanged."""

import lib
from lib import check
from _control import ptz


def test(t):
    p, d = t.start()
    for code, want in (((0x48, 0, 0x80), "command=lens pan=0 tilt=0 zoom=0 focus=0 iris=-128"),
                       ((0x44, 0, 0x80), "focus=0 iris=128"),
                       ((0x42, 0x20), "focus=32 iris=0"),
                       ((0x41, 0x20), "focus=-32 iris=0"),
                       ((0x40,), "command=lens pan=0 tilt=0 zoom=0 focus=0 iris=0"),
                       ((0x8C, 1), "command=aux-on pan=0 tilt=0 zoom=0 focus=0 iris=0 number=1"),
                       ((0x8D, 1), "command=aux-off pan=0 tilt=0 zoom=0 focus=0 iris=0 number=1")):
        ptz(p, *code)
        check(d.wait_log(want), f"{code}: {want!r} did not reach the board")


lib.main(test)
