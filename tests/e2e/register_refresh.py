# SPDX-License-Identifier: MIT
"""A small granted Expires is obeyed: refreshed in time, same Call-ID, rising CSeq, the stream goes on."""

import time

import lib
from lib import check, equal, Registrar


def test(t):
    p, _ = t.start(registrar=Registrar(granted=6))
    call = p.invite(lib.CHANNEL)
    equal(call.status, 200, "INVITE")
    first = p.wait_registered()
    check(p.wait(lambda: p.wait_registered().registrations >= 3, 14 * lib.SLOW), "no two refreshes in 14 s")
    requests = p.received("REGISTER")
    equal({m.call_id for m in requests}, {first.call_id}, "Call-IDs")
    cseqs = [m.cseq for m in requests]
    equal(cseqs, list(range(cseqs[0], cseqs[0] + len(cseqs))), "CSeqs")
    fresh = [m for m in requests if not m.get("Authorization")]
    for a, b in zip(fresh, fresh[1:]):
        check(1.0 <= b.time - a.time <= 5.9, f"refresh after {b.time - a.time:.1f} s of 6")
    check(len(fresh) == len(requests) / 2, "a refresh carried an old Authorization")
    time.sleep(0.3)
    check(not call.media.faults, call.media.faults[:3])
    check(len(call.media.units) > 50, "the stream has stopped")
    equal(call.close().status, 200, "BYE")


def test_refresh_without_challenge(t):
    """WVP: a REGISTER with a known Call-ID is answered 200 at once."""
    p, _ = t.start(registrar=Registrar(granted=4, trust_call_id=True))
    check(p.wait(lambda: p.wait_registered().registrations >= 3, 12 * lib.SLOW), "no two refreshes")


def test_bare_200(t):
    """A 200 with neither Contact nor Expires nor Date is good."""
    p, d = t.start(registrar=Registrar(contact=False, expires_header=False, date=None))
    check(d.wait_state("online"), "not online")


lib.main(test, test_refresh_without_challenge, test_bare_200)
