# SPDX-License-Identifier: MIT
"""A receiver that reads nothing while a playback over TCP is paused, for longer than the time-out of a blocked
connection: the socket is full, but the session stays and nothing is lost."""

import lib
from lib import check, equal

from _playback import FPS, invite, frames, same
from _records import HOUR, last_hour


def command(call, text):
    equal(call.info(text).status, 200, text)


def test(t):
    path = t.clip(size="1280x720", frames=50, gop=25, noise=60, qp=20)
    p, d = t.start(source=f"sim:{path}")
    start = last_hour() - 2 * HOUR
    call = invite(p, start, start + HOUR, media="tcp-passive")
    equal(call.status, 200, "INVITE")
    check(call.media.wait_units(5), "no media")
    call.media.paused = True
    command(call, "PLAY RTSP/1.0\r\nCSeq: 1\r\nScale: 3.0\r\n")
    # the socket is full
    before = lib.settles(lambda: d.status()["sessions"][0]["frames"], 1, 30, "count of frames")
    command(call, "PAUSE RTSP/1.0\r\nCSeq: 2\r\n")
    lib.stays(lambda: call.ended_by_device, False, 25, "BYE while paused")
    command(call, "PLAY RTSP/1.0\r\nCSeq: 3\r\nScale: 1.0\r\n")
    lib.stays(lambda: call.ended_by_device, False, 3, "BYE after PLAY, before the receiver reads")
    call.media.paused = False
    check(call.media.wait_units(before + FPS), "no media afterwards")
    got = call.media.assembler.video()
    same(got, frames(0, len(got), lib.clip_units(path)), "frames across the pause")
    equal(call.media.faults, [], "faults")
    call.close()


lib.main(test)
