# SPDX-License-Identifier: MIT
"""gbagentctl alarm: the platform receives it, and its Response is accepted."""

import datetime

import lib
from lib import check, equal

INPUT = "34020000001340000001"


def test(t):
    p, d = t.start(alarms=["门磁"])
    d.ctl("alarm", INPUT, "method=2", "priority=1", "text=门被打开")
    notes = p.wait_notes("Alarm", kind="Notify")
    check(notes, "no alarm")
    body = notes[0].body
    for name, want in {"DeviceID": INPUT, "AlarmPriority": "1", "AlarmMethod": "2", "AlarmDescription": "门被打开"}.items():
        equal(body.get(name), want, name)
    stamp = datetime.datetime.fromisoformat(body.get("AlarmTime"))
    now = datetime.datetime.now(lib.BEIJING).replace(tzinfo=None)
    check(abs((now - stamp).total_seconds()) < 10, f"AlarmTime {stamp} is not Beijing time {now}")
    order = [c.tag for c in body.root]
    equal(order[:6], ["CmdType", "SN", "DeviceID", "AlarmPriority", "AlarmMethod", "AlarmTime"], "order")
    # the platform's Response is answered 200
    check(p.wait(lambda: any(m.status == 200
                             for m in p.log if not m.sent and not m.is_request and m.cseq_method == "MESSAGE"), 3),
          "the Alarm response was not answered")


def test_type(t):
    """AlarmType and EventType are in Info; the default ID is the device's."""
    p, d = t.start()
    d.ctl("alarm", "method=5", "type=6", "event=1")
    body = p.wait_notes("Alarm")[0].body
    equal((body.device_id, body.get("AlarmMethod"), body.get("Info/AlarmType")), (lib.DEVICE, "5", "6"), "alarm")
    equal(body.get("Info/AlarmTypeParam/EventType"), "1", "EventType")


def test_bad_arguments(t):
    p, d = t.start()
    for args in (["method=99"], ["nonsense"], ["priority=0"]):
        d.ctl("alarm", *args, ok=False)
    check(not p.find_notes("Alarm"), "an invalid alarm was sent")


def test_without_the_board(t):
    """A board that cannot simulate alarms: the daemon sends them itself, and gbagentctl reports errors."""
    p, d = t.start(alarms=["门磁"], source="probe:", program="tests/gbagentd.probe", platform={"alarm_interval": 60})
    d.ctl("alarm", INPUT, "method=2", "priority=1")
    equal(p.wait_notes("Alarm", kind="Notify")[0].body.device_id, INPUT, "alarm")
    code, _, err = d.ctl("alarm", INPUT, "method=2", ok=None)
    check(code == 1 and "alarm_interval" in err, f"not held back: {err}")
    code, _, err = d.ctl("alarm", "34020000001340000099", ok=None)
    check(code == 1 and "no channel or alarm input 34020000001340000099" in err, f"unknown ID: {err}")
    equal(len(p.find_notes("Alarm", kind="Notify")), 1, "alarms")


lib.main(test, test_type, test_bad_arguments, test_without_the_board)
