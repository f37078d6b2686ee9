# SPDX-License-Identifier: MIT
"""SRS sends its INVITE before the 200 to REGISTER: it is accepted."""

import lib
from lib import check, equal


def test(t):
    p = t.platform()
    calls = []

    def early(msg, default):
        answer = default()
        if answer.status != 200 or calls or msg.get("Expires") == "0":
            return answer
        calls.append(p.invite(lib.DEVICE, style="srs", media="tcp-passive", wait=False, route=msg.route))
        p._later(0.4, lambda: p.reply(msg, answer))
        return None
    p.hooks["REGISTER"] = early
    t.daemon(t.config(p, platform={"transport": "tcp"}))
    check(p.wait(lambda: calls, 8), "no REGISTER")
    call = calls[0]
    call.finish(p.final(call.invite))
    equal(call.status, 200, "early INVITE")
    check(call.media.wait_units(5), "no media")
    check(p.wait_online(), "not online")
    count = len(call.media.units)
    check(call.media.wait_units(count + 5), "the stream did not survive the registration")
    call.close()


lib.main(test)
