# SPDX-License-Identifier: MIT
"""The contact of an alarm input closes: the board reports it, the platform receives the Alarm of A.2.5 by MESSAGE or
NOTIFY, and DeviceStatus has ALARM, ONDUTY or OFFDUTY."""

import datetime

import lib
from lib import check, equal
from _control import result

INPUT, OTHER = "34020000001340000001", "34020000001340000002"


def alarms(p):
    return [n.body for n in p.find_notes("Alarm", kind="Notify")]


def duty(p, target=lib.DEVICE):
    return [(i["DeviceID"], i["DutyStatus"]) for i in p.query("DeviceStatus", target).items("Alarmstatus")]


def check_body(body, device):
    """An input's alarm has method 2 and no AlarmType: only the required elements, in order."""
    equal([c.tag for c in body.root], ["CmdType", "SN", "DeviceID", "AlarmPriority", "AlarmMethod", "AlarmTime"],
          "elements")
    check(body.sn.isdigit() and int(body.sn) > 0, f"SN {body.sn}")
    equal((body.kind, body.device_id, body.get("AlarmPriority"), body.get("AlarmMethod")), ("Notify", device, "1", "2"),
          "alarm")
    stamp = datetime.datetime.strptime(body.get("AlarmTime"), "%Y-%m-%dT%H:%M:%S")
    now = datetime.datetime.now(lib.BEIJING).replace(tzinfo=None)
    check(abs((now - stamp).total_seconds()) < 10, f"AlarmTime {stamp} is not Beijing time {now}")


def status_of(d, item):
    """(input, duty) from gbagentctl status."""
    return [(c["input"], c["duty"]) for c in d.status()["channels"] if c["id"] == item][0]


def test(t):
    p, d = t.start(alarms=["door", "window"], platform={"alarm_interval": 0})
    equal(d.ctl("input", INPUT).strip(), "input off", "initially")
    equal(status_of(d, INPUT), ("off", "onduty"), "initial status")
    equal(status_of(d, lib.CHANNEL), ("", ""), "status of a channel")
    equal(duty(p), [(INPUT, "ONDUTY"), (OTHER, "ONDUTY")], "initially")
    equal(d.ctl("input", INPUT, "on").strip(), "input on", "on")
    check(p.wait_notes("Alarm", kind="Notify"), "no alarm")
    check_body(alarms(p)[0], INPUT)
    equal(duty(p), [(INPUT, "ALARM"), (OTHER, "ONDUTY")], "while it is on")
    equal(duty(p, INPUT), [(INPUT, "ALARM")], "DeviceStatus of the input itself")
    equal((status_of(d, INPUT), status_of(d, OTHER)), (("on", "alarm"), ("off", "onduty")), "status")
    # It stays closed, then opens: no further alarm.
    d.ctl("input", INPUT, "on")
    equal(d.ctl("input", INPUT, "toggle").strip(), "input off", "toggle")
    lib.stays(lambda: len(alarms(p)), 1, 0.3, "alarms")
    equal(duty(p), [(INPUT, "ONDUTY"), (OTHER, "ONDUTY")], "off again; no latch by default")
    # By NOTIFY to a subscriber.
    s = p.subscribe("Alarm", lib.DEVICE)
    s.wait(1)
    d.ctl("input", OTHER, "toggle")
    check_body(s.wait_bodies(1)[0], OTHER)
    equal(len(alarms(p)), 1, "MESSAGEs in addition to the NOTIFY")
    for wrong in ([lib.CHANNEL, "on"], ["34020000001340000009", "on"], [INPUT, "open"], ["x"], [INPUT, "on", "off"]):
        d.ctl("input", *wrong, ok=False)


def test_latched(t):
    """A.2.5: no further alarm until ResetAlarm, and DutyStatus stays ALARM although the contact is open again."""
    p, d = t.start(alarms=["door"], platform={"alarm_interval": 0, "alarm_latch": "strict"})
    d.ctl("input", INPUT, "on")
    d.ctl("input", INPUT, "off")
    check(p.wait_notes("Alarm", kind="Notify"), "no alarm")
    equal(duty(p), [(INPUT, "ALARM")], "latched")
    d.ctl("input", INPUT, "on")
    lib.stays(lambda: len(alarms(p)), 1, 0.3, "alarms while latched")
    d.ctl("input", INPUT, "off")
    result(p, INPUT, "<AlarmCmd>ResetAlarm</AlarmCmd>")
    equal(duty(p), [(INPUT, "ONDUTY")], "reset")
    d.ctl("input", INPUT, "on")
    check(p.wait_notes("Alarm", 2, kind="Notify"), "no alarm after the reset")


def test_guard(t):
    """With alarm_requires_guard an input raises alarms only while on guard; off guard it is OFFDUTY, whatever its
    contact."""
    p, d = t.start(alarms=["door"], platform={"alarm_interval": 0, "alarm_requires_guard": "yes"})
    equal(duty(p), [(INPUT, "OFFDUTY")], "never set")
    d.ctl("input", INPUT, "on")
    check(d.wait_log(f"channel: alarm-dropped channel={INPUT} alarm_method=2 alarm_type=0 event_type=0 priority=1 "
                     "reason=\"not on guard"), "no line in the log")
    equal(duty(p), [(INPUT, "OFFDUTY")], "on, without guard")
    d.ctl("input", INPUT, "off")
    result(p, INPUT, "<GuardCmd>SetGuard</GuardCmd>")
    equal(duty(p), [(INPUT, "ONDUTY")], "on guard")
    equal(alarms(p), [], "alarms off guard")
    d.ctl("input", INPUT, "on")
    check(p.wait_notes("Alarm", kind="Notify"), "no alarm on guard")
    equal(duty(p), [(INPUT, "ALARM")], "on, on guard")
    result(p, INPUT, "<GuardCmd>ResetGuard</GuardCmd>")
    equal(duty(p), [(INPUT, "OFFDUTY")], "off guard again")
    d.ctl("input", INPUT, "off")
    d.ctl("input", INPUT, "on")
    lib.stays(lambda: len(alarms(p)), 1, 0.3, "alarms")


lib.main(test, test_latched, test_guard)
