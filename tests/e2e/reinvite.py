# SPDX-License-Identifier: MIT
"""A re-INVITE: 200 with the same address, and the stream goes on."""

import lib
from lib import check, equal, sdp


def test(t):
    p, d = t.start()
    call = p.invite(lib.CHANNEL)
    check(call.media.wait_units(5), "no media")
    answer = call.reinvite()
    equal(answer.status, 200, "re-INVITE")
    again = sdp.parse_answer(answer.body)
    equal((again.bad, again.ip, again.port, again.y), ([], call.answer.ip, call.answer.port, call.answer.y), "answer")
    equal(answer.to_tag, call.response.to_tag, "To tag")
    count = len(call.media.units)
    check(call.media.wait_units(count + 20), "the stream stopped")
    equal(call.media.faults, [], "faults")
    equal(len(d.status()["sessions"]), 1, "sessions")
    equal(call.close().status, 200, "BYE")


lib.main(test)
