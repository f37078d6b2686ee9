# SPDX-License-Identifier: MIT
"""Recordings have the channel's audio: declared from the first key frame on, byte for byte next to the video, and part
of the file size of a download. At speeds other than 1 a playback has no audio."""

import json
import subprocess

import lib
from lib import check, equal

import _audio
from _playback import invite, command, frames, same, wait_end
from _records import HOUR, last_hour


def start(t, **kw):
    path, sound = _audio.aac(t)
    p, d = t.start(channel={"audio": f"sim:{path}"}, **kw)
    return p, d, sound, last_hour() - HOUR


def apart(call, fps=25):
    """Seconds from the first video to the first audio."""
    sound, video = _audio.units(call, "audio"), _audio.units(call, "video")
    return (sound[0][0] - video[0][0]) / 90000


def test_playback(t):
    p, _, sound, begin = start(t)
    call = invite(p, begin, begin + 4, media="tcp-passive", f="v/2/////a/1/8/1")
    check(call.answer.f.endswith("a/6//"), f"f={call.answer.f}")
    wait_end(p, call, 12, 100)
    same(call.media.assembler.video(), frames(0, 100))
    got = _audio.heard(call, _audio.PS.AAC, 40)
    equal(_audio.is_loop(got, sound), 0, "start of the audio in the file")
    check(0 <= apart(call) < .04, f"the audio starts {apart(call)} s after the video")
    units = _audio.units(call, "audio")
    check(abs(len(units) * 1024 / 16000 - 4) < .07, f"{len(units)} units of 64 ms in 4 s")
    program = t.folder / "got.ps"
    call.media.save(program)
    done = subprocess.run(["ffprobe", "-v", "error", "-of", "json", "-show_streams", "-f", "mpeg", str(program)],
                          capture_output=True,
                          text=True, timeout=60)
    equal({s["codec_name"] for s in json.loads(done.stdout)["streams"]}, {"h264", "aac"}, "codecs")
    call.close()


def test_download(t):
    p, _, sound, begin = start(t)
    call = invite(p, begin, begin + 20, "Download", 8, media="tcp-passive")
    equal(call.status, 200, "INVITE")
    wait_end(p, call, 20, 500)
    same(call.media.assembler.video(), frames(0, 500))
    got = b"".join(call.media.assembler.audio())
    equal(call.media.faults, [], "faults")
    check(len(got) > 2 * len(sound), f"{len(got)} bytes of audio in 20 s")
    equal(_audio.is_loop(got, sound), 0, "start of the audio in the file")
    equal(int(call.answer.attributes["filesize"]), sum(map(len, frames(0, 500))) + len(got), "filesize")
    call.close()
    program = t.folder / "got.ps"
    call.media.save(program)
    theirs = _audio.ffmpeg_aac(program, t.folder / "got.aac")
    check(got.startswith(theirs) and len(theirs) > len(got) * 0.95,
          f"ffmpeg finds {len(theirs)} of {len(got)} bytes of audio")
    # ffmpeg cannot know that the last frame is complete.
    theirs = lib.ffmpeg_video(program, t.folder / "got.h264")
    check(b"".join(frames(0, 500)).startswith(theirs) and len(theirs) >= sum(map(len, frames(0, 499))),
          "video extracted by ffmpeg")


def test_control(t):
    """Double speed: video only. After a seek at speed 1: both, in sync."""
    p, _, sound, begin = start(t)
    call = invite(p, begin, begin + 600, media="tcp-passive")
    _audio.heard(call, _audio.PS.AAC, 10)
    command(call, "PLAY", "Scale: 2.0")
    count = len(call.media.units)
    check(call.media.wait_units(count + 20, 10), "no video")      # what was sent before
    count = len(call.media.units)
    check(call.media.wait_units(count + 50, 10), "no video")
    equal([u for u in call.media.units[count:] if u.ps.audio], [], "audio at double speed")
    command(call, "PLAY", "Scale: 1.0", "Range: npt=300-")
    before = len(call.media.assembler.audio())
    check(call.media.wait(lambda a: len(a.audio()) >= before + 30, 15), "no audio after the seek")
    call.close()
    equal(call.media.faults, [], "faults")
    got = b"".join(call.media.assembler.audio()[before:])
    check(_audio.is_loop(got, sound) is not None, "not the file's audio")


lib.main(test_playback, test_download, test_control)
