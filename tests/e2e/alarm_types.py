# SPDX-License-Identifier: MIT
"""Every AlarmMethod, AlarmType and EventType of A.2.5 from the board to platforms of 2016 and 2022; others are
refused."""

import lib
from lib import check, equal

# A.2.5: methods without types, then the types of 2 (device), 5 (video) and 6 (fault).
ALL = [(m, 0, 0) for m in range(1, 8)] + [(2, t, 0) for t in range(1, 6)] + [(5, t, 0) for t in range(1, 14)] + \
      [(6, 1, 0), (6, 2, 0), (5, 6, 1), (5, 6, 2)]
NEW_IN_2022 = (5, 13)


def walk(e):
    return (e.tag, [walk(c) for c in e] if len(e) else e.text)


def want(alarm, edition):
    method, kind, event = alarm
    info = [("AlarmType", str(kind))] + ([("AlarmTypeParam", [("EventType", str(event))])] if event else [])
    known = kind and not (edition == 2016 and (method, kind) == NEW_IN_2022)
    return [("AlarmPriority", "2"), ("AlarmMethod", str(method)), ("AlarmDescription", "试")] + ([("Info", info)]
                                                                                                if known else [])


def test(t):
    p, second = t.platform(), t.platform()
    text = t.config(p, platform={"alarm_interval": 0}) + t.section("second", second, alarm_interval=0, version="2022")
    d = t.daemon(text)
    check(p.wait_online() and second.wait_online(), "not online")
    for n, (method, kind, event) in enumerate(ALL, 1):
        d.ctl("alarm", lib.CHANNEL, f"method={method}", f"type={kind}", f"event={event}", "priority=2", "text=试")
        for at in (p, second):
            check(at.wait_notes("Alarm", n, kind="Notify"), f"alarm {method}/{kind}/{event} did not arrive")
        check(f"sim: alarm id={lib.CHANNEL} alarm_method={method} alarm_type={kind}" in d.log(),
              "not reported by the board")
    for at, edition in ((p, 2016), (second, 2022)):
        for alarm, note in zip(ALL, at.find_notes("Alarm", kind="Notify")):
            equal(note.body.device_id, lib.CHANNEL, "DeviceID")
            got = [walk(e) for e in note.body.root][3:]
            equal([e for e in got if e[0] != "AlarmTime"], want(alarm, edition), f"{alarm} for {edition}")
            equal(got[2][0], "AlarmTime", "third element")
    for method, kind, event in ((2, 6, 0), (5, 14, 0), (6, 3, 0), (1, 1, 0), (7, 1, 0), (5, 5, 1), (5, 6, 3),
                                (2, 0, 1)):
        code, _, err = d.ctl("alarm", lib.CHANNEL, f"method={method}", f"type={kind}", f"event={event}", ok=None)
        check(code == 1 and "A.2.5" in err, f"{method}/{kind}/{event}: {err}")
    check(d.wait_log(f"channel: alarm-rejected channel={lib.CHANNEL} alarm_method=2 alarm_type=6 event_type=0 "
                     "priority=4 "
                     "reason=\"invalid combination"), "no line in the log")
    equal(len(p.find_notes("Alarm", kind="Notify")), len(ALL), "alarms")


def test_by_method(t):
    """alarm_interval is by method: a fault does not suppress an intrusion alarm of the same channel."""
    p, d = t.start(platform={"alarm_interval": 60})
    d.ctl("alarm", lib.CHANNEL, "method=6", "type=1")
    d.ctl("alarm", lib.CHANNEL, "method=5", "type=6", "event=1")
    check(p.wait_notes("Alarm", 2, kind="Notify"), "the second alarm is held back")
    code, _, err = d.ctl("alarm", lib.CHANNEL, "method=5", "type=2", ok=None)
    check(code == 1 and "alarm_interval" in err, f"not held back: {err}")


lib.main(test, test_by_method)
