# SPDX-License-Identifier: MIT
"""Impossible playbacks are refused and logged: no recording, invalid times, unknown channel."""

import time

import lib
from lib import check, equal

from _playback import invite
from _records import HOUR, last_hour


def test(t):
    p, d = t.start()
    start, now = last_hour() - HOUR, int(time.time())
    for session in ("Playback", "Download"):
        equal(invite(p, now + HOUR, now + 2 * HOUR, session).status, 404, "of the future")
        equal(invite(p, 1000000000, 1000000600, session).status, 404, "of 2001")
        equal(invite(p, 0, 0, session).status, 488, "t=0 0")
        equal(invite(p, start + 60, start, session).status, 488, "backwards")
        equal(invite(p, start, start, session).status, 488, "of no length")
        equal(invite(p, start, start + 60, session, channel="34020000001310000099").status, 404,
              "of an unknown channel")
        equal(invite(p, start, start + 60, session, y="x", extra=["a=stream:1"]).status, 404,
              "of a stream that is not recorded")
    check('reason="no recording"' in d.log(), "no recording: in the log")
    check('start=0 stop=0 reason="unsupported offer"' in d.log(), "times: in the log")
    equal(d.status()["sessions"], [], "sessions")
    equal(invite(p, start, start + 60, "Talk").status, 488, "Talk")


def test_selection(t):
    """u= names the channel, even if the INVITE is for the device ID; times since 1900 (NTP) are converted; without y=
    one starting with 1 is generated."""
    p, _ = t.start(channels=2)
    start = last_hour() - HOUR
    second = lib.channel_id(2)
    call = invite(p, start, start + 60, target=lib.DEVICE, source=f"{second}:3")
    equal((call.status, call.answer.origin), (200, second), "answer")
    call.close()
    call = invite(p, start + 2208988800, start + 60 + 2208988800)
    equal((call.status, call.answer.time), (200, f"{start} {start + 60}"), "answer")
    call.close()
    call = invite(p, start, start + 60, y=None, ssrc=None)
    equal((call.status, call.answer.y[0], len(call.answer.y)), (200, "1", 10), "y=")
    check(call.media.wait_units(3), "no media")
    call.close()


def test_type(t):
    """2022: u= has the type of recording: 0 all, 1 manual, 2 alarm, 3 time."""
    p, _ = t.start(platform={"version": "2022"})
    end = last_hour() // (6 * HOUR) * 6 * HOUR          # an hour with an alarm, from minute 10 to 12
    hour = end if end < last_hour() else end - 6 * HOUR
    for kind, status in ((0, 200), (1, 404), (2, 404), (3, 200)):
        call = invite(p, hour + 2000, hour + 2060, source=f"{lib.CHANNEL}:{kind}")
        equal(call.status, status, f"type {kind}")
        call.close()
    call = invite(p, hour, hour + HOUR, source=f"{lib.CHANNEL}:2")
    equal(call.status, 200, "the alarm's")
    call.close()


def test_replaced(t):
    """A new INVITE with the same times, port and y= replaces the playback; with another y= or other times it is another
    one."""
    p, d = t.start()
    start = last_hour() - HOUR
    first = invite(p, start, start + 600)
    check(first.media.wait_units(5), "no media")
    again = invite(p, start, start + 600, receiver=first.media)
    equal(again.status, 200, "INVITE")
    check(d.wait_status(lambda s: [x["call"] for x in s["sessions"]] == [2]), "the first session is left")
    others = [invite(p, start, start + 600, receiver=first.media, ssrc="1200000002"),
              invite(p, start + 1, start + 600, receiver=first.media, ssrc="1200000003")]
    check(d.wait_status(lambda s: len(s["sessions"]) == 3), "another y=, other times")
    for other in others:
        other.bye()
    again.bye()
    first.close_media()


lib.main(test, test_selection, test_type, test_replaced)
