# SPDX-License-Identifier: MIT
"""alarm_latch = strict: one alarm per input until ResetAlarm. alarm_interval: the minimum time between two alarms of an
input."""

import lib
from _control import result
from lib import check

INPUT = "34020000001340000001"


def count(p):
    return len(p.find_notes("Alarm", kind="Notify"))


def test_strict(t):
    p, d = t.start(alarms=["a"], platform={"alarm_latch": "strict", "alarm_interval": 0})
    d.ctl("alarm", INPUT, "method=2")
    check(p.wait_notes("Alarm"), "no alarm")
    d.ctl("alarm", INPUT, "method=2", ok=None)
    lib.stays(lambda: count(p), 1, 0.5, "alarms while latched")
    result(p, lib.DEVICE, "<AlarmCmd>ResetAlarm</AlarmCmd>")
    d.ctl("alarm", INPUT, "method=2")
    check(p.wait_notes("Alarm", 2), "no alarm after the reset")


def test_interval(t):
    p, d = t.start(alarms=["a", "b"], platform={"alarm_interval": 2})
    for _ in range(4):
        d.ctl("alarm", INPUT, "method=2", ok=None)
    d.ctl("alarm", "34020000001340000002", "method=2")
    check(p.wait(lambda: count(p) == 2), "not one alarm of each input")
    lib.stays(lambda: count(p), 2, 0.7, "alarms within the interval: one of each input")

    def again():
        d.ctl("alarm", INPUT, "method=2", ok=None)
        return count(p) == 3
    lib.until(again, 4, "no alarm after the interval", 0.2)
    times = [n.time for n in p.find_notes("Alarm", kind="Notify") if n.body.device_id == INPUT]
    check(times[1] - times[0] > 1.9, f"second alarm after {times[1] - times[0]:.1f} s, interval 2 s")


lib.main(test_strict, test_interval)
