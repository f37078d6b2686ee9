# SPDX-License-Identifier: MIT
"""CANCEL: 200; the INVITE ends in 487, or in its 200 that a BYE then ends; an unknown one gets 481."""

import lib
from lib import check, equal


def test(t):
    """The answer is quick here, so both outcomes of the race are right; what counts is that nothing is left."""
    p, d = t.start()
    call = p.invite(lib.CHANNEL, wait=False)
    answer = call.cancel()
    check(answer is not None and answer.status in (200, 481), f"CANCEL: {answer}")
    final = p.final(call.invite)
    check(final is not None and final.status in (200, 487), f"INVITE: {final}")
    call.finish(final)
    if final.status == 200:
        equal(call.close().status, 200, "BYE")
    check(d.wait_status(lambda s: not s["sessions"]), "session is left")


def test_unknown(t):
    p, _ = t.start()
    call = p.invite(lib.CHANNEL)
    check(call.media.wait_units(3), "no media")
    msg = call.make("CANCEL", cseq=call.invite.cseq + 7, uri=call.invite.uri, branch="z9hG4bKnone",
                    call_id="nobody@127.0.0.1", to_tag="")
    equal(p.request(msg).status, 481, "CANCEL of nothing")
    call.cancel()                           # too late: changes nothing
    count = len(call.media.units)
    check(call.media.wait_units(count + 10), "a late CANCEL stopped the stream")
    call.close()


lib.main(test, test_unknown)
