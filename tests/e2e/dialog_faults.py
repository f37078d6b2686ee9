# SPDX-License-Identifier: MIT
"""Dialog faults of real platforms: each BYE is answered 200 and ends the stream."""

import lib
from lib import check, equal


def ends(t, **bent):
    p, d = t.start()
    call = p.invite(lib.CHANNEL)
    check(call.media.wait_units(3), "no media")
    answer = call.bye(**{k: v(call) if callable(v) else v for k, v in bent.items()})
    equal(answer and answer.status, 200, f"BYE with {bent}")
    check(call.silent(), "media after BYE")
    check(d.wait_status(lambda s: not s["sessions"]), "the session is left")
    return p, call, answer


def test_bye_with_ack_in_cseq(t):
    """LAL."""
    _, call, answer = ends(t, cseq_text=lambda c: f"{c.invite.cseq + 1} ACK")
    equal(answer.get("CSeq"), f"{call.invite.cseq + 1} ACK", "CSeq")


def test_other_from_uri(t):
    """WVP."""
    ends(t, from_uri="sip:34020000002000000001@127.0.0.1:5060", rport=False)


def test_other_tags_and_lower_cseq(t):
    """AKStream."""
    ends(t, from_tag="other", to_tag="others", cseq=1)


def test_no_to_tag(t):
    ends(t, to_tag="")


def test_branch_of_the_invite(t):
    """SIPSorcery, GOGB."""
    ends(t, branch=lambda c: c.invite.branch)


def test_branch_of_the_ack(t):
    """LAL."""
    p, d = t.start()
    call = p.invite(lib.CHANNEL, ack=False)
    call.send_ack(branch="z9hG4bKackandbye001")
    check(call.media.wait_units(3), "no media")
    equal(call.bye(branch="z9hG4bKackandbye001").status, 200, "BYE")
    check(call.silent(), "media after BYE")


def test_ack_with_other_uri(t):
    """WVP: the ACK is addressed to the user of the answer's o= line."""
    p, _ = t.start()
    call = p.invite(lib.CHANNEL, ack=False)
    call.send_ack(uri=f"sip:{call.answer.origin}@127.0.0.1:1", branch=call.invite.branch)
    check(call.media.wait_units(3), "no media")
    call.close()


def test_second_bye(t):
    p, call, _ = ends(t)
    check(call.bye().status in (200, 481), "second BYE")


def test_unknown_bye(t):
    p, _ = t.start()
    call = p.invite(lib.CHANNEL)
    check(call.media.wait_units(3), "no media")
    equal(p.request(call.make("BYE", call_id="unknown@127.0.0.1")).status, 481, "BYE of an unknown call")
    count = len(call.media.units)
    check(call.media.wait_units(count + 5), "the stream stopped")
    call.close()


def test_info(t):
    """INFO in the dialog is answered 200, outside of it 481."""
    p, _ = t.start()
    call = p.invite(lib.CHANNEL)
    check(call.media.wait_units(3), "no media")
    answer = call.info("PLAY RTSP/1.0\r\nCSeq: 2\r\nRange: npt=now-\r\n")
    check(answer is not None, "INFO was not answered")
    equal(p.request(call.make("INFO", call_id="unknown@127.0.0.1")).status, 481, "INFO of an unknown call")
    call.close()


lib.main(test_bye_with_ack_in_cseq, test_other_from_uri, test_other_tags_and_lower_cseq, test_no_to_tag,
         test_branch_of_the_invite,
         test_branch_of_the_ack, test_ack_with_other_uri, test_second_bye, test_unknown_bye, test_info)
