# SPDX-License-Identifier: MIT
"""Reordered frames (B frames): access units arrive byte for byte, PES headers have PTS and DTS, decode times increase,
and the presentation order is that of ffprobe for the file."""

import json
import subprocess

import _identity
import lib
from lib import check, equal


def shown(path, source):
    """The file's units in ffprobe's presentation order."""
    done = subprocess.run(["ffprobe", "-threads", "1", "-hide_banner", "-loglevel", "error", "-show_entries",
                           "frame=pkt_pos", "-of",
                           "json", str(path)], capture_output=True, text=True, check=True, timeout=60)
    at, where = 0, {}
    for i, unit in enumerate(source):
        # for H.265 ffprobe counts the first zero of a start code as part of the previous unit
        where[at] = where[at + 1] = i
        at += len(unit)
    return [where[int(f["pkt_pos"])] for f in json.loads(done.stdout)["frames"]]


def ordered(t, media, **clip):
    path = t.clip(size="320x180", frames=60, gop=20, **clip)
    source, units = _identity.identical(t, media, path=path, h265=clip.get("h265", False))
    want = shown(path, source)
    equal(len(want), len(source), "frames found by ffprobe")
    check(any(a > b for a, b in zip(want, want[1:])), "the clip has no B frames")
    # PTS - DTS is the frame's reordering offset plus the delay that makes it positive for all frames.
    place = {n: i for i, n in enumerate(want)}
    delay = max(n - place[n] for n in place)
    number = {unit: n for n, unit in enumerate(source)}
    equal(len(number), len(source), "distinct access units of the clip")
    for u in units:
        n = number[u.video]
        check(abs(u.pts - u.decode - (place[n] - n + delay) * 900) <= 1, f"unit {n}: PTS {u.pts}, DTS {u.dts}")
        check(abs(u.decode - units[0].decode - round((u.decode - units[0].decode) / 900) * 900) <= 1,
              f"unit {n}: DTS {u.dts}")
    with_dts = sum(u.dts is not None for u in units)
    check(with_dts > len(units) // 4, f"only {with_dts} of {len(units)} units have a DTS")


def test_h264(t):
    ordered(t, "udp", bframes=3, extra=":b-pyramid=normal")


def test_h264_tcp(t):
    ordered(t, "tcp-passive", bframes=2, extra=":b-pyramid=none")


def test_h265(t):
    ordered(t, "udp", h265=True, bframes=3, extra=":open-gop=0")


def test_h265_open(t):
    """Leading pictures: they follow a CRA and are presented before it."""
    ordered(t, "tcp-passive", h265=True, bframes=4, extra=":open-gop=1")


lib.main(test_h264, test_h264_tcp, test_h265, test_h265_open)
