# SPDX-License-Identifier: MIT
"""Download: all frames at a=downloadspeed (default: the recording's own speed), the recording's timestamps, the file
size in the answer, and no loss with a slower receiver."""

import lib
from lib import check, equal

from _playback import invite, frames, same, wait_end
from _records import HOUR, last_hour


def test(t):
    p, d = t.start()
    start, want = last_hour() - HOUR, frames(0, 20 * 25)
    call = invite(p, start, start + 20, "Download", 8, media="tcp-passive")
    equal(call.status, 200, "INVITE")
    answer = call.answer
    equal((answer.session, answer.time, answer.y), ("Download", f"{start} {start + 20}", "1200000001"), "answer")
    equal(int(answer.attributes["filesize"]), sum(len(u) for u in want), "filesize")
    equal(d.status()["sessions"][0]["kind"], "download", "kind")
    wait_end(p, call, 15, len(want))
    equal(call.media.faults, [], "faults")
    same(call.media.assembler.video(), want)
    call.media.save(t.folder / "got.ps")
    equal(lib.ffmpeg_video(t.folder / "got.ps", t.folder / "got.h264"), b"".join(want), "what ffmpeg finds")
    units = call.media.units
    real, media = units[-1].time - units[0].time, ((units[-1].timestamp - units[0].timestamp) & 0xffffffff) / 90000
    check(2 < real < 12, f"20 s at 8 times the speed took {real:.1f} s")
    check(abs(media - 19.96) < .001, f"media time {media}, not the recording's")
    equal(call.close().status, 200, "BYE")
    check(d.wait_status(lambda s: not s["sessions"]), "the session is left")


def test_udp(t):
    p, _ = t.start()
    start = last_hour() - HOUR
    call = invite(p, start, start + 10, "Download", 4)
    wait_end(p, call, 15, 250)
    equal(call.media.faults, [], "faults")
    same(call.media.assembler.video(), frames(0, 250))
    call.close()


def test_no_speed(t):
    """The default of a=downloadspeed is 1."""
    p, _ = t.start()
    start = last_hour() - HOUR
    call = invite(p, start, start + 2, "Download", media="tcp-passive")
    wait_end(p, call, 10, 50)
    equal(call.media.faults, [], "faults")
    real = call.media.units[-1].time - call.media.units[0].time
    check(1.7 < real < 3, f"2 s took {real:.1f} s")
    same(call.media.assembler.video(), frames(0, 50))
    call.close()


def test_slow(t):
    """A receiver that stops reading for a while receives everything, and MediaStatus only after it."""
    p, _ = t.start()
    start = last_hour() - HOUR
    call = invite(p, start, start + 240, "Download", 1000, media="tcp-passive")
    check(call.media.wait_units(10), "no media")
    call.media.paused = True
    lib.stays(lambda: p.find_notes("MediaStatus"), [], 2, "MediaStatus while the receiver has not read everything")
    call.media.paused = False
    wait_end(p, call, 20, 240 * 25)
    equal(call.media.faults, [], "faults")
    same(call.media.assembler.video(), frames(0, 240 * 25))
    call.close()


lib.main(test, test_udp, test_no_speed, test_slow)
