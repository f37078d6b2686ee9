# SPDX-License-Identifier: MIT
"""GuardCmd: answered; DutyStatus follows, at every platform; off guard an input raises no alarm; the board hears which
input it is; kept over a restart."""

import time

import lib
from lib import check, equal
from _orders import result

INPUT, OTHER = "34020000001340000001", "34020000001340000002"


def duty(p):
    body = p.query("DeviceStatus", lib.DEVICE)
    return {i["DeviceID"]: i["DutyStatus"] for i in body.items("Alarmstatus")}


def told(d):
    """What the board was told, in order."""
    return [line.split("sim: ")[1] for line in d.log().splitlines() if "sim: " in line and ": guard " in line]


def test(t):
    p, second = t.platform(), t.platform()
    d = t.daemon(t.config(p, second, alarms=["door", "window"], platform={"alarm_interval": 0}))
    check(p.wait_online(5) and second.wait_online(5), "not online")
    equal(duty(p), {INPUT: "ONDUTY", OTHER: "ONDUTY"}, "at the start")
    result(p, INPUT, "<GuardCmd>ResetGuard</GuardCmd>")
    equal(duty(second), {INPUT: "OFFDUTY", OTHER: "ONDUTY"}, "at the other platform")
    check(d.wait_log(f"sim: {INPUT}: guard reset"), "the board was not told of which input")
    d.ctl("alarm", INPUT, "method=2", ok=None)
    d.ctl("alarm", OTHER, "method=2")
    check(p.wait_notes("Alarm", kind="Notify"), "the other input is silent too")
    time.sleep(0.4)
    equal([n.body.device_id for n in p.find_notes("Alarm", kind="Notify")], [OTHER], "alarms")
    # The whole device, over what was said of one input.
    result(second, lib.DEVICE, "<GuardCmd>SetGuard</GuardCmd>")
    equal(duty(p), {INPUT: "ONDUTY", OTHER: "ONDUTY"}, "all set")
    result(p, lib.DEVICE, "<GuardCmd>ResetGuard</GuardCmd>")
    check(d.wait_log("sim: device: guard reset"), "the board was not told")
    equal(duty(p), {INPUT: "OFFDUTY", OTHER: "OFFDUTY"}, "all reset")
    # One input and the channel, in spite of the device.
    result(p, OTHER, "<GuardCmd>SetGuard</GuardCmd>")
    result(p, lib.CHANNEL, "<GuardCmd>SetGuard</GuardCmd>")
    result(p, lib.DEVICE, "<GuardCmd>Set</GuardCmd>", "ERROR")
    text, before = d.conf.read_text(), len(told(d))
    equal(d.stop(), 0, "exit")
    again = t.daemon(text, name="gbagentd")
    check(again.wait_state("online"), "not online again")
    equal(duty(p), {INPUT: "OFFDUTY", OTHER: "ONDUTY"}, "after a restart")
    equal(told(again)[before:], ["device: guard reset", f"{lib.CHANNEL}: guard set", f"{OTHER}: guard set"], "what the board was told again")


lib.main(test)
