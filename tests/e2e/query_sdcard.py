# SPDX-License-Identifier: MIT
"""SDCardStatus (2022): SumNum, then the cards in the standard's order; recording uses their space."""

import lib
from lib import check, equal
from _control import result, tags


def test(t):
    p, _ = t.start(platform={"version": "2022"})
    body = p.query("SDCardStatus", lib.DEVICE)
    equal(tags(body), [("SumNum", "1"), ("SDCardStatusInfo", [("Item", [
        ("ID", "1"), ("HddName", "sim card"), ("Status", "ok"), ("Capacity", "32000"), ("FreeSpace", "19200")])])],
          "the card")
    equal(body.root.find("SDCardStatusInfo").get("Num"), "1", "Num")
    result(p, lib.CHANNEL, "<RecordCmd>Record</RecordCmd>")
    check(lib.until(lambda: int(p.query("SDCardStatus", lib.CHANNEL).items("SDCardStatusInfo")[0]["FreeSpace"]) < 19200,
                    3),
          "recording uses no space")
    equal(tags(p.query("SDCardStatus", "34020000001310000099")), [("Result", "ERROR"), ("SumNum", "0")],
          "of an unknown ID")


def test_unreadable(t):
    """A board that cannot read the status is not reported as one without a card."""
    p, _ = t.start(source="probe:", program="tests/gbagentd.probe", platform={"version": "2022"})
    equal(tags(p.query("SDCardStatus", lib.DEVICE)), [("Result", "ERROR"), ("SumNum", "0")], "the answer")


lib.main(test, test_unreadable)
