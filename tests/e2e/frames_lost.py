# SPDX-License-Identifier: MIT
"""Pictures that a source lost are shown: a daemon that is stopped for a second does not take them from its camera. They are
counted in the status, time stamps leave the gap that there was, and nothing else is faulty."""

import signal
import time

import lib
from lib import check, equal


def test(t):
    p, d = t.start(channel={"fps": 50})
    call = p.invite(lib.CHANNEL, media="tcp-passive")
    equal(call.status, 200, "INVITE")
    check(call.media.wait_units(20), "no media")
    channel = d.status()["channels"][0]
    equal((channel["lost"], channel["too_large"], channel["bad"], channel["source_losses"]), (0, 0, 0, 0), "faults so far")
    d.signal(signal.SIGSTOP)
    time.sleep(1)
    d.signal(signal.SIGCONT)
    status = d.wait_status(lambda s: s["channels"][0]["lost"] >= 30)
    check(status, "the pictures of a second are not counted as lost")
    before = len(call.media.units)
    check(call.media.wait_units(before + 60), "the stream stands")
    equal(call.close().status, 200, "BYE")
    equal(call.media.faults, [], "faults")
    lost = status["channels"][0]["lost"]
    pts = [u.ps.pts for u in call.media.units]
    gaps = [round((b - a) / 1800) for a, b in zip(pts, pts[1:])]
    end = d.status()["channels"][0]
    check(lost <= sum(gaps) - len(gaps) <= end["lost"], f"{sum(gaps) - len(gaps)} pictures are left out by the time stamps, {lost} lost")
    equal(end["clock_jumps"], 0, "jumps of the clock: it was true all the time")
    check("lost" in d.ctl("status"), "the text does not show it")


lib.main(test)
