# SPDX-License-Identifier: MIT
"""AAC with ADTS headers next to the video, over UDP and TCP: ffmpeg extracts both from the recorded program stream byte
for byte, with increasing and matching timestamps."""

import json
import shutil
import subprocess

import lib
from lib import check, equal

import _audio


def probe(path, *args):
    done = subprocess.run(["ffprobe", "-v", "error", "-of", "json", "-f", "mpeg", *args, str(path)],
                          capture_output=True, text=True,
                          timeout=60)
    equal((done.returncode, done.stderr), (0, ""), "ffprobe")
    return json.loads(done.stdout)


def test(t):
    lib.need(shutil.which("ffprobe"), "ffprobe is not installed")
    path, sound = _audio.aac(t)
    clip = t.clip(frames=50, gop=25)
    p, _ = t.start(source=f"sim:{clip}", channel={"audio": f"sim:{path}"})
    for media in ("udp", "tcp-passive"):
        call = p.invite(lib.CHANNEL, media=media)
        _audio.heard(call, _audio.PS.AAC, 50)
        second = p.invite(lib.CHANNEL, ssrc="0200000002", f="v/2/////a/6//")
        equal(second.answer.f, "v/2////a/6//", "f=")
        second.close()
        call.close()
        got = b"".join(call.media.assembler.audio())
        check(_audio.is_loop(got, sound) is not None, f"{len(got)} bytes are not the file's")
        program, out = t.folder / f"{media}.ps", t.folder / f"{media}.aac"
        call.media.save(program)
        streams = {s["codec_type"]: s for s in probe(program, "-show_streams")["streams"]}
        equal({k: v["codec_name"] for k, v in streams.items()}, {"video": "h264", "audio": "aac"}, "codecs")
        equal((streams["audio"]["sample_rate"], streams["audio"]["channels"]), ("16000", 1), "of the audio")
        times = {"video": [], "audio": []}
        for packet in probe(program, "-show_packets")["packets"]:
            if "pts_time" in packet:
                times[packet["codec_type"]].append(float(packet["pts_time"]))
        for kind, stamps in times.items():
            check(len(stamps) > 40, f"{kind}: {len(stamps)} times")
            equal(stamps, sorted(set(stamps)), f"{kind}: times")
        check(abs(times["video"][-1] - times["audio"][-1]) < 0.3, f"ends {times['video'][-1]}, {times['audio'][-1]}")
        theirs = _audio.ffmpeg_aac(program, out)
        check(got.startswith(theirs) and len(theirs) > len(got) * 0.9, f"ffmpeg: {len(theirs)} of {len(got)} bytes")
        equal(b"".join(call.media.assembler.video()).startswith(lib.ffmpeg_video(program, t.folder / "v.h264")), True,
              "video")
        print(f"{media}: {len(got)} bytes of AAC, ffmpeg gave {len(theirs)}")


def test_rates(t):
    """Other sampling rates: the timestamps follow the rate in the header."""
    for rate in (8000, 44100):
        path, sound = _audio.aac(t, rate)
        p, d = t.start(channel={"audio": f"sim:{path}"})
        call = p.invite(lib.CHANNEL)
        got = _audio.heard(call, _audio.PS.AAC, 20)
        call.close()
        check(_audio.is_loop(got, sound) is not None, "not the file's bytes")
        # samples of a unit: 1024 for each of its frames
        units = _audio.units(call, "audio")
        frames = [sum(1 for _ in frame_lengths(data)) for _, data in units]
        equal(set(frames), {1}, f"{rate} Hz: frames per PES; platforms give them all its timestamp")
        ticks = units[-1][0] - units[0][0]
        want = sum(frames[:-1]) * 1024 * 90000 / rate
        check(abs(ticks - want) <= 2, f"{rate} Hz: {ticks} ticks, {want} by the samples")
        d.stop()


def test_with_b_frames(t):
    """H.265 with reordered frames: audio is interleaved by decode time."""
    path, sound = _audio.aac(t)
    clip = t.clip(size="320x180", frames=60, gop=20, h265=True, bframes=3)
    p, _ = t.start(source=f"sim:{clip}", channel={"audio": f"sim:{path}"})
    call = p.invite(lib.CHANNEL, media="tcp-passive")
    _audio.heard(call, _audio.PS.AAC, 60, video=_audio.PS.H265)
    call.close()
    got = b"".join(call.media.assembler.audio())
    check(_audio.is_loop(got, sound) is not None, "not the file's bytes")
    lib.runs(call.media.assembler.video(), lib.clip_units(clip), True)
    units = [u.ps for u in call.media.units if u.ps]
    check(any(u.dts is not None for u in units), "no reordered frames")
    check(all(a.decode <= b.decode + 1 for a, b in zip(units, units[1:])), "not in the order of decode times")
    program = t.folder / "got.ps"
    call.media.save(program)
    equal({s["codec_name"] for s in probe(program, "-show_streams")["streams"]}, {"hevc", "aac"}, "codecs")
    equal(lib.ffmpeg_video(program, t.folder / "got.h265"), b"".join(call.media.assembler.video()),
          "video extracted by ffmpeg")


def frame_lengths(data):
    at = 0
    while at < len(data):
        length = (data[at + 3] & 3) << 11 | data[at + 4] << 3 | data[at + 5] >> 5
        yield length
        at += length


lib.main(test, test_rates, test_with_b_frames)
