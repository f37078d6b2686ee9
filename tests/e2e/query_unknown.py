# SPDX-License-Identifier: MIT
"""Unknown commands: SIP 200, and ERROR if a Result is required."""

import lib
from lib import check, equal, manscdp


def test(t):
    p, d = t.start()
    body = p.query("NoSuchQuery", lib.DEVICE)
    check(body is not None and body.get("Result") == "ERROR", "unknown query")
    answer, sn = p.control(lib.DEVICE, "<GuardCmd>SetGuard</GuardCmd>")
    equal(answer.status, 200, "unknown control")
    notes = p.wait_notes("DeviceControl", sn=sn)
    check(notes and notes[0].body.get("Result") in ("ERROR", "OK"),
          "no Response to a control command that requires one")
    # an unknown Notify: 200, no Response
    equal(p.message(manscdp.build("Notify", "NoSuchNotify", 77, lib.DEVICE), lib.DEVICE).status, 200, "unknown notify")
    check(d.running())


lib.main(test)
