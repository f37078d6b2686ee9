# SPDX-License-Identifier: MIT
"""The first Keepalive follows the 200 immediately, then one every interval, with increasing SN."""

import lib
from lib import check, equal


def test(t):
    p, d = t.start(platform={"keepalive_interval": 1})
    notes = p.wait_notes("Keepalive", 4, timeout=8 * lib.SLOW)
    check(len(notes) >= 4, "too few keepalives")
    registered = p.wait_registered().since
    check(notes[0].time - registered < 0.5 * lib.SLOW, "the first one is late")
    for a, b in zip(notes, notes[1:]):
        check(0.7 <= b.time - a.time <= 1.6 * lib.SLOW, f"interval {b.time - a.time:.2f} s")
        check(int(b.body.sn) > int(a.body.sn), "SN does not increase")
    for note in notes:
        equal((note.body.kind, note.body.device_id, note.body.get("Status")), ("Notify", lib.DEVICE, "OK"), "body")
    check(d.platform()["keepalives"] >= 3, "status does not count keepalives")


lib.main(test)
