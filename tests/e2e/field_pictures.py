# SPDX-License-Identifier: MIT
"""A clip of field pictures (PAFF), and one with a prefix NAL before each slice and slices of a second view after it, as
written by encoders of scalable and stereo video: one access unit and one pack per frame, at the clip's rate; ffprobe
counts as many."""

import json
import subprocess

import lib
from lib import check, equal

h264 = lib.h264


class Bits:
    """RBSP, by H.264 7.3."""

    def __init__(self):
        self.text = ""

    def u(self, n, value):
        self.text += format(value, f"0{n}b") if n else ""
        return self

    def ue(self, *values):
        for value in values:
            code = format(value + 1, "b")
            self.text += "0" * (len(code) - 1) + code
        return self

    def raw(self, data):
        """Bytes, aligned."""
        self.text += "0" * (-len(self.text) % 8)
        self.text += "".join(format(byte, "08b") for byte in data)
        return self

    def nal(self, header):
        bits = self.text + "1"
        bits += "0" * (-len(bits) % 8)
        return b"\0\0\0\1" + bytes([header]) + int(bits, 2).to_bytes(len(bits) // 8, "big")


# Main profile, 16 x 32, frame_num and pic_order_cnt_lsb of 4 and 6 bits, frames and fields.
SPS = Bits().u(24, 0x4d001e).ue(0, 0, 0, 2, 4).u(1, 0).ue(0, 0).u(5, 0b00100).nal(0x67)
PPS = Bits().ue(0, 0).u(2, 0).ue(0, 0, 0).u(3, 0).ue(0, 0, 0).u(3, 0).nal(0x68)


def field(bottom, frame, lsb, grey, idr=False):
    """One macroblock of I_PCM."""
    b = Bits().ue(0, 7, 0).u(4, frame % 16).u(2, 2 | bottom)
    if idr:
        b.ue(0)
    return b.u(6, lsb % 64).u(2 if idr else 1, 0).ue(0, 25).raw(bytes([grey]) * 384).nal(0x65 if idr else 0x41)


def paff(frames=50, gop=10):
    """The access units: two fields each, every other one with delimiters."""
    units, aud = [], b"\0\0\0\1\x09\xf0"
    for n in range(frames):
        k = n % gop
        ahead = aud if n % 2 else b""
        first = field(0, k, 2 * k, 32 + 4 * n, idr=k == 0)
        units.append(ahead + (SPS + PPS if k == 0 else b"") + first + ahead + field(1, k, 2 * k + 1, 34 + 4 * n))
    return units


def frames(path):
    done = subprocess.run(["ffprobe", "-v", "error", "-count_frames", "-show_entries",
                           "stream=nb_read_frames,width,height", "-of", "json",
                           str(path)], capture_output=True, text=True, timeout=60, check=True)
    stream = json.loads(done.stdout)["streams"][0]
    return int(stream["nb_read_frames"])


def through(t, units):
    path = t.folder / "clip.h264"
    path.write_bytes(b"".join(units))
    lib.need(h264.have("libx264"), "ffmpeg with libx264 is not installed")
    equal(frames(path), len(units), "frames of the clip by ffprobe")
    p, d = t.start(source=f"sim:{path}", channel={"fps": 50})
    call = p.invite(lib.CHANNEL, media="tcp-passive")
    check(call.media.wait(lambda a: len(a.video()) >= 2 * len(units) + 10, 20), "too few access units")
    call.close()
    equal(call.media.faults, [], "faults")
    got = call.media.assembler.video()
    check(max(n for _, n in lib.runs(got, units)) >= len(units), "no run as long as the clip")
    steps = {b.ps.decode - a.ps.decode for a, b in zip(call.media.units, call.media.units[1:])}
    equal(steps, {1800}, "steps of the decode times")
    out = t.folder / "got.h264"
    call.media.save(t.folder / "got.ps")
    equal(lib.ffmpeg_video(t.folder / "got.ps", out), b"".join(got), "video extracted by ffmpeg")
    equal(frames(out), len(got), "frames by ffprobe")
    d.stop()


def test_fields(t):
    through(t, paff())


def test_views(t):
    prefix, view = b"\0\0\0\1\x6e\x40\x80\x07", b"\0\0\0\1\x74\x40\x80\x07\x88\x80"
    source = h264.access_units(t.clip(size="320x180", frames=50, gop=10, slices=4).read_bytes())
    units = []
    for unit in source:
        parts = [(unit[header] & 31, unit[start:end]) for start, header, end in h264.nals(unit)]
        check(sum(kind in (1, 5) for kind, _ in parts) == 4, "not four slices")
        units.append(b"".join(prefix + part + view if kind in (1, 5) else part for kind, part in parts))
    through(t, units)


lib.main(test_fields, test_views)
