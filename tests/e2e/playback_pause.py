# SPDX-License-Identifier: MIT
"""A receiver that reads nothing while a playback over TCP is paused, for longer than a connection that takes nothing is given: the
socket is full, the session stays, and nothing is lost."""

import time

import lib
from lib import check, equal

from _playback import FPS, invite, pictures, same
from _records import HOUR, last_hour


def order(call, text):
    equal(call.info(text).status, 200, text)


def test(t):
    path = t.clip(size="1280x720", frames=50, gop=25, noise=60, qp=20)
    p, d = t.start(source=f"sim:{path}")
    start = last_hour() - 2 * HOUR
    call = invite(p, start, start + HOUR, media="tcp-passive")
    equal(call.status, 200, "INVITE")
    check(call.media.wait_units(5), "no media")
    call.media.paused = True
    order(call, "PLAY RTSP/1.0\r\nCSeq: 1\r\nScale: 3.0\r\n")
    frames = lambda: d.status()["sessions"][0]["frames"]
    before = -1
    while frames() > before:                # until the socket is full
        before = frames()
        time.sleep(1)
    order(call, "PAUSE RTSP/1.0\r\nCSeq: 2\r\n")
    time.sleep(25)
    check(not call.ended_by_device, "a pause ends nothing")
    order(call, "PLAY RTSP/1.0\r\nCSeq: 3\r\nScale: 1.0\r\n")
    time.sleep(3)                           # it begins to read later than it orders
    check(not call.ended_by_device, "nor does what follows it")
    call.media.paused = False
    check(call.media.wait_units(before + FPS), "no media afterwards")
    got = call.media.assembler.video()
    same(got, pictures(0, len(got), lib.clip_units(path)), "nothing is lost by a pause")
    equal(call.media.faults, [], "faults")
    call.close()


lib.main(test)
