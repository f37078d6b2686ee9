# SPDX-License-Identifier: MIT
"""Lost frames are reported: a daemon that is stopped for a second does not read them from its camera. The status counts
them, the timestamps have the gap, and nothing else is wrong."""

import signal

import lib
from lib import check, equal


def test(t):
    p, d = t.start(channel={"fps": 50})
    call = p.invite(lib.CHANNEL, media="tcp-passive")
    equal(call.status, 200, "INVITE")
    check(call.media.wait_units(20), "no media")
    channel = d.status()["channels"][0]
    equal((channel["lost"], channel["too_large"], channel["bad"], channel["source_losses"]), (0, 0, 0, 0),
          "faults before")
    d.signal(signal.SIGSTOP)
    lib.until(lambda: lib.process_state(d.proc.pid) == "T", 2, "not stopped")
    lib.stays(lambda: lib.process_state(d.proc.pid), "T", 1, "process state")
    d.signal(signal.SIGCONT)
    status = d.wait_status(lambda s: s["channels"][0]["lost"] >= 30)
    check(status, "a second's frames are not counted as lost")
    before = len(call.media.units)
    check(call.media.wait_units(before + 60), "the stream has stopped")
    equal(call.close().status, 200, "BYE")
    equal(call.media.faults, [], "faults")
    lost = status["channels"][0]["lost"]
    pts = [u.ps.pts for u in call.media.units]
    gaps = [round((b - a) / 1800) for a, b in zip(pts, pts[1:])]
    end = d.status()["channels"][0]
    check(lost <= sum(gaps) - len(gaps) <= end["lost"],
          f"the timestamps leave out {sum(gaps) - len(gaps)} frames, {lost} lost")
    equal(end["clock_jumps"], 0, "clock jumps, but the source's clock did not jump")
    check("lost" in d.ctl("status"), "not in the text of the status")


lib.main(test)
