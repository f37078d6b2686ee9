# SPDX-License-Identifier: MIT
"""H.264 as PS over UDP, demultiplexed by ffmpeg, is the source byte for byte: large IDRs, many slices, AUD."""

import _identity
import lib
from lib import check, h264

MEDIA = "udp"


def test_large_idr(t):
    source, _ = _identity.identical(t, MEDIA, fps=25, size="1280x720", frames=40, gop=20, noise=14, qp=24)
    largest = max(len(u) for u in source)
    check(largest > 200 * 1024, f"the largest access unit has only {largest} bytes")


def test_many_slices(t):
    source, _ = _identity.identical(t, MEDIA, size="640x360", frames=40, gop=20, slices=8)
    check(h264.nal_types(source[1]).count(1) == 8, "the clip has no 8 slices")


def test_aud(t):
    source, _ = _identity.identical(t, MEDIA, size="640x360", frames=40, gop=20, slices=4, aud=True)
    check(h264.nal_types(source[1])[0] == 9, "the clip has no AUD")


def test_one_slice(t):
    _identity.identical(t, MEDIA, size="640x360", frames=40, gop=20)


if __name__ == "__main__":
    lib.main(test_large_idr, test_many_slices, test_aud, test_one_slice)
