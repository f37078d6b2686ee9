# SPDX-License-Identifier: MIT
"""TEARDOWN ends the media immediately. If no BYE of the platform follows within 5 s, the device sends its own."""

import lib
from lib import check, equal


def torn_down(t):
    p, d = t.start()
    call = p.invite(lib.CHANNEL)
    check(call.media.wait_units(3), "no media")
    equal(call.info("TEARDOWN RTSP/1.0\r\nCSeq: 2\r\n").status, 200, "TEARDOWN")
    check(call.silent(), "media after TEARDOWN")
    check(d.wait_status(lambda s: not s["sessions"]), "the session is left")
    equal([e["why"] for e in d.status()["ended"]], ["TEARDOWN"], "why")
    return p, call


def test_no_bye(t):
    p, call = torn_down(t)
    start = next(m.time for m in p.log if m.sent and m.is_request and m.method == "INFO")
    check(call.wait_bye(8), "no BYE of the device")
    took = p.received("BYE")[0].time - start
    check(4.9 < took < 6 * lib.SLOW, f"BYE {took:.1f} s after TEARDOWN")


def test_bye(t):
    p, call = torn_down(t)
    equal(call.bye().status, 200, "BYE")
    lib.stays(lambda: p.received("BYE"), [], 5, "BYE of the device")


lib.main(test_no_bye, test_bye)
