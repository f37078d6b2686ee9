# SPDX-License-Identifier: MIT
"""HomePosition: a Response, return when idle, HomePositionQuery; kept across a restart."""

import lib
from lib import equal
from _control import ptz, result, tags, wait_near


def test(t):
    p, d = t.start(platform={"version": "2022"})
    p.control(lib.CHANNEL, "<PTZPreciseCtrl><Pan>90</Pan></PTZPreciseCtrl>")
    wait_near(p, (90, 0, 1))
    ptz(p, 0x81, 0, 5)
    result(p, lib.CHANNEL, "<HomePosition><Enabled>1</Enabled><ResetTime>1</ResetTime><PresetIndex>5</PresetIndex>"
                           "</HomePosition>")
    p.control(lib.CHANNEL, "<PTZPreciseCtrl><Pan>10</Pan></PTZPreciseCtrl>")
    wait_near(p, (10, 0, 1))
    wait_near(p, (90, 0, 1))
    result(p, lib.CHANNEL, "<HomePosition><Enabled>7</Enabled></HomePosition>", "ERROR")
    result(p, "34020000001310000099", "<HomePosition><Enabled>1</Enabled></HomePosition>", "ERROR", to=lib.DEVICE)
    text = d.conf.read_text()
    equal(d.stop(), 0, "exit")
    d2 = t.daemon(text, name="gbagentd")
    lib.check(d2.wait_state("online"), "not online again")
    equal(tags(p.query("HomePositionQuery", lib.CHANNEL)),
          [("HomePosition", [("Enabled", "1"), ("ResetTime", "1"), ("PresetIndex", "5")])], "after a restart")


lib.main(test)
