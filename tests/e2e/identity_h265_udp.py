# SPDX-License-Identifier: MIT
"""H.265 as PS over UDP, demultiplexed by ffmpeg, is the source byte for byte: key frames of over 200 KB, many slices,
AUD; IDR, CRA and BLA key frames, each with VPS, SPS and PPS and preceded by a PSM with type 0x24."""

import _identity
import lib
from lib import check, equal, h264

MEDIA = "udp"
BLA_N_LP, IDR_W_RADL, IDR_N_LP, CRA = 18, 19, 20, 21


def through(t, kinds, **clip):
    source, units = _identity.identical(t, MEDIA, h265=True, **clip)
    for unit in units:
        if unit.key:
            equal(unit.psm.get(0xe0), 0x24, "stream type")
            equal([k for k in h264.nal_types(unit.video, True) if 32 <= k <= 34], [32, 33, 34], "VPS, SPS, PPS")
    found = {k for u in source for k in h264.nal_types(u, True) if 16 <= k < 24}
    equal(found, kinds, "kinds of key frames in the clip")
    return source


def test_large_idr(t):
    source = through(t, {IDR_N_LP}, fps=25, size="1280x720", frames=30, gop=15, noise=14, qp=22, extra=":open-gop=0")
    largest = max(len(u) for u in source)
    check(largest > 200 * 1024, f"the largest access unit has only {largest} bytes")


def test_many_slices_and_aud(t):
    source = through(t, {IDR_N_LP}, size="640x512", frames=40, gop=20, slices=4, aud=True, extra=":open-gop=0")
    kinds = h264.nal_types(source[1], True)
    check(kinds[0] == 35 and kinds.count(1) == 4, f"the clip has no AUD and 4 slices: {kinds}")


def test_cra(t):
    through(t, {IDR_N_LP, CRA}, size="640x360", frames=40, gop=20, extra=":open-gop=1")


def test_bla(t):
    """Makes BLA pictures, which encoders do not write, from CRA without leading pictures by changing the NAL type."""
    made = bytearray(t.clip("cra.h265", size="640x360", frames=40, gop=20, h265=True, extra=":open-gop=1").read_bytes())
    for _, header, _ in h264.nals(bytes(made)):
        if made[header] >> 1 & 0x3f == CRA:
            made[header] = BLA_N_LP << 1
    path = t.folder / "bla.h265"
    path.write_bytes(made)
    through(t, {IDR_N_LP, BLA_N_LP}, path=path)


if __name__ == "__main__":
    lib.main(test_large_idr, test_many_slices_and_aud, test_cra, test_bla)
