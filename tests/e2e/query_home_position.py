# SPDX-License-Identifier: MIT
"""HomePositionQuery (2022): HomePosition without a Result."""

import lib
from lib import equal
from _control import result, tags


def test(t):
    p, _ = t.start(channels=2, platform={"version": "2022"})
    equal(tags(p.query("HomePositionQuery", lib.CHANNEL)), [("HomePosition", [("Enabled", "0")])], "never set")
    result(p, lib.CHANNEL, "<HomePosition><Enabled>1</Enabled><ResetTime>30</ResetTime><PresetIndex>0</PresetIndex>"
                           "</HomePosition>")
    want = [("HomePosition", [("Enabled", "1"), ("ResetTime", "30"), ("PresetIndex", "0")])]
    equal(tags(p.query("HomePositionQuery", lib.CHANNEL)), want, "set")
    equal(tags(p.query("HomePositionQuery", lib.DEVICE)), want, "by the device's ID")
    equal(tags(p.query("HomePositionQuery", lib.channel_id(2))), [("HomePosition", [("Enabled", "0")])],
          "another channel")
    result(p, lib.CHANNEL, "<HomePosition><Enabled>0</Enabled></HomePosition>")
    equal(tags(p.query("HomePositionQuery", lib.CHANNEL)), [("HomePosition", [("Enabled", "0")])], "switched off")
    equal(tags(p.query("HomePositionQuery", "34020000001310000099")), [("Result", "ERROR")], "of an unknown ID")


lib.main(test)
