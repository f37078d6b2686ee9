# SPDX-License-Identifier: MIT
"""A single MobilePosition query is answered with a Response that has the position."""

import lib
from lib import check, equal


def test(t):
    p, d = t.start(channel={"longitude": "117.28", "latitude": "31.86"})
    body = p.query("MobilePosition", lib.DEVICE, inner="<Interval>60</Interval>")
    check(body, "no Response")
    equal((body.kind, body.device_id), ("Response", lib.DEVICE), "Response")
    check(abs(float(body.get("Longitude")) - 117.28) < 0.01 and abs(float(body.get("Latitude")) - 31.86) < 0.01,
          "place")
    check(body.get("Time"), "no Time")


def test_unknown(t):
    p, d = t.start()
    body = p.query("MobilePosition", "34020000001310000099")
    equal(body.get("Result"), "ERROR", "Result for an unknown ID")


lib.main(test, test_unknown)
