# SPDX-License-Identifier: MIT
"""Main and sub stream, by each of the ways platforms say which: a=streamnumber, stream, streamprofile, streamMode, Subject."""

import lib
from lib import check, equal


def serve(t, first, wanted, **kw):
    """An INVITE to a channel whose main stream is the shipped clip, its first sub stream another: the pictures are `wanted`'s."""
    for n, (text, units) in enumerate(wanted, first):
        ssrc = f"02000002{n:02d}"
        call = t.p.invite(lib.CHANNEL, ssrc=ssrc, **(kw | text))
        equal(call.status, 200, f"{text}")
        check(call.media.wait_units(4), f"{text}: no media")
        lib.runs(call.media.assembler.video(), units)
        equal((call.close().status, call.media.faults), (200, []), f"{text}")


def begin(t):
    sub = t.clip("sub.h264", size="320x240", frames=50, gop=25)
    t.p, t.d = t.start(channel={"source1": f"sim:{sub}", "fps": 25})
    return lib.clip_units(), lib.clip_units(sub)


def subject(sequence):
    return f"{lib.CHANNEL}:{sequence},{lib.SERVER}:7"


def test_sdp(t):
    main, sub = begin(t)
    serve(t, 1, [({"extra": [f"a={text}"]}, units) for text, units in (
        ("stream:1", sub), ("streamnumber:1", sub), ("streamprofile:1", sub), ("streamMode:sub", sub), ("streamMode:Sub", sub),
        ("stream:0", main), ("streamnumber:0", main), ("streamMode:MAIN", main), ("stream:9", main), ("streamMode:x", main))])
    # What the SDP says overrules the Subject.
    serve(t, 20, [({"extra": ["a=streamnumber:1"], "subject": subject(0)}, sub),
                  ({"extra": ["a=streamMode:main"], "subject": subject(1)}, main)], media="tcp-passive")


def test_subject(t):
    main, sub = begin(t)
    serve(t, 1, [({"subject": subject(text)}, units) for text, units in (
        ("1", sub), ("0", main), ("0200000001", main), ("1000000001", main), ("2", main))])


def test_both(t):
    """One viewer of each: they are two sessions, of two streams."""
    main, sub = begin(t)
    a = t.p.invite(lib.CHANNEL, ssrc="0200000301")
    b = t.p.invite(lib.CHANNEL, ssrc="0200000302", extra=["a=streamMode:sub"])
    check(a.media.wait_units(20) and b.media.wait_units(20), "no media")
    equal(len(t.d.status()["sessions"]), 2, "sessions")
    for call, units in ((a, main), (b, sub)):
        call.close()
        lib.runs(call.media.assembler.video(), units)


lib.main(test_sdp, test_subject, test_both)
