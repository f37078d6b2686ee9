# SPDX-License-Identifier: MIT
"""A live view over UDP: the answer, RTP, PS, and the clip's access units."""

import lib
from lib import check, equal


def test(t):
    p, d = t.start()
    before = d.fds()
    call = p.invite(lib.CHANNEL)
    equal(call.status, 200, "INVITE")
    answer = call.answer
    equal((answer.origin, answer.session, answer.time, answer.proto, answer.y), (lib.CHANNEL, "Play", "0 0", "RTP/AVP",
                                                                                 "0200000001"),
          "answer")
    equal(lib.sip.user_of(call.response.get("Contact")), lib.CHANNEL, "Contact user")
    check(call.media.wait_units(60, 10), "no 60 access units")
    equal(call.media.faults, [], "faults")
    equal(call.media.peer, (answer.ip, answer.port), "source of the media, and the answer")
    runs = lib.runs(call.media.assembler.video(), lib.clip_units())
    print("runs in the clip:", runs)
    status = d.wait_status(lambda s: s["sessions"])
    session = status["sessions"][0]
    equal((session["channel"], session["transport"], session["platform"]), (lib.CHANNEL, "udp", "main"),
          "session in status")
    check(session["frames"] >= 60 and session["dropped_frames"] == 0, f"counters {session}")
    equal(call.bye().status, 200, "BYE")
    check(call.silent(), "media after BYE")
    check(d.wait_status(lambda s: not s["sessions"] and s["ended"]), "the session is left")
    equal(call.bye(timeout=2).status in (200, 481), True, "second BYE")
    check(d.fds() <= before, f"{d.fds()} descriptors, {before} before")


def test_pace(t):
    """25 frames a second, by the clock and by the timestamps."""
    p, _ = t.start(source=f"sim:{t.clip(size='320x180', frames=50, gop=25)}", channel={"fps": 25})
    call = p.invite(lib.CHANNEL)
    check(call.media.wait_units(10), "no media")
    first = len(call.media.units) - 1
    check(call.media.wait_units(first + 76), "the stream has stopped")
    units = call.media.units
    rate = (len(units) - 1 - first) / (units[-1].time - units[first].time)
    check(22 <= rate <= 28, f"{rate:.1f} frames a second")
    seconds = ((units[-1].timestamp - units[0].timestamp) & 0xffffffff) / 90000
    check(abs(seconds - (units[-1].time - units[0].time)) < 0.4, "timestamps do not follow the clock")
    call.close()


lib.main(test, test_pace)
