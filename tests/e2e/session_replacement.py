# SPDX-License-Identifier: MIT
"""When a new INVITE replaces a running session: same Subject, same destination, too many; else it is one more viewer."""

import lib
from lib import check, equal, rtp


def flowing(call):
    count = len(call.media.units)
    return call.media.wait_units(count + 5, 3)


def test_same_subject(t):
    p, d = t.start()
    subject = f"{lib.CHANNEL}:0200000051,{lib.SERVER}:0"
    a = p.invite(lib.CHANNEL, ssrc="0200000051", subject=subject)
    check(a.media.wait_units(3), "no media")
    b = p.invite(lib.CHANNEL, ssrc="0200000052", subject=subject)
    equal(b.status, 200, "second INVITE")
    check(b.media.wait_units(3), "no media at the new session")
    check(a.silent(), "the old session still sends")
    equal(len(d.status()["sessions"]), 1, "sessions")
    b.close()


def test_empty_sequences_do_not_replace(t):
    p, d = t.start()
    calls = []
    for n, subject in enumerate((f"{lib.CHANNEL}:0,{lib.SERVER}:0", f"{lib.CHANNEL}:0,{lib.SERVER}:0",
                                 f"{lib.CHANNEL}:,{lib.SERVER}:")):
        calls.append(p.invite(lib.CHANNEL, ssrc=f"020000006{n}", subject=subject))
        equal(calls[-1].status, 200, "INVITE")
        check(calls[-1].media.wait_units(3), "no media")
    check(all(flowing(c) for c in calls), "a viewer was replaced")
    equal(len(d.status()["sessions"]), 3, "sessions")
    for call in calls:
        call.close()


def test_same_destination(t):
    p, d = t.start()
    a = p.invite(lib.CHANNEL, ssrc="0200000071")
    check(a.media.wait_units(3), "no media")
    a.media.assembler.ssrc = None
    b = p.invite(lib.CHANNEL, ssrc="0200000072", receiver=a.media)
    equal(b.status, 200, "second INVITE")
    check(d.wait_status(lambda s: len(s["sessions"]) == 1 and s["sessions"][0]["ssrc"] in (200000072, "0200000072")),
          "the old session of the same destination is left")
    b.close()
    p.errors = [e for e in p.errors if "media from" not in e]


def test_max_per_channel(t):
    p, d = t.start(media={"max_per_channel": 2}, channels=2)
    calls = [p.invite(lib.CHANNEL, ssrc=f"020000008{n}") for n in range(2)]
    other = p.invite(lib.channel_id(2), ssrc="0200000089")
    check(all(c.media.wait_units(3) for c in calls), "no media")
    third = p.invite(lib.CHANNEL, ssrc="0200000083")
    equal(third.status, 200, "third INVITE")
    check(third.media.wait_units(3), "no media at the third")
    check(calls[0].silent(), "the oldest session still sends")
    check(flowing(calls[1]) and flowing(other), "another session than the oldest was ended")
    for call in (calls[1], third, other):
        call.close()


lib.main(test_same_subject, test_empty_sequences_do_not_replace, test_same_destination, test_max_per_channel)
