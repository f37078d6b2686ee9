# SPDX-License-Identifier: MIT
"""Shared by the audio tests: files made by ffmpeg, and their contents as received."""

import shutil
import struct
import subprocess

import lib
from lib import check, equal

PS = lib.rtp.ps


def make(path, *codec, seconds=2.0, rate=8000):
    """Has ffmpeg make a sweep, which never repeats. codec: ffmpeg's options, the format last."""
    lib.need(shutil.which("ffmpeg"), "ffmpeg is not installed")
    sweep = f"aevalsrc=0.5*sin(2*PI*t*(200+150*t))+0.2*random(0):s={rate}:d={seconds}"
    subprocess.run(["ffmpeg", "-hide_banner", "-loglevel", "error", "-nostdin", "-y", "-f", "lavfi", "-i", sweep, "-ac",
                    "1",
                    *codec, str(path)], check=True, timeout=60)
    data = path.read_bytes()
    check(data, "ffmpeg wrote no output")
    return data


def g711(t, law):
    """(path, bytes) of a .pcma or .pcmu file; its length is not a multiple of the unit size."""
    path = t.folder / f"sound.pcm{law}"
    return path, make(path, "-f", {"a": "alaw", "u": "mulaw"}[law], seconds=2.01)


def aac(t, rate=16000):
    path = t.folder / f"sound{rate}.aac"
    return path, make(path, "-c:a", "aac", "-b:a", "48k", "-f", "adts", rate=rate)


def ffmpeg_aac(program, out):
    """The AAC that ffmpeg extracts from a program stream."""
    subprocess.run(["ffmpeg", "-hide_banner", "-loglevel", "error", "-nostdin", "-y", "-f", "mpeg", "-i", str(program),
                    "-map", "0:a",
                    "-c", "copy", "-f", "adts", str(out)], check=True, timeout=60)
    return out.read_bytes()


def is_loop(part, whole):
    """The offset at which `part` starts in the looped `whole`, None if it is not there."""
    at = (whole * (len(part) // len(whole) + 2)).find(part)
    return at if at >= 0 else None


def decode(data, law, rate=8000):
    """Samples, decoded by ffmpeg."""
    done = subprocess.run(["ffmpeg", "-hide_banner", "-loglevel", "error", "-nostdin", "-f",
                           {"a": "alaw", "u": "mulaw"}[law],
                           "-ar", str(rate), "-ac", "1", "-i", "-", "-f", "s16le", "-"], input=data,
                          capture_output=True, timeout=60)
    equal((done.returncode, done.stderr), (0, b""), "ffmpeg")
    return struct.unpack(f"<{len(done.stdout) // 2}h", done.stdout)


def units(call, kind):
    """The complete "video" or "audio" units received, as (pts, bytes)."""
    return [(u.ps.pts, getattr(u.ps, kind)) for u in call.media.units if u.ps and getattr(u.ps, kind)]


def heard(call, stream_type, count=60, timeout=15, video=PS.H264):
    """Waits for so many audio units; returns their bytes. Every PSM must declare them as stream_type, next to the
    video."""
    check(call.media.wait(lambda a: len(a.audio()) >= count, timeout),
          f"fewer than {count} audio units: {call.media.faults}")
    equal(call.media.faults, [], "faults")
    maps = [u.ps.psm for u in call.media.units if u.ps and u.ps.psm]
    equal([m for m in maps if m != {0xe0: video, 0xc0: stream_type}], [], "other PSMs")
    return b"".join(call.media.assembler.audio())
