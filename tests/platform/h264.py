# SPDX-License-Identifier: MIT
"""H.264 Annex B: NAL units and access units (ITU-T H.264 7.4.1.2.3), only as far as tests need them."""

import re
import shutil
import subprocess

START = re.compile(rb"\x00?\x00\x00\x01")


def nals(data):
    """[(offset, offset of the NAL header, end)] of an Annex-B stream; the leading zero belongs to the NAL after it."""
    found = [(m.start(), m.end()) for m in START.finditer(data)]
    ends = [start for start, _ in found[1:]] + [len(data)]
    return [(start, header, end) for (start, header), end in zip(found, ends)]


def nal_types(data):
    return [data[header] & 0x1f for _, header, _ in nals(data)]


def access_units(data):
    """The stream cut into access units; joined they are the stream."""
    cuts, seen_vcl = [], False
    for start, header, end in nals(data):
        kind = data[header] & 0x1f
        vcl = 1 <= kind <= 5
        first = vcl and header + 1 < end and data[header + 1] & 0x80      # first_mb_in_slice is 0
        if not cuts or seen_vcl and (first or kind in (6, 7, 8, 9) or 14 <= kind <= 18):
            cuts.append(start)
            seen_vcl = False
        seen_vcl = seen_vcl or vcl
    return [data[a:b] for a, b in zip(cuts, cuts[1:] + [len(data)])]


def is_key(unit):
    return 5 in nal_types(unit)


def have_x264():
    if not shutil.which("ffmpeg"):
        return False
    out = subprocess.run(["ffmpeg", "-hide_banner", "-encoders"], capture_output=True, text=True).stdout
    return "libx264" in out


def make_clip(path, size="640x360", frames=50, gop=25, fps=25, slices=1, aud=False, noise=0, qp=28):
    """A clip by ffmpeg's libx264: no B pictures, parameter sets before each IDR."""
    filters = f"noise=alls={noise}" if noise else "null"
    params = (f"keyint={gop}:min-keyint={gop}:scenecut=0:bframes=0:slices={slices}:threads=1:sliced-threads=0:"
              f"aud={int(aud)}:repeat-headers=1:qp={qp}")
    subprocess.run(["ffmpeg", "-hide_banner", "-loglevel", "error", "-nostdin", "-y", "-f", "lavfi", "-i",
                    f"testsrc2=size={size}:rate={fps}", "-vf", filters, "-frames:v", str(frames), "-pix_fmt", "yuv420p",
                    "-c:v", "libx264", "-preset", "ultrafast", "-x264-params", params,
                    "-f", "h264", str(path)], check=True, timeout=60)
    with open(path, "rb") as f:
        return f.read()
