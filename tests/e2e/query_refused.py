# SPDX-License-Identifier: MIT
"""Refused queries: ERROR and the required elements, counts of 0, Online and Status. Catalog queries are not answered,
as SumNum 0 would make platforms forget all channels."""

import lib
from lib import check, equal, manscdp

UNKNOWN = "34020000001310000099"


def test(t):
    p, d = t.start(platform={"version": "2022"})
    for cmd, inner, want in (
            ("PresetQuery", "", [("Result", "ERROR"), ("SumNum", "0"), ("PresetList", None)]),
            ("CruiseTrackListQuery", "", [("Result", "ERROR"), ("SumNum", "0")]),
            ("CruiseTrackQuery", "<Number>2</Number>", [("Result", "ERROR"), ("Number", "2"), ("SumNum", "0")]),
            ("SDCardStatus", "", [("Result", "ERROR"), ("SumNum", "0")]),
            ("HomePositionQuery", "", [("Result", "ERROR")]),
            ("DeviceStatus", "", [("Result", "ERROR"), ("Online", "ONLINE"), ("Status", "ERROR")]),
            ("RecordInfo", "<StartTime>2024-01-01</StartTime><EndTime>2024-01-02</EndTime>",
             [("Result", "ERROR"), ("Name", "IPC"), ("SumNum", "0")])):
        body = p.query(cmd, UNKNOWN, inner)
        check(body is not None, f"{cmd}: no answer")
        equal([(e.tag, e.text.strip() or None if e.text else None) for e in body.root][3:], want, cmd)
        if cmd == "PresetQuery":
            equal(body.root.find("PresetList").get("Num"), "0", "Num")
    sn = str(p.serial())
    equal(p.message(manscdp.build("Query", "Catalog", sn, UNKNOWN), UNKNOWN).status, 200, "Catalog")
    check(d.wait_log(f'query-refused command=Catalog sn={sn} channel={UNKNOWN} reason="unknown channel"'),
          "no log line")
    check(p.query("DeviceInfo", lib.DEVICE), "no DeviceInfo")
    equal(p.find_notes("Catalog", sn), [], "answers to a Catalog query of an unknown ID")


lib.main(test)
