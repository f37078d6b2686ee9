# SPDX-License-Identifier: MIT
"""TeleBoot: 200 first, then BYE and unregistering, the board a second later at the earliest; no Response; and the
device comes back. A second one within control_interval is refused."""

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
    check("sim: restarts" not in d.log(), "the board restarted before the answer")
    check(p.wait(lambda: not p.devices, 5), "not unregistered")
    equal(p.received("REGISTER")[first].get("Expires"), "0", "Expires")
    check(call.ended_by_device, "no BYE for the call")
    check(d.wait_log("sim: restarts", 5), "the board was not told")
    check(time.monotonic() - start >= 1.0, "within a second")
    check(d.wait_state("online", timeout=10), "it did not come back")
    check(not p.find_notes("DeviceControl", sn), "TeleBoot wants no business answer")
    call = p.invite(lib.CHANNEL)
    check(call.media.wait_units(5), "no media after the restart")
    call.bye()
    # The link is a new one, the time since the last restart is not.
    equal(p.control(lib.DEVICE, "<TeleBoot>Boot</TeleBoot>")[0].status, 200, "TeleBoot")
    check(d.wait_log("main: TeleBoot refused: the last one was less than 60 s ago"), "a second restart at once")
    check(p.devices and d.log().count("sim: restarts") == 1, "it restarted again")


def test_interval(t):
    p, d = t.start(platform={"control_interval": 600})
    p.control(lib.DEVICE, "<TeleBoot>Reboot now</TeleBoot>")        # no such word: does not count
    p.control(lib.DEVICE, "<FormatSDCard>1</FormatSDCard>")
    check(d.wait_log("card 1 is formatted"), "the first one was refused")
    p.control(lib.DEVICE, "<FormatSDCard>1</FormatSDCard>")
    check(d.wait_log("main: FormatSDCard of 34020000001320000001 refused"), "the second one was not refused")
    equal(d.log().count("card 1 is formatted"), 1, "formatted")
    check("restarts" not in d.log(), "a word that is not Boot restarts the board")


lib.main(test, test_interval)
