# SPDX-License-Identifier: MIT
"""NOTIFY answered 481: the subscription ends. 486: it is sent again later."""

import lib
from lib import check, equal

KEYS = {"notify_batch": "0"}


def change(t, p, d, name):
    d.write_config(t.config(p, channels=[name], platform=KEYS))
    d.ctl("reload")


def test(t):
    p, d = t.start(channels=["a"], platform=KEYS)
    s = p.subscribe("Catalog", lib.DEVICE)
    s.wait(1)
    s.answer_status = 481
    change(t, p, d, "b")
    check(s.wait_bodies(1), "no NOTIFY")
    check(p.wait(lambda: any(m.status == 481 for m in p.log if m.sent and not m.is_request)), "no 481")
    equal(p.request(p.make("OPTIONS", lib.DEVICE)).status, 200, "OPTIONS: the 481 has been read")
    change(t, p, d, "c")
    lib.stays(lambda: len(s.bodies()), 1, 1, "NOTIFYs after 481")
    equal(p.subscribe("Catalog", lib.DEVICE).status, 200, "new SUBSCRIBE")


def test_busy(t):
    p, d = t.start(channels=["a"], platform=KEYS)
    s = p.subscribe("Catalog", lib.DEVICE)
    s.wait(1)
    s.answer_status = lambda m: 486 if len(s.bodies()) == 1 else 200
    change(t, p, d, "b")
    check(len(s.wait_bodies(2, 8)) == 2, "not sent again after 486")
    equal(s.events(), [(lib.CHANNEL, "UPDATE")] * 2, "events")


lib.main(test, test_busy)
