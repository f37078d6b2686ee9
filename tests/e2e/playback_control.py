# SPDX-License-Identifier: MIT
"""MANSRTSP in INFO (annex B): pause and resume, seek, speeds from 0.25 to 4 and in reverse, TEARDOWN; the answers and
the resulting media."""

import time

import lib
from lib import check, equal

from _playback import FPS, invite, command, frames, same, wait_end
from _records import HOUR, last_hour

def started(t, seconds=HOUR, source="sim:", **kw):
    p, d = t.start(source=source)
    start = last_hour() - 2 * HOUR
    call = invite(p, start, start + seconds, **kw)
    equal(call.status, 200, "INVITE")
    check(call.media.wait_units(10), "no media")
    return p, d, call


def later(call, count, timeout=10):
    """Receives so many more units; (frames, seconds of media time, seconds by the clock)."""
    at = len(call.media.units)
    check(call.media.wait_units(at + count, timeout), "no more media")
    units = call.media.units[at - 1:at + count]
    return ([u.ps.video for u in units[1:]], ((units[-1].timestamp - units[0].timestamp) & 0xffffffff) / 90000,
            units[-1].time - units[0].time)


def settle(call):
    """Waits until media sent before the answer to a command has arrived."""
    at = len(call.media.units)
    call.media.wait_units(at + 2, 3)


def test_pause(t):
    p, d, call = started(t, 4)
    command(call, "PAUSE", "PauseTime: now")
    check(call.silent(1.5), "media while it is paused")
    session = d.status()["sessions"][0]
    equal((session["kind"], session["state"]), ("playback", "paused"), "kind and state")
    check(not call.ended_by_device, "BYE while paused")
    command(call, "PLAY", "Range: npt=now-")
    wait_end(p, call, 10, 100)
    same(call.media.assembler.video(), frames(0, 100), "frames across the pause")
    equal(call.media.faults, [], "faults")
    call.close()


def test_seek(t):
    p, _, call = started(t)
    command(call, "PLAY", "Range: npt=1803-")
    settle(call)
    # 1803 s are frame 45075, which is a key frame: 3 seconds into the clip of 6.
    found = lib.runs(call.media.assembler.video(), lib.clip_units())
    equal((len(found), found[0][0], found[1][0]), (2, 0, 75), f"runs {found}")
    command(call, "PAUSE")
    command(call, "PLAY", "Range: npt=0.5-")
    settle(call)
    found = lib.runs(call.media.assembler.video(), lib.clip_units())
    equal((len(found), found[2][0]), (3, 0), f"back to the key frame before 0.5 s: {found}")
    command(call, "PLAY", f"Range: npt={HOUR + 1}-", status=457)
    command(call, "PLAY", "Range: npt=200-100", status=457)
    check(later(call, 10), "playback stopped by a refused command")
    equal(len(lib.runs(call.media.assembler.video(), lib.clip_units())), 3, "where it was")
    command(call, "PLAY", "Range: npt=3599-")
    wait_end(p, call, 10)
    same(call.media.assembler.video()[-25:], frames(3599 * FPS, 25), "the last second of the hour")
    # Timestamps are continuous across seeks.
    equal(call.media.faults, [], "faults")
    equal({(b.timestamp - a.timestamp) & 0xffffffff for a, b in zip(call.media.units, call.media.units[1:])}, {3600},
          "steps")
    command(call, "PLAY", "Range: npt=0-", status=455)
    call.close()


def test_range_end(t):
    p, _, call = started(t)
    command(call, "PLAY", "Range: npt=100-102")
    wait_end(p, call, 10)
    same(call.media.assembler.video()[-50:], frames(100 * FPS, 50), "two seconds")
    call.close()


def test_speed(t):
    """At double speed twice as many frames are sent per second, and timestamps follow the receiver's clock."""
    _, _, call = started(t)
    for text, speed in (("2.000000", 2), ("0.5", .5), ("0.25", .25), ("1.0", 1)):
        command(call, "PLAY", f"Scale: {text}")
        settle(call)
        count = int(max(25 * speed, 8) * 2)
        got, media, real = later(call, count, 20)
        check(abs(real * 25 * speed - count) < count * .2 + 3, f"speed {speed}: {count} frames in {real:.2f} s")
        check(abs(media * 25 * speed - count) < .1, f"speed {speed}: {count} frames in {media:.3f} s of media time")
    equal(len(lib.runs(call.media.assembler.video(), lib.clip_units())), 1, "runs: all frames in order")
    equal(call.media.faults, [], "faults")
    call.close()


