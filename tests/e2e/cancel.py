# SPDX-License-Identifier: MIT
"""CANCEL is answered 200 and the INVITE 487, or 200 if that came first; CANCEL of an unknown INVITE is answered 481."""

import lib
from lib import check, equal


def test(t):
    """The race may have either outcome; no session may be left."""
    p, d = t.start()
    call = p.invite(lib.CHANNEL, wait=False)
    answer = call.cancel()
    check(answer is not None and answer.status in (200, 481), f"CANCEL: {answer}")
    final = p.final(call.invite)
    check(final is not None and final.status in (200, 487), f"INVITE: {final}")
    call.finish(final)
    if final.status == 200:
        equal(call.close().status, 200, "BYE")
    check(d.wait_status(lambda s: not s["sessions"]), "the session is left")


def test_unknown(t):
    p, _ = t.start()
    call = p.invite(lib.CHANNEL)
    check(call.media.wait_units(3), "no media")
    msg = call.make("CANCEL", cseq=call.invite.cseq + 7, uri=call.invite.uri, branch="z9hG4bKnone",
                    call_id="nobody@127.0.0.1", to_tag="")
    equal(p.request(msg).status, 481, "CANCEL of an unknown INVITE")
    call.cancel()                           # too late: no effect
    count = len(call.media.units)
    check(call.media.wait_units(count + 10), "a late CANCEL stopped the stream")
    call.close()


lib.main(test, test_unknown)
