# SPDX-License-Identifier: MIT
"""G.711 of both laws next to the video: the bytes of the file, over UDP and TCP, for three viewers of one source.
ffmpeg decodes what our demultiplexer extracted, as its own mistakes the standard's 0x90 for MPEG audio."""

import lib
from lib import check, equal

import _audio


def serve(t, law, stream_type):
    path, sound = _audio.g711(t, law)
    clip = t.clip(frames=50, gop=25)
    p, d = t.start(source=f"sim:{clip}", channel={"audio": f"sim:{path}"})
    calls = [p.invite(lib.CHANNEL), p.invite(lib.CHANNEL, media="tcp-passive", ssrc="0200000002", f="v/2/////a/1/8/1"),
             p.invite(lib.CHANNEL, media="tcp-active", ssrc="0200000003")]
    equal([c.status for c in calls], [200, 200, 200], "INVITE")
    for call in calls:
        _audio.heard(call, stream_type)
        units = _audio.units(call, "audio")             # more may arrive at any time
        got = b"".join(data for _, data in units)
        at = _audio.is_loop(got, sound)
        check(at is not None, f"{len(got)} bytes are not the file's")
        lib.runs(call.media.assembler.video(), lib.clip_units(clip))
        first, last = units[0], units[-1]
        equal((last[0] - first[0]) * 8000 // 90000, len(got) - len(last[1]),
              "samples between the first and the last PTS")
        expected = _audio.decode((sound * (len(got) // len(sound) + 2))[at:at + len(got)], law)
        equal(_audio.decode(got, law), expected, "audio decoded by ffmpeg")
        print(f"G.711 {law}: {len(got)} bytes from byte {at} of the file")
    check(calls[1].answer.f and calls[1].answer.f.endswith("a/1/8/1"), f"f={calls[1].answer.f}")
    equal(d.status()["sessions"][0]["dropped_frames"], 0, "dropped")
    for call in calls:
        call.close()


def test_a_law(t):
    serve(t, "a", _audio.PS.G711A)


def test_mu_law(t):
    serve(t, "u", _audio.PS.G711U)


lib.main(test_a_law, test_mu_law)