def test_fast(t):
    """From speed 4 on only key frames, spaced according to the speed."""
    _, _, call = started(t)
    command(call, "PLAY", "Scale: 8.0")
    settle(call)
    got, media, real = later(call, 16, 10)
    same(got, [u for u in frames(0, 150 * 5) if lib.h264.is_key(u)][lib.clip_units().index(got[0]) // 25:][:16],
         "one key frame after the other")
    # They are a second apart in the recording.
    check(abs(media - 2) < .01 and 1.6 < real < 2.6, f"16 s of recording in {media:.2f} s, {real:.2f} s by the clock")
    command(call, "PLAY", "Scale: 1.0")
    got = later(call, 30)[0]
    check(sum(lib.h264.is_key(u) for u in got) <= 3, "all frames again")
    equal(call.media.faults, [], "faults")
    call.close()


def test_backwards(t):
    """In reverse: GOPs in reverse order, each played forward; then only key frames; back to the start."""
    p, _, call = started(t)
    command(call, "PLAY", "Scale: -1.0", "Range: npt=60-")
    settle(call)
    at = len(call.media.units)
    got, media, _ = later(call, 75, 10)
    seen = call.media.assembler.video()
    first = next(i for i in range(10, len(seen)) if seen[i] == frames(60 * FPS, 1)[0])
    check(first < at, "it did not start at 60 s")
    want = [u for second in range(60, 0, -1) for u in frames(second * FPS, 25)]
    same(seen[first:], want[:len(seen) - first], "groups in reverse order")
    check(abs(media - 3) < .01, f"75 frames in {media} s")
    command(call, "PLAY", "Scale: -4.0", "Range: npt=10-")
    wait_end(p, call, 10)
    same(call.media.assembler.video()[-11:], [frames(second * FPS, 1)[0] for second in range(10, -1, -1)], "key frames")
    stamps = [u.timestamp for u in call.media.units[-11:]]
    equal({(b - a) & 0xffffffff for a, b in zip(stamps, stamps[1:])}, {22500}, "interval of a quarter of a second")
    equal(call.media.faults, [], "faults")
    call.close()


def test_b_pictures(t):
    """Reordered frames: timestamps are right after each seek and at each speed."""
    path = t.clip(size="320x180", frames=75, gop=25, bframes=3)
    source = lib.clip_units(path)
    p, _, call = started(t, source=f"sim:{path}")
    for headers in (["Range: npt=601-"], ["Scale: 2.0"], ["Scale: -1.0", "Range: npt=30-"], ["Scale: -4.0"],
                    ["Scale: 8.0"],
                    ["Scale: 1.0", "Range: npt=3598-"]):
        command(call, "PLAY", *headers)
        settle(call)
        later(call, 8)
    wait_end(p, call, 10)
    same(call.media.assembler.video()[-50:], frames(3598 * FPS, 50, source), "the last two seconds")
    equal(call.media.faults, [], "faults")
    units = [u.ps for u in call.media.units]
    check(any(u.dts is not None for u in units), "no DTS")
    decode = [u.pts if u.dts is None else u.dts for u in units]
    check(all(0 < b - a <= 90000 for a, b in zip(decode, decode[1:])), "decode times do not increase")
    check(all(u.dts is None or u.dts < u.pts for u in units), "PTS before DTS")
    call.close()


def test_refused(t):
    _, _, call = started(t)
    command(call, "PLAY", "Scale: 1000", status=501)
    command(call, "PLAY", "Scale: 2.0", "Range: npt=99999-", status=457)
    got, media, _ = later(call, 25)
    check(abs(media - 1) < .01, "the Scale of a command refused for its Range")
    equal(call.info("PLAY RTSP/1.0\r\nCSeq: 1\r\nRange: clock=19961108T143720Z-\r\n").status, 488,
          "another kind of range")
    equal(call.info("RECORD RTSP/1.0\r\nCSeq: 1\r\n").status, 488, "another method")
    call.close()


def test_teardown(t):
    _, d, call = started(t)
    command(call, "TEARDOWN")
    check(call.silent(), "media after TEARDOWN")
    check(d.wait_status(lambda s: not s["sessions"]), "the session is left")
    call.close()


lib.main(test_pause, test_seek, test_range_end, test_speed, test_fast, test_backwards, test_b_pictures, test_refused,
         test_teardown)
