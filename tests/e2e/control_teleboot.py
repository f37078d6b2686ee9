# SPDX-License-Identifier: MIT
"""TeleBoot: 200, BYE, unregistration, and at least a second later the restart by the board; no Response; then the
device registers again. A second TeleBoot within control_interval is refused."""

import time

import lib
from lib import check, equal


def test(t):
    p, d = t.start()
    call = p.invite(lib.CHANNEL)
    check(call.media.wait_units(5), "no media")
    first = len(p.received("REGISTER"))
    start = time.monotonic()
    answer, sn = p.control(lib.DEVICE, "<TeleBoot>Boot</TeleBoot>")
    equal(answer.status, 200, "TeleBoot")
    check("sim: restart" not in d.log(), "the board restarted before the answer")
    check(p.wait(lambda: not p.devices, 5), "not unregistered")
    equal(p.received("REGISTER")[first].get("Expires"), "0", "Expires")
    check(call.ended_by_device, "no BYE for the call")
    check(d.wait_log("sim: restart", 5), "the board was not notified")
    check(time.monotonic() - start >= 1.0, "within a second")
    check(d.wait_state("online", timeout=10), "it did not register again")
    check(not p.find_notes("DeviceControl", sn), "a Response to TeleBoot")
    call = p.invite(lib.CHANNEL)
    check(call.media.wait_units(5), "no media after the restart")
    call.bye()
    # A new registration does not reset the time since the last restart.
    equal(p.control(lib.DEVICE, "<TeleBoot>Boot</TeleBoot>")[0].status, 200, "TeleBoot")
    check(d.wait_log("main: control-refused command=TeleBoot reason="), "a second restart immediately")
    check(p.devices and d.log().count("sim: restart") == 1, "it restarted again")


def test_interval(t):
    p, d = t.start(platform={"control_interval": 600})
    p.control(lib.DEVICE, "<TeleBoot>Reboot now</TeleBoot>")        # an invalid value does not count
    p.control(lib.DEVICE, "<FormatSDCard>1</FormatSDCard>")
    check(d.wait_log("sim: format card=1"), "the first one was refused")
    p.control(lib.DEVICE, "<FormatSDCard>1</FormatSDCard>")
    check(d.wait_log("main: control-refused command=FormatSDCard "), "the second one was not refused")
    equal(d.log().count("sim: format card=1"), 1, "formatted")
    check("sim: restart" not in d.log(), "a value other than Boot restarted the board")


lib.main(test, test_interval)
