# SPDX-License-Identifier: MIT
"""AlarmCmd: ResetAlarm releases the latches that it names, and DutyStatus returns from ALARM to ONDUTY."""

import lib
from lib import check, equal
from _control import result

INPUT, OTHER = "34020000001340000001", "34020000001340000002"


def duty(p):
    return {i["DeviceID"]: i["DutyStatus"] for i in p.query("DeviceStatus", lib.DEVICE).items("Alarmstatus")}


def test(t):
    p, d = t.start(alarms=["door", "window"], platform={"alarm_latch": "strict", "alarm_interval": 0})
    for i in (INPUT, OTHER):
        d.ctl("alarm", i, "method=2")
    check(p.wait_notes("Alarm", 2, kind="Notify"), "no alarms")
    equal(duty(p), {INPUT: "ALARM", OTHER: "ALARM"}, "latched")
    # Another method or type: no effect.
    result(p, lib.DEVICE, "<AlarmCmd>ResetAlarm</AlarmCmd><Info><AlarmMethod>5</AlarmMethod></Info>")
    result(p, lib.DEVICE, "<AlarmCmd>ResetAlarm</AlarmCmd><Info><AlarmMethod>2</AlarmMethod><AlarmType>4</AlarmType>"
                          "</Info>")
    equal(duty(p), {INPUT: "ALARM", OTHER: "ALARM"}, "still latched")
    result(p, INPUT, "<AlarmCmd>ResetAlarm</AlarmCmd>")
    equal(duty(p), {INPUT: "ONDUTY", OTHER: "ALARM"}, "one reset")
    check(d.wait_log(f"sim: alarm-reset id={INPUT}"), "the board was not notified of which input")
    result(p, lib.DEVICE, "<AlarmCmd>ResetAlarm</AlarmCmd><Info><AlarmMethod>2</AlarmMethod></Info>")
    equal(duty(p), {INPUT: "ONDUTY", OTHER: "ONDUTY"}, "all reset")
    result(p, lib.DEVICE, "<AlarmCmd>Silence</AlarmCmd>", "ERROR")
    check(d.wait_log("sim: alarm-reset id=device"), "the board was not notified")


lib.main(test)
