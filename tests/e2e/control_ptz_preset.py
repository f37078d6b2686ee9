# SPDX-License-Identifier: MIT
"""PTZCmd 81, 82, 83: presets are set with and without a name, called and deleted; they are kept across a restart."""

import lib
from lib import equal
from _control import position, ptz, tags, wait_near


def listed(p):
    body = p.query("PresetQuery", lib.CHANNEL)
    return [tuple(c.text for c in item) for item in body.root.find("PresetList")]


def test(t):
    p, d = t.start(platform={"version": "2022"})
    equal(tags(p.query("PresetQuery", lib.CHANNEL)), [("SumNum", "0"), ("PresetList", "")], "no preset")
    ptz(p, 0x81, 0, 1, name="<PresetName>大门</PresetName>")
    ptz(p, 0x02, 0xff)                                          # left
    lib.until(lambda: 300 < position(p)[0] < 340, 3, lambda: f"it did not turn left: {position(p)}")
    ptz(p, 0)
    away = position(p)
    ptz(p, 0x81, 0, 200)
    equal(listed(p), [("1", "大门"), ("200", "preset 200")], "presets")
    ptz(p, 0x82, 0, 1)
    wait_near(p, (0, 0, 1))
    ptz(p, 0x82, 0, 200)
    wait_near(p, away)
    ptz(p, 0x83, 0, 200)
    equal(listed(p), [("1", "大门")], "after deleting")
    text = d.conf.read_text()
    equal(d.stop(), 0, "exit")
    d2 = t.daemon(text, name="gbagentd")
    lib.check(d2.wait_state("online"), "not online again")
    equal(listed(p), [("1", "大门")], "after a restart")


lib.main(test)
