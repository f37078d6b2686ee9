# SPDX-License-Identifier: MIT
"""gbagentctl: status as text and as JSON, sessions, idr, log level, invalid commands."""

import os
import stat

import lib
from lib import check, equal


def test(t):
    p, d = t.start(channels=2)
    call = p.invite(lib.CHANNEL)
    check(call.media.wait_units(30), "no media")
    text = d.ctl("status")
    for word in (lib.DEVICE, "main", "online", f"127.0.0.1:{p.port}", lib.CHANNEL):
        check(word in text, f"no {word} in\n{text}")
    s = d.status()
    equal((s["pid"], s["device"], s["version"]), (d.proc.pid, lib.DEVICE, (lib.ROOT / "VERSION").read_text().strip()),
          "head")
    entry = s["platforms"][0]
    equal((entry["state"], entry["server"], entry["registrations"], entry["misses"]), ("online", f"127.0.0.1:{p.port}",
                                                                                       1, 0), "platform")
    channel = s["channels"][0]
    equal([channel[key] for key in ("lost", "too_large", "bad", "before_key", "source_losses", "clock_jumps")], [0] * 6,
          "faults")
    check("before key" in text, "no count of frames before the key frame")
    session = s["sessions"][0]
    for key in ("call", "peer", "ssrc", "state", "frames", "packets", "bytes", "dropped_frames", "dropped_packets",
                "send_errors", "bitrate", "age_s"):
        check(key in session, f"no {key} in the session")
    equal(session["peer"], f"127.0.0.1:{call.media.port}", "peer")
    check(session["bytes"] > 10000 and session["packets"] >= 30, f"counters {session}")
    check(lib.CHANNEL in d.ctl("sessions"), "sessions as text")
    d.ctl("idr", lib.CHANNEL)
    d.ctl("idr", "34020000001310000099", ok=False)
    for wrong in (["nonsense"], ["log", "loud"], ["alarm", "x" * 5000]):
        d.ctl(*wrong, ok=False)
    d.ctl("log", "error")
    size = len(d.log())
    p.query("DeviceInfo", lib.DEVICE)
    equal(len(d.log()), size, "size of the log at level error")
    equal(stat.S_IMODE(os.stat(d.socket).st_mode), 0o600, "mode of the control socket")
    call.close()
    check(d.wait_status(lambda s: s["ended"] and s["ended"][-1]["channel"] == lib.CHANNEL), "ended sessions")


lib.main(test)
