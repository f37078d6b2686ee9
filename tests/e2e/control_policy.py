# SPDX-License-Identifier: MIT
"""control_deny is per platform: one is permitted what the other is denied, and the log has the decision with its
name."""

import lib
from lib import check, equal
from _control import ptz, result, silent


def test(t):
    p, second = t.platform(), t.platform()
    text = t.config(p, second, alarms=["door"])
    denied = "control_deny = teleboot, formatsdcard deviceupgrade,ptz,guard deviceconfig\n"
    text = text.replace("[platform second]\n", "[platform second]\n" + denied)
    d = t.daemon(text)
    check(p.wait_online(5) and second.wait_online(5), "not online")
    silent(second, lib.DEVICE, "<TeleBoot>Boot</TeleBoot>")
    silent(second, lib.DEVICE, "<FormatSDCard>1</FormatSDCard>")
    ptz(second, 0x01, 0x80)
    result(second, lib.DEVICE, "<GuardCmd>ResetGuard</GuardCmd>", "ERROR")
    result(second, lib.DEVICE, "<DeviceUpgrade><Firmware>2</Firmware><FileURL>http://127.0.0.1:9/x</FileURL>"
                               "<Manufacturer>gbagent</Manufacturer>"
                               "<SessionID>0123456789abcdef0123456789abcdef</SessionID></DeviceUpgrade>", "ERROR")
    equal(second.configure(lib.DEVICE, "<BasicParam><Name>theirs</Name></BasicParam>").get("Result"), "ERROR",
          "DeviceConfig")
    for what in ("BasicParam", "TeleBoot", "FormatSDCard", "GuardCmd", "DeviceUpgrade"):
        check(d.wait_log(f'second: control-refused command={what} '), f"{what}: not in the log")
    log = d.log()
    check("sim: restart" not in log and "sim: format" not in log and "command=move" not in log,
          "a denied command reached the board")
    # A command that is not denied, and the platform that nothing is denied.
    result(second, lib.CHANNEL, "<RecordCmd>Record</RecordCmd>")
    result(p, lib.DEVICE, "<GuardCmd>ResetGuard</GuardCmd>")
    ptz(p, 0x01, 0x80)
    silent(p, lib.DEVICE, "<FormatSDCard>1</FormatSDCard>")
    check(d.wait_log("sim: format card=1") and d.wait_log("command=move"), "the first platform is denied, too")
    check("main: control-permitted command=FormatSDCard " in d.log(), "permitted: not in the log")


def test_config(t):
    p = t.platform()
    d = t.daemon(t.config(p, platform={"control_deny": "teleboot, everything"}))
    d.expect_exit = d.wait_exit(5)
    check(d.expect_exit not in (None, 0), "a word that is not in the list is accepted")
    check("control_deny: expected" in d.log(), d.log())


def test_config_interval(t):
    p, d = t.start(platform={"config_interval": 600})
    command = "<BasicParam><Name>gate</Name></BasicParam>"
    for want in ("OK", "ERROR"):
        sn = str(p.serial())
        equal(p.message(lib.manscdp.build("Control", "DeviceConfig", sn, lib.CHANNEL, command), lib.CHANNEL).status,
              200, "DeviceConfig")
        notes = p.wait_notes("DeviceConfig", sn=sn)
        equal(notes and notes[0].body.get("Result"), want, "Result")
    check("main: control-refused command=BasicParam " in d.log(), "not in the log")


lib.main(test, test_config, test_config_interval)
