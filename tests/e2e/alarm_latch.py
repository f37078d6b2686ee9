# SPDX-License-Identifier: MIT
"""alarm_latch = strict: one device alarm until ResetAlarm; alarm_interval spaces the others."""

import time

import lib
from lib import check, equal

INPUT = "34020000001340000001"


def count(p):
    return len(p.find_notes("Alarm", kind="Notify"))


def test_strict(t):
    p, d = t.start(alarms=["a"], platform={"alarm_latch": "strict", "alarm_interval": 0})
    d.ctl("alarm", INPUT, "method=2")
    check(p.wait_notes("Alarm"), "no alarm")
    d.ctl("alarm", INPUT, "method=2", ok=None)
    time.sleep(0.5)
    equal(count(p), 1, "alarms while latched")
    equal(p.control(lib.DEVICE, "<AlarmCmd>ResetAlarm</AlarmCmd>")[0].status, 200, "ResetAlarm")
    time.sleep(0.2)
    d.ctl("alarm", INPUT, "method=2")
    check(p.wait_notes("Alarm", 2), "no alarm after the reset")


def test_interval(t):
    p, d = t.start(alarms=["a", "b"], platform={"alarm_interval": 2})
    for _ in range(4):
        d.ctl("alarm", INPUT, "method=2", ok=None)
    d.ctl("alarm", "34020000001340000002", "method=2")
    time.sleep(0.7)
    equal(count(p), 2, "one alarm an input inside the interval")
    time.sleep(1.6)
    d.ctl("alarm", INPUT, "method=2")
    check(p.wait(lambda: count(p) == 3, 2), "no alarm after the interval")


lib.main(test_strict, test_interval)
