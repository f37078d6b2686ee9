# SPDX-License-Identifier: MIT
"""PTZCmd reaches the board decoded; commands with a wrong checksum or under ptz = deny do not."""

import lib
from lib import check, equal, manscdp


def ptz_lines(d):
    return [l for l in d.log().splitlines() if "sim" in l.lower() and "ptz" in l.lower()]


def test(t):
    p, d = t.start()
    commands = [manscdp.ptz(0x02, 0x80), manscdp.ptz(0x18, 0, 0x40, 5), manscdp.ptz(0x82, 0, 1), manscdp.ptz(0)]
    for n, code in enumerate(commands, 1):
        answer, sn = p.control(lib.CHANNEL, f"<PTZCmd>{code}</PTZCmd><Info><ControlPriority>5</ControlPriority></Info>")
        equal(answer.status, 200, "PTZCmd")
        lib.until(lambda: len(ptz_lines(d)) >= n, 3)
        equal(len(ptz_lines(d)), n, f"lines of the board after {code}")
        check(not p.find_notes("DeviceControl", sn), "a Response to PTZCmd")
    check(p.control(lib.CHANNEL, f"<PTZCmd>{commands[0].lower()}</PTZCmd>")[0].status == 200, "lower case")
    lib.until(lambda: len(ptz_lines(d)) > len(commands), 3, "lower case: the board was not notified")
    before = len(ptz_lines(d))
    for bad in ("A50F0102800000FF", "A50F01", "zz" * 8, "", "A50F010280000037" * 3):
        p.control(lib.CHANNEL, f"<PTZCmd>{bad}</PTZCmd>")
    lib.stays(lambda: len(ptz_lines(d)), before, 0.3, "lines of the board after invalid commands")
    check(d.running())


def test_deny(t):
    p, d = t.start(platform={"ptz": "deny"})
    equal(p.control(lib.CHANNEL, f"<PTZCmd>{manscdp.ptz(1, 9)}</PTZCmd>")[0].status, 200, "PTZCmd")
    lib.stays(lambda: any("pan" in l for l in ptz_lines(d)), False, 0.4, "the board moved")


lib.main(test, test_deny)
