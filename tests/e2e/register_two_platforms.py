# SPDX-License-Identifier: MIT
"""Two platforms at the same time, one channel."""

import lib
from lib import check, equal


def test(t):
    a = t.platform()
    b = t.platform(server_id="44010000002000000001", password="other-secret",
                   registrar=lib.Registrar(challenge=lib.Challenge(realm="4401000000", qop="auth")))
    d = t.daemon(t.config(a, b))
    check(a.wait_online(), "not online at the first")
    check(b.wait_online(), "not online at the second")
    calls = [a.invite(lib.CHANNEL, ssrc="0200000011"), b.invite(lib.CHANNEL, ssrc="0100000012")]
    for call in calls:
        equal(call.status, 200, "INVITE")
        check(call.media.wait_units(10), "no media")
    # one of them goes down; the other is not affected
    a.registrar.silent = True
    a.close_calls = calls[0].close()
    count = len(calls[1].media.units)
    check(calls[1].media.wait_units(count + 20), "the second stream has stopped")
    check(not calls[1].media.faults, calls[1].media.faults[:3])
    equal(calls[1].close().status, 200, "BYE")
    equal([p["name"] for p in d.status()["platforms"]], ["main", "second"], "platforms in status")


lib.main(test)
