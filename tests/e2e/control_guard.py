# SPDX-License-Identifier: MIT
"""GuardCmd: a Response; DutyStatus changes for all platforms; off guard an input raises no alarm; the board is notified
of which input; kept across a restart."""

import lib
from lib import check, equal
from _control import result

INPUT, OTHER = "34020000001340000001", "34020000001340000002"


def duty(p):
    body = p.query("DeviceStatus", lib.DEVICE)
    return {i["DeviceID"]: i["DutyStatus"] for i in body.items("Alarmstatus")}


def board_guard(d):
    """The guard changes that the board was notified of, in order."""
    return [line.split("sim: guard ")[1] for line in d.log().splitlines() if "sim: guard " in line]


def test(t):
    p, second = t.platform(), t.platform()
    d = t.daemon(t.config(p, second, alarms=["door", "window"], platform={"alarm_interval": 0}))
    check(p.wait_online(5) and second.wait_online(5), "not online")
    equal(duty(p), {INPUT: "ONDUTY", OTHER: "ONDUTY"}, "at the start")
    result(p, INPUT, "<GuardCmd>ResetGuard</GuardCmd>")
    equal(duty(second), {INPUT: "OFFDUTY", OTHER: "ONDUTY"}, "at the other platform")
    check(d.wait_log(f"sim: guard id={INPUT} state=reset"), "the board was not notified of which input")
    d.ctl("alarm", INPUT, "method=2", ok=None)
    d.ctl("alarm", OTHER, "method=2")
    check(p.wait_notes("Alarm", kind="Notify"), "no alarm of the other input either")
    lib.stays(lambda: [n.body.device_id for n in p.find_notes("Alarm", kind="Notify")], [OTHER], 0.4, "alarms")
    # The whole device overrides a single input.
    result(second, lib.DEVICE, "<GuardCmd>SetGuard</GuardCmd>")
    equal(duty(p), {INPUT: "ONDUTY", OTHER: "ONDUTY"}, "all set")
    result(p, lib.DEVICE, "<GuardCmd>ResetGuard</GuardCmd>")
    check(d.wait_log("sim: guard id=device state=reset"), "the board was not notified")
    equal(duty(p), {INPUT: "OFFDUTY", OTHER: "OFFDUTY"}, "all reset")
    # One input and the channel override the device.
    result(p, OTHER, "<GuardCmd>SetGuard</GuardCmd>")
    result(p, lib.CHANNEL, "<GuardCmd>SetGuard</GuardCmd>")
    result(p, lib.DEVICE, "<GuardCmd>Set</GuardCmd>", "ERROR")
    text, before = d.conf.read_text(), len(board_guard(d))
    equal(d.stop(), 0, "exit")
    again = t.daemon(text, name="gbagentd")
    check(again.wait_state("online"), "not online again")
    equal(duty(p), {INPUT: "OFFDUTY", OTHER: "ONDUTY"}, "after a restart")
    equal(board_guard(again)[before:], ["id=device state=reset", f"id={lib.CHANNEL} state=set",
                                        f"id={OTHER} state=set"], "guard changes of the board after a restart")


lib.main(test)
