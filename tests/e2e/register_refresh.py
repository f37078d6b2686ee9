# SPDX-License-Identifier: MIT
"""A short granted Expires is honoured: refreshed in time, same Call-ID, increasing CSeq, and the stream goes on."""

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
    check(call.media.wait_units(max(51, len(call.media.units) + 5)), "the stream has stopped")
    check(not call.media.faults, call.media.faults[:3])
    equal(call.close().status, 200, "BYE")


def test_refresh_without_challenge(t):
    """WVP: a REGISTER with a known Call-ID is answered 200 without a challenge."""
    p, _ = t.start(registrar=Registrar(granted=4, trust_call_id=True))
    check(p.wait(lambda: p.wait_registered().registrations >= 3, 12 * lib.SLOW), "no two refreshes")


def test_bare_200(t):
    """A 200 without Contact, Expires and Date is accepted."""
    p, d = t.start(registrar=Registrar(contact=False, expires_header=False, date=None))
    check(d.wait_state("online"), "not online")


lib.main(test, test_refresh_without_challenge, test_bare_200)
