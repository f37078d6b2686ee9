# SPDX-License-Identifier: MIT
"""CruiseTrackListQuery and CruiseTrackQuery of many tracks and points: in several messages."""

import lib
from lib import equal
from _control import pages, ptz


def test(t):
    p, _ = t.start(platform={"version": "2022"})
    for group in range(20):
        ptz(p, 0x84, group, group + 1, name=f"<CruiseTrackName>track number {group}</CruiseTrackName>")
    for preset in range(2, 31):
        ptz(p, 0x84, 0, preset)
    notes, items = pages(p, "CruiseTrackListQuery", lib.CHANNEL)
    equal([tuple(c.text for c in i) for i in items], [(str(n), f"track number {n}") for n in range(20)], "tracks")
    lib.check(len(notes) > 1, "not in several messages")
    notes, items = pages(p, "CruiseTrackQuery", lib.CHANNEL, "<Number>0</Number>")
    equal([i.find("PresetIndex").text for i in items], [str(n) for n in range(1, 31)], "points")
    lib.check(len(notes) > 1 and all(n.body.get("Number") == "0" for n in notes), "parts")
    # Without Number the first one is meant.
    equal(p.query("CruiseTrackQuery", lib.CHANNEL).get("Name"), "track number 0", "name")


lib.main(test)
