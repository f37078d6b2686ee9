# SPDX-License-Identifier: MIT
"""AlarmReport: switches for motion (AlarmMethod 5, type 2) and intrusion (5, type 6) alarms."""

import _config
import lib
from lib import check, equal


def report(motion, field):
    return (f"<AlarmReport><MotionDetection>{motion}</MotionDetection>"
            f"<FieldDetection>{field}</FieldDetection></AlarmReport>")


def test(t):
    _config.block(t, "AlarmReport", report(1, 0), default=report(1, 1),
                  bad=[report(2, 0), report("ON", 0), "<AlarmReport><FieldDetection>1</FieldDetection></AlarmReport>"])


def raised(d, item, method, kind):
    """gbagentctl's output: "" if the alarm is sent."""
    code, _, err = d.ctl("alarm", item, f"method={method}", f"type={kind}", ok=None)
    equal(code, 1 if err else 0, "exit code")
    return err


def test_held_back(t):
    p, d = _config.start(t, channels=2, platform={"alarm_interval": 0})
    other = lib.channel_id(2)
    sent = []

    def expect(goes, held):
        for item, method, kind in held:
            check("AlarmReport" in raised(d, item, method, kind), f"{item} {method}/{kind} is not held back")
        for item, method, kind in goes:
            equal(raised(d, item, method, kind), "", f"{item} {method}/{kind}")
            sent.append((item, str(method), str(kind)))
        p.wait_notes("Alarm", len(sent), kind="Notify")
        equal([(n.body.device_id, n.body.get("AlarmMethod"), n.body.get("Info/AlarmType"))
               for n in p.find_notes("Alarm", kind="Notify")],
              sent, "alarms")

    expect([(lib.CHANNEL, 5, 2), (lib.CHANNEL, 5, 6)], [])
    _config.set_ok(p, lib.CHANNEL, report(0, 1))
    expect([(lib.CHANNEL, 5, 6), (lib.CHANNEL, 5, 5), (lib.CHANNEL, 2, 2), (other, 5, 2)],
           [(lib.CHANNEL, 5, 2), (lib.DEVICE, 5, 2)])
    check(d.wait_log(f"channel: alarm-dropped channel={lib.CHANNEL} alarm_method=5 alarm_type=2 event_type=0 "
                     "priority=4 "
                     "reason=\"disabled by AlarmReport"), "no line")
    _config.set_ok(p, lib.CHANNEL, report(1, 0))
    expect([(lib.CHANNEL, 5, 2), (lib.CHANNEL, 6, 2), (other, 5, 6)], [(lib.CHANNEL, 5, 6)])
    _config.restart(t, p, d)
    d = t.daemons[-1]
    expect([(lib.CHANNEL, 5, 2)], [(lib.CHANNEL, 5, 6)])
    _config.set_ok(p, lib.CHANNEL, report(1, 1))
    expect([(lib.CHANNEL, 5, 2), (lib.CHANNEL, 5, 6)], [])


lib.main(test, test_held_back)
