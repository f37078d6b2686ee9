# SPDX-License-Identifier: MIT
"""What is received over UDP is the source byte for byte, as ffmpeg demultiplexes it: large IDRs, many slices, AUD."""

import lib
from lib import check, equal, h264

MEDIA = "udp"


def identical(t, media, **clip):
    path = t.clip(**clip)
    source = lib.clip_units(path)
    p, _ = t.start(source=f"sim:{path}", channel={"fps": 25})
    call = p.invite(lib.CHANNEL, media=media)
    equal(call.status, 200, "INVITE")
    check(call.media.wait_units(len(source) + 20, 15), "too few access units")
    equal(call.close().status, 200, "BYE")
    equal(call.media.faults, [], "faults")
    got = call.media.assembler.video()
    runs = lib.runs(got, source)
    check(max(n for _, n in runs) >= len(source), f"no run as long as the clip: {runs}")
    size, count = call.media.save(t.folder / "got.ps")
    equal(lib.ffmpeg_video(t.folder / "got.ps", t.folder / "got.h264"), b"".join(got),
          f"ffmpeg's view of {count} units, {size} bytes")
    return source


def test_large_idr(t):
    source = identical(t, MEDIA, size="1280x720", frames=40, gop=20, noise=14, qp=24)
    largest = max(len(u) for u in source)
    check(largest > 200 * 1024, f"the largest access unit has only {largest} bytes")


def test_many_slices(t):
    source = identical(t, MEDIA, size="640x360", frames=40, gop=20, slices=8)
    check(h264.nal_types(source[1]).count(1) == 8, "the clip has no 8 slices")


def test_aud(t):
    source = identical(t, MEDIA, size="640x360", frames=40, gop=20, slices=4, aud=True)
    check(h264.nal_types(source[1])[0] == 9, "the clip has no AUD")


def test_one_slice(t):
    identical(t, MEDIA, size="640x360", frames=40, gop=20)


if __name__ == "__main__":
    lib.main(test_large_idr, test_many_slices, test_aud, test_one_slice)
