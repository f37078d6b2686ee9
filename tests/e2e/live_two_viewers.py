# SPDX-License-Identifier: MIT
"""Two viewers of one channel, over UDP and TCP, then several channels; each ends on its own."""

import lib
from lib import check, equal


def test(t):
    p, d = t.start()
    a = p.invite(lib.CHANNEL, ssrc="0200000021")
    check(a.media.wait_units(10), "no media at the first")
    b = p.invite(lib.CHANNEL, ssrc="0200000022", media="tcp-passive")
    check(b.media.wait_units(10), "no media at the second")
    equal(len(d.status()["sessions"]), 2, "sessions")
    equal(d.status()["channels"][0]["viewers"], 2, "viewers of the channel")
    equal(a.close().status, 200, "BYE")
    count = len(b.media.units)
    check(b.media.wait_units(count + 20), "the second stopped with the first")
    for call in (a, b):
        equal(call.media.faults, [], "faults")
        lib.runs(call.media.assembler.video(), lib.clip_units())
    b.close()
    check(d.wait_status(lambda s: not s["sessions"] and s["channels"][0]["viewers"] == 0), "sessions are left")


def test_channels(t):
    p, d = t.start(channels=4)
    calls = [p.invite(lib.channel_id(n), ssrc=f"020000003{n}") for n in range(1, 5)]
    for call in calls:
        equal(call.status, 200, "INVITE")
        check(call.media.wait_units(20), "no media")
    equal(len(d.status()["sessions"]), 4, "sessions")
    equal(calls[2].close().status, 200, "BYE")
    for n in (0, 1, 3):
        count = len(calls[n].media.units)
        check(calls[n].media.wait_units(count + 10), "another session stopped, too")
        equal(calls[n].media.faults, [], "faults")
        calls[n].close()


lib.main(test, test_channels)
