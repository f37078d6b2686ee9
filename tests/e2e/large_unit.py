# SPDX-License-Identifier: MIT
"""A frame of 10 MB is received byte for byte; one a byte larger is dropped and counted, and the stream goes on with the
next key frame."""

import lib
from lib import check, equal

LIMIT = 10 * 1024 * 1024


def padded(unit, size):
    """The access unit with filler data (H.264 7.3.2.7) after its slice."""
    return unit + b"\0\0\0\1\x0c" + b"\xff" * (size - len(unit) - 6) + b"\x80"


def test(t):
    small = lib.clip_units()
    units = [padded(small[0], LIMIT), small[1], padded(small[0], LIMIT + 1), small[1]]
    path = t.folder / "large.h264"
    path.write_bytes(b"".join(units))
    p, d = t.start(source=f"sim:{path}", channel={"fps": 4})
    call = p.invite(lib.CHANNEL, media="tcp-passive")
    equal(call.status, 200, "INVITE")
    # On a busy machine a unit may be truncated; it is repeated every second.
    call.media.assembler.expect_gaps = True
    check(call.media.wait(lambda a: any(u.ps and len(u.ps.video) == LIMIT for u in a.units), 15), "no frame of 10 MB")
    status = d.wait_status(lambda s: s["channels"][0]["too_large"] >= 1)
    check(status, "the larger frame is not counted")
    before = len(call.media.units)
    check(call.media.wait_units(before + 2, 15), "the stream ends with the larger frame")
    equal(call.close().status, 200, "BYE")
    got = call.media.assembler.video()
    check(all(u in units and len(u) <= LIMIT for u in got), "received data differs from the source")
    check(units[0] in got, "the frame of 10 MB differs")
    channel = d.status()["channels"][0]
    equal((channel["bad"], channel["clock_jumps"]), (0, 0), "other faults")
    check(d.status()["ended"][0]["why"] == "BYE", "reason of the end")


def test_udp(t):
    """Over UDP in paced bursts of nearly 2,000 packets; a slow receiver may lose some, so one whole frame is enough."""
    small = lib.clip_units()
    units = [padded(small[0], LIMIT), small[1]]
    path = t.folder / "large.h264"
    path.write_bytes(b"".join(units))
    p, d = t.start(source=f"sim:{path}", channel={"fps": 4})
    call = p.invite(lib.CHANNEL, expect_gaps=True)
    equal(call.status, 200, "INVITE")
    check(call.media.wait(lambda a: any(u.ps and u.ps.video == units[0] for u in a.units), 20), "no frame of 10 MB")
    session = d.status()["sessions"][0]
    equal((session["dropped_frames"], session["send_errors"]), (0, 0), "errors of the sender")
    check(session["calls"] <= 40 * session["frames"], f"{session['calls']} calls for {session['frames']} units")
    equal(call.close().status, 200, "BYE")
    check(all(u in units for u in call.media.assembler.video()), "received data differs from the source")


lib.main(test, test_udp)
