# SPDX-License-Identifier: MIT
"""PTZPosition subscription: the position immediately, then while the head moves, and none while it stands still."""

import lib
from lib import check, equal
from manscdp import ptz


def test(t):
    p, d = t.start(platform={"version": "2022"})
    s = p.subscribe("PTZPosition", lib.CHANNEL, event="PTZPosition")
    equal(s.status, 200, "SUBSCRIBE")
    body = s.wait_bodies(1)[0]
    equal((body.kind, body.device_id), ("Notify", lib.CHANNEL), "NOTIFY")
    equal([c.tag for c in body.root][3:6], ["Pan", "Tilt", "Zoom"], "elements")
    before = [float(body.get(n)) for n in ("Pan", "Tilt", "Zoom")]
    lib.stays(lambda: len(s.bodies()), 1, 2.2, "NOTIFYs while the head stands still")
    p.control(lib.CHANNEL, f"<PTZCmd>{ptz(0x01, data1=0x40)}</PTZCmd>")     # right
    bodies = s.wait_bodies(3, 6)
    check(len(bodies) >= 3, "no NOTIFYs while it moves")
    check(float(bodies[-1].get("Pan")) > before[0], f"Pan {bodies[-1].get('Pan')}, before {before[0]}")
    p.control(lib.CHANNEL, f"<PTZCmd>{ptz(0x00)}</PTZCmd>")
    equal(s.cancel().status, 200, "cancel")


lib.main(test)
