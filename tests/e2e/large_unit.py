# SPDX-License-Identifier: MIT
"""A picture of 10 MB comes byte for byte; one that is a byte larger is dropped, counted, and the stream goes on with the next
key frame."""

import lib
from lib import check, equal

LIMIT = 10 * 1024 * 1024


def padded(unit, size):
    """The access unit with filler data (H.264 7.3.2.7) behind its slice."""
    return unit + b"\0\0\0\1\x0c" + b"\xff" * (size - len(unit) - 6) + b"\x80"


def test(t):
    small = lib.clip_units()
    units = [padded(small[0], LIMIT), small[1], padded(small[0], LIMIT + 1), small[1]]
    path = t.folder / "large.h264"
    path.write_bytes(b"".join(units))
    p, d = t.start(source=f"sim:{path}", channel={"fps": 4})
    call = p.invite(lib.CHANNEL, media="tcp-passive")
    equal(call.status, 200, "INVITE")
    # On a busy machine a live unit may lose its end; it comes again every second.
    call.media.assembler.expect_gaps = True
    check(call.media.wait(lambda a: any(u.ps and len(u.ps.video) == LIMIT for u in a.units), 15), "no picture of 10 MB")
    status = d.wait_status(lambda s: s["channels"][0]["too_large"] >= 1)
    check(status, "the larger picture is not counted")
    before = len(call.media.units)
    check(call.media.wait_units(before + 2, 15), "the stream ends with the larger picture")
    equal(call.close().status, 200, "BYE")
    got = call.media.assembler.video()
    check(all(u in units and len(u) <= LIMIT for u in got), "what came is not the source's")
    check(units[0] in got, "the picture of 10 MB is another one")
    channel = d.status()["channels"][0]
    equal((channel["bad"], channel["clock_jumps"]), (0, 0), "other faults")
    check(d.status()["ended"][0]["why"] == "BYE", "why the session ended")


def test_udp(t):
    """In paced bursts of nearly 2,000 packets; of those pictures that the receiver here had the time for one is whole."""
    small = lib.clip_units()
    units = [padded(small[0], LIMIT), small[1]]
    path = t.folder / "large.h264"
    path.write_bytes(b"".join(units))
    p, d = t.start(source=f"sim:{path}", channel={"fps": 4})
    call = p.invite(lib.CHANNEL, expect_gaps=True)
    equal(call.status, 200, "INVITE")
    check(call.media.wait(lambda a: any(u.ps and u.ps.video == units[0] for u in a.units), 20), "no picture of 10 MB")
    session = d.status()["sessions"][0]
    equal((session["dropped_frames"], session["send_errors"]), (0, 0), "the sender's faults")
    check(session["calls"] <= 40 * session["frames"], f"{session['calls']} calls for {session['frames']} units")
    equal(call.close().status, 200, "BYE")
    check(all(u in units for u in call.media.assembler.video()), "what came is not the source's")


lib.main(test, test_udp)
