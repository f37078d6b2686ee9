# SPDX-License-Identifier: MIT
"""Each video codec over each transport, with AAC: access units from a few bytes to 300 KB in four slices, with all
sizes around the ends of RTP packets and PES, are received byte for byte, demultiplexed by ffmpeg, and so is the
audio."""

import json
import subprocess

import _audio
import _identity
import lib
from lib import check, equal, h264

KEY_BYTES = 300_000
# An RTP payload has 1400 bytes, a PES at most 65535 after its length field; pack and PES header precede the first video
# byte.
BORDERS = [n * 1400 - 28 + d for n in (1, 2, 46, 47, 93) for d in (-6, -5, -1, 0, 1)] + [65535 - 8 + d
                                                                                         for d in (-1, 0, 1)]


def padded(unit, size, h265):
    """The access unit with filler data (H.264 7.3.2.7, H.265 7.3.2.8) after its slices, if there is room for it."""
    head = b"\0\0\0\1\x4c\1" if h265 else b"\0\0\0\1\x0c"
    room = size - len(unit) - len(head) - 1
    return unit + head + b"\xff" * room + b"\x80" if room >= 0 else unit


def make(t, h265):
    slices = {"size": "640x512", "extra": ":open-gop=0"} if h265 else {"size": "320x180"}
    path = t.clip(frames=2 * len(BORDERS), gop=len(BORDERS), slices=4, qp=44, h265=h265, **slices)
    units = lib.clip_units(path)
    keys = iter((KEY_BYTES, 65536 + 1400))
    sizes = iter(BORDERS)
    made = []
    for n, u in enumerate(units):
        size = next(keys) if h264.is_key(u, h265) else next(sizes, 0) if n % 2 else 0
        made.append(padded(u, size, h265))
    path.write_bytes(b"".join(made))
    equal(lib.clip_units(path), made, "access units of the clip")
    lengths = {len(u) for u in made}
    check(KEY_BYTES in lengths and min(lengths) < 500 and len(lengths & set(BORDERS)) >= 20, f"sizes {sorted(lengths)}")
    kinds = h264.nal_types(made[2], h265)
    equal(sum(1 <= k <= 5 for k in kinds) if not h265 else kinds.count(1), 4, "slices")
    return path


def through(t, media, h265):
    path = make(t, h265)
    sound_path, sound = _audio.aac(t)
    _, _, rx = _identity.through(t, media, path=path, h265=h265, fps=50, channel={"audio": f"sim:{sound_path}"})
    got = b"".join(rx.assembler.audio())
    check(_audio.is_loop(got, sound) is not None, f"{len(got)} bytes of audio are not the file's")
    program, out = t.folder / "got.ps", t.folder / "got.aac"
    subprocess.run(["ffmpeg", "-hide_banner", "-loglevel", "error", "-nostdin", "-y", "-f", "mpeg", "-i", str(program),
                    "-map", "0:a",
                    "-c", "copy", "-f", "adts", str(out)], check=True, timeout=60)
    theirs = out.read_bytes()
    check(got.startswith(theirs) and len(theirs) > len(got) * 0.9,
          f"ffmpeg: {len(theirs)} of {len(got)} bytes of audio")
    done = subprocess.run(["ffprobe", "-v", "error", "-f", "mpeg", "-select_streams", "a:0", "-show_entries",
                           "stream=codec_name:packet=pts", "-of", "json", str(program)], capture_output=True, text=True,
                          check=True,
                          timeout=60)
    found = json.loads(done.stdout)
    equal([s["codec_name"] for s in found["streams"]], ["aac"], "audio codec")
    pts = [p["pts"] for p in found["packets"] if "pts" in p]
    check(len(pts) > 20 and all(a < b for a, b in zip(pts, pts[1:])), "audio timestamps do not increase")


def test_h264_udp(t):
    through(t, "udp", False)


def test_h264_tcp_connecting(t):
    through(t, "tcp-passive", False)


def test_h264_tcp_listening(t):
    through(t, "tcp-active", False)


def test_h265_udp(t):
    through(t, "udp", True)


def test_h265_tcp_connecting(t):
    through(t, "tcp-passive", True)


def test_h265_tcp_listening(t):
    through(t, "tcp-active", True)


lib.main(test_h264_udp, test_h264_tcp_connecting, test_h264_tcp_listening, test_h265_udp, test_h265_tcp_connecting,
         test_h265_tcp_listening)
