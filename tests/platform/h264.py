# SPDX-License-Identifier: MIT
"""H.264 and H.265 Annex B: NAL units and access units, as far as the tests need them."""

import re
import shutil
import subprocess

START = re.compile(rb"\x00?\x00\x00\x01")


def nals(data):
    """[(offset, offset of the NAL header, end)] of an Annex-B stream; the leading zero belongs to the NAL after it."""
    found = [(m.start(), m.end()) for m in START.finditer(data)]
    ends = [start for start, _ in found[1:]] + [len(data)]
    return [(start, header, end) for (start, header), end in zip(found, ends)]


def nal_types(data, h265=False):
    return [data[header] >> 1 & 0x3f if h265 else data[header] & 0x1f for _, header, _ in nals(data)]


def access_units(data, h265=False):
    """Splits the stream into access units, without loss (H.264 7.4.1.2.3, H.265 7.4.2.4.4)."""
    cuts, seen_vcl = [], False
    for start, header, end in nals(data):
        kind = data[header] >> 1 & 0x3f if h265 else data[header] & 0x1f
        vcl = kind < 32 if h265 else 1 <= kind <= 5
        # first_slice_segment_in_pic_flag; first_mb_in_slice is 0
        flag = header + 2 if h265 else header + 1
        first = vcl and flag < end and data[flag] & 0x80
        new = kind in (32, 33, 34, 35, 39) or 41 <= kind <= 44 or 48 <= kind <= 55 if h265 else \
            kind in (6, 7, 8, 9) or 14 <= kind <= 18
        if not cuts or seen_vcl and (first or new):
            cuts.append(start)
            seen_vcl = False
        seen_vcl = seen_vcl or vcl
    return [data[a:b] for a, b in zip(cuts, cuts[1:] + [len(data)])]


def is_key(unit, h265=False):
    return any(16 <= kind < 24 if h265 else kind == 5 for kind in nal_types(unit, h265))


def have(encoder):
    if not shutil.which("ffmpeg"):
        return False
    out = subprocess.run(["ffmpeg", "-hide_banner", "-encoders"], capture_output=True, text=True).stdout
    return encoder in out


def make_clip(path, size="640x360", frames=50, gop=25, fps=25, slices=1, aud=False, noise=0, qp=28, h265=False,
              bframes=0,
              extra=""):
    """Encodes a clip by ffmpeg's libx264 or libx265, with parameter sets before each key frame."""
    filters = f"noise=alls={noise}" if noise else "null"
    params = (f"keyint={gop}:min-keyint={gop}:scenecut=0:bframes={bframes}:slices={slices}:aud={int(aud)}:"
              f"repeat-headers=1:qp={qp}")
    params += ":log-level=error:info=0:b-adapt=0" if h265 else ":threads=1:sliced-threads=0:b-adapt=0"
    subprocess.run(["ffmpeg", "-hide_banner", "-loglevel", "error", "-nostdin", "-y", "-f", "lavfi", "-i",
                    f"testsrc2=size={size}:rate={fps}", "-vf", filters, "-frames:v", str(frames), "-pix_fmt", "yuv420p",
                    "-c:v", "libx265" if h265 else "libx264", "-preset", "ultrafast",
                    "-x265-params" if h265 else "-x264-params", params + extra, "-f", "hevc" if h265 else "h264",
                    str(path)],
                   check=True, timeout=60)
    with open(path, "rb") as f:
        return f.read()
