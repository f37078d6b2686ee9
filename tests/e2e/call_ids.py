# SPDX-License-Identifier: MIT
"""Calls are dialogs: several with one Call-ID are distinguished by the platform's tag; late requests have no effect."""

import lib
from lib import check, equal

CALL_ID = "one@127.0.0.1"


def flowing(call):
    return call.media.wait_units(len(call.media.units) + 5, 3)


def two(t, channels):
    """Two calls with one Call-ID and different tags."""
    p, d = t.start(channels=2)
    calls = [p.invite(channel, ssrc=f"020000020{n}", edit=lambda m: m.set("Call-ID", CALL_ID))
             for n, channel in enumerate(channels)]
    equal([c.status for c in calls], [200, 200], "INVITE")
    check(all(c.media.wait_units(3) for c in calls), "no media")
    equal(len(d.status()["sessions"]), 2, "sessions")
    return p, d, calls


def test_one_call_id(t):
    """Two views of one channel: each BYE ends its own, a second BYE ends nothing."""
    p, d, (a, b) = two(t, (lib.CHANNEL, lib.CHANNEL))
    check(flowing(a) and flowing(b), "a view was replaced by the other")
    equal(b.bye().status, 200, "BYE")
    check(b.silent(), "media after BYE")
    equal(b.bye().status, 481, "a second BYE")
    check(flowing(a), "the other view was ended")
    equal(a.bye().status, 200, "BYE of the other")
    check(d.wait_status(lambda s: not s["sessions"]), "the session is left")


def test_other_tags(t):
    """A BYE that matches no dialog ends the call of the channel that it names, if unambiguous; otherwise 481."""
    p, d, (a, b) = two(t, (lib.CHANNEL, lib.channel_id(2)))
    equal(a.bye(from_tag="other", to_tag="others", uri="sip:nobody@127.0.0.1").status, 200, "To names the channel")
    check(a.silent(), "media after BYE")
    check(flowing(b), "the other view was ended")
    b.bye()
    p, d, (a, b) = two(t, (lib.CHANNEL, lib.CHANNEL))
    equal(a.bye(from_tag="other", to_tag="others").status, 481, "both are views of that channel")
    check(flowing(a) and flowing(b), "a view was ended")
    equal(a.bye(from_tag="other").status, 200, "identified by our tag")
    check(a.silent() and flowing(b), "another call ended")
    b.bye()


def test_late(t):
    """A CSeq lower than the dialog's last: 500 to INFO and re-INVITE, but BYE ends the call."""
    p, d = t.start()
    call = p.invite(lib.CHANNEL)
    check(call.media.wait_units(3), "no media")
    first = call.cseq
    call.cseq += 2
    equal(call.info("PLAY RTSP/1.0\r\nCSeq: 1\r\nRange: npt=now-\r\n").status, 200, "INFO")
    pause = call.make("INFO", cseq=first + 1, body=b"PAUSE RTSP/1.0\r\nCSeq: 2\r\n",
                      content_type="Application/MANSRTSP")
    equal(p.request(pause).status, 500, "a late INFO")
    equal(call.reinvite(cseq=first + 2).status, 500, "a late re-INVITE")
    check(flowing(call), "it had an effect")
    equal(call.bye(cseq=first + 1).status, 200, "BYE")
    check(call.silent(), "media after BYE")


lib.main(test_one_call_id, test_other_tags, test_late)
