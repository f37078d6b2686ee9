# SPDX-License-Identifier: MIT
"""PresetQuery: in 2016 without SumNum if one message is enough, in 2022 with it; long lists are split."""

import lib
from lib import equal
from _control import pages, ptz, tags


def test_2016(t):
    p, _ = t.start()
    equal(tags(p.query("PresetQuery", lib.CHANNEL)), [("PresetList", "")], "none")
    ptz(p, 0x81, 0, 7)
    # The device's ID means its first channel.
    equal(tags(p.query("PresetQuery", lib.DEVICE)),
          [("PresetList", [("Item", [("PresetID", "7"), ("PresetName", "preset 7")])])], "one")


def test_many(t):
    p, _ = t.start(platform={"version": "2022"})
    for n in range(1, 61):
        ptz(p, 0x81, 0, n, name=f"<PresetName>预置位 {n}</PresetName>")
    notes, items = pages(p, "PresetQuery", lib.CHANNEL)
    equal([tuple(c.text for c in i) for i in items], [(str(n), f"预置位 {n}") for n in range(1, 61)], "items")
    lib.check(len(notes) > 2, "60 presets in one datagram")
    # The next message is sent only after the last one was answered.
    for n in notes:
        lib.check(len(n.msg.to_bytes()) <= 1300, "a message exceeds the datagram size limit")


def test_unknown_channel(t):
    p, _ = t.start()
    equal(tags(p.query("PresetQuery", "34020000001310000099")), [("Result", "ERROR"), ("PresetList", "")],
          "unknown channel")


lib.main(test_2016, test_many, test_unknown_channel)
