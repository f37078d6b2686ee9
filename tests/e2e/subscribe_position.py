# SPDX-License-Identifier: MIT
"""MobilePosition subscription: one immediately, then one per Interval, in the flat form of 2016, moving; refresh and
cancel."""

import datetime
import time

import lib
from lib import check, equal

PLACE = {"longitude": "117.28", "latitude": "31.86"}


def test(t):
    p, d = t.start(channel=PLACE)
    s = p.subscribe("MobilePosition", lib.DEVICE, inner="<Interval>1</Interval>")
    equal(s.status, 200, "SUBSCRIBE")
    start = time.monotonic()
    bodies = s.wait_bodies(4, 8)
    check(len(bodies) >= 4, f"{len(bodies)} positions")
    check(2.4 < time.monotonic() - start < 6, "positions are not a second apart")
    body = bodies[0]
    equal([c.tag for c in body.root], ["CmdType", "SN", "DeviceID", "Time", "Longitude", "Latitude", "Speed",
                                       "Direction", "Altitude"], "elements")
    equal(body.device_id, lib.DEVICE, "DeviceID")
    stamp = datetime.datetime.fromisoformat(body.get("Time"))
    now = datetime.datetime.now(lib.BEIJING).replace(tzinfo=None)
    check(abs((now - stamp).total_seconds()) < 15, f"Time {stamp}, now {now}")
    places = [(float(b.get("Longitude")), float(b.get("Latitude"))) for b in bodies]
    check(all(abs(x - 117.28) < 0.01 and abs(y - 31.86) < 0.01 for x, y in places),
          f"far from the configured place: {places}")
    check(len(set(places)) > 1, "it does not move")
    equal(len({b.sn for b in bodies}), len(bodies), "SNs")
    equal(s.refresh().status, 200, "refresh")
    equal(s.cancel().status, 200, "cancel")
    check(p.wait(lambda: s.states()[-1].startswith("terminated")), "no terminated NOTIFY")
    lib.stays(lambda: len(s.notifies), len(s.notifies), 1.5, "NOTIFYs after the cancellation")


def test_interval_zero(t):
    """Interval 0 means one second."""
    p, d = t.start(channel=PLACE)
    s = p.subscribe("MobilePosition", lib.DEVICE, inner="<Interval>0</Interval>")
    check(len(s.wait_bodies(3)) >= 3, f"{len(s.bodies())} positions")
    times = [m.time for m in s.notifies if m.note]
    check(1.4 < times[2] - times[0] < 3 * lib.SLOW, f"three positions in {times[2] - times[0]:.1f} s")


lib.main(test, test_interval_zero)
