# SPDX-License-Identifier: MIT
"""A clip sent as PS is received byte for byte, according to the test platform, ffmpeg and ffprobe."""

import lib
from lib import check, equal


def received(t, media, path, fps=100, channel=None):
    """Receives the clip twice; (its units, the receiver)."""
    source = lib.clip_units(path)
    p, _ = t.start(source=f"sim:{path}", channel={"fps": fps, **(channel or {})})
    call = p.invite(lib.CHANNEL, media=media)
    equal(call.status, 200, "INVITE")
    check(call.media.wait(lambda a: len(a.video()) >= 2 * len(source) + 10, 15), "too few access units")
    equal(call.close().status, 200, "BYE")
    equal(call.media.faults, [], "faults")
    return source, call.media


def through(t, media, fps=100, path=None, channel=None, **clip):
    """(the clip's units, those received, the receiver)"""
    h265 = clip.get("h265", False)
    path = path or t.clip(**clip)
    source, rx = received(t, media, path, fps, channel)
    got = rx.assembler.video()
    runs = lib.runs(got, source, h265)
    check(max(n for _, n in runs) >= len(source), f"no run as long as the clip: {runs}")
    size, count = rx.save(t.folder / "got.ps")
    out = t.folder / ("got.h265" if h265 else "got.h264")
    equal(lib.ffmpeg_video(t.folder / "got.ps", out), b"".join(got), f"ffmpeg's view of {count} units, {size} bytes")
    units = [u.ps for u in rx.units if u.ps and u.ps.video]
    probe(t, units, h265)
    return source, units, rx


def identical(t, media, **clip):
    return through(t, media, **clip)[:2]


def probe(t, units, h265):
    """ffprobe finds the codec, one frame per unit with the timestamps of the PES, and increasing decode times."""
    codec, packets = lib.ffprobe_video(t.folder / "got.ps")
    equal(codec, "hevc" if h265 else "h264", "codec")
    equal(len(packets), len(units), "frames")
    equal([pts for pts, _, _ in packets], [u.pts for u in units], "presentation times")
    equal([dts for _, dts, _ in packets], [u.decode for u in units], "decode times")
    dts = [dts for _, dts, _ in packets]
    check(all(a < b for a, b in zip(dts, dts[1:])), "decode times do not increase")
    equal(packets[0][2], True, "the first one being a key frame")
