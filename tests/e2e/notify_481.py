# SPDX-License-Identifier: MIT
"""NOTIFY answered 481: the subscription is gone. 486: the same comes again later."""

import time

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
    time.sleep(0.3)
    change(t, p, d, "c")
    time.sleep(1)
    equal(len(s.bodies()), 1, "NOTIFYs after 481")
    equal(p.subscribe("Catalog", lib.DEVICE).status, 200, "SUBSCRIBE anew")


def test_busy(t):
    p, d = t.start(channels=["a"], platform=KEYS)
    s = p.subscribe("Catalog", lib.DEVICE)
    s.wait(1)
    s.answer_status = lambda m: 486 if len(s.bodies()) == 1 else 200
    change(t, p, d, "b")
    check(len(s.wait_bodies(2, 8)) == 2, "not sent again after 486")
    equal(s.events(), [(lib.CHANNEL, "UPDATE")] * 2, "events")


lib.main(test, test_busy)
