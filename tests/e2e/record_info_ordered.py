# SPDX-License-Identifier: MIT
"""A recording started by RecordCmd is listed as manual, from start to stop."""

import time

import lib
from lib import check, equal

from _records import ask, items, local, span


def test(t):
    p, _ = t.start()
    begin = int(time.time())
    for command in ("Record", "StopRecord"):
        answer, sn = p.control(lib.CHANNEL, f"<RecordCmd>{command}</RecordCmd>")
        equal(answer.status, 200, "status")
        notes = p.wait_notes("DeviceControl", sn=sn)
        check(notes and notes[0].body.get("Result") == "OK", f"{command} was not answered OK")
        lib.until_clock(time.time() + 2.1)          # RecordInfo has whole seconds
    found = items(ask(p, lib.CHANNEL, span(begin - 5, begin + 60).replace("all", "manual"))[0])
    equal(len(found), 1, "recordings")
    equal(found[0]["Type"], "manual", "Type")
    check(local(begin) <= found[0]["StartTime"] <= local(begin + 2), f"StartTime {found[0]['StartTime']}")
    check(local(begin + 2) <= found[0]["EndTime"] <= local(begin + 5), f"EndTime {found[0]['EndTime']}")


lib.main(test)
